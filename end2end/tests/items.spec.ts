// Items: list, create, edit and delete. These tests write, so each has its own server.
import type { Page } from '@playwright/test';
import { expect, signIn, withServer } from './fixtures';

const test = withServer();

/** Makes an item and leaves the person on its page. */
async function add(page: Page, name: string): Promise<void> {
  await page.goto('/items/new');
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
}

/** Holds the answers of the server function `path` back until what it gives is called. */
async function hold(page: Page, path: string): Promise<() => void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(`**/rpc/items/${path}`, async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

const unavailable = {
  status: 503,
  json: {
    name: 'ServiceUnavailableError', message: 'The store is not available. Try again later', code: 'store_unavailable',
    status: 503, inner: { message: 'The store is not available. Try again later' },
  },
};

const toast = (page: Page, text: string | RegExp) => page.locator('.toasts').getByText(text);

test('an item is created after its form showed errors next to the fields', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await page.goto('/items');
  await page.getByRole('link', { name: 'New item' }).click();
  await expect(page).toHaveTitle('New item · Portcullis');
  await page.getByLabel('Price').fill('much');
  await page.getByRole('button', { name: 'Create item' }).click();
  const name = page.getByLabel('Name');
  await expect(name).toBeFocused();
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(name).toHaveAccessibleDescription('An item needs a name');
  await expect(page.getByLabel('Price')).toHaveAccessibleDescription('For example 49.90 A price is a number, for example 49.90');
  // What is put right is called right at once.
  await name.fill('Sextant');
  await expect(name).not.toHaveAttribute('aria-invalid');
  await page.getByLabel('Price').fill('310,5');
  await page.getByLabel('Currency').fill('eur');
  await page.getByLabel('Description').fill('Finds the height of the sun.');
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(toast(page, '“Sextant” was created.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Sextant', level: 1 })).toBeFocused();
  await expect(page.getByText('310.50 EUR')).toBeVisible();
  await page.getByRole('link', { name: 'All items' }).click();
  await expect(page.locator('.cards h2').first()).toHaveText('Sextant');
});

test('a creation that is retried after a lost response makes one item', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Only one');
  // The first answer is lost on its way, after the server has made the item.
  await page.route('**/rpc/items/create', async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(toast(page, "Couldn't create the item")).toBeVisible();
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(page.getByRole('heading', { name: 'Only one', level: 1 })).toBeVisible();
  await page.goto('/items?search=only');
  await expect(page.locator('.cards li')).toHaveCount(1);
});

test('a field that only the server rejects shows its error', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Taken');
  const refused = { message: 'Some fields are not right', fields: { name: 'There is one of that name' } };
  await page.route('**/rpc/items/create', (route) => route.fulfill({
    status: 400,
    json: { name: 'BadRequestError', message: refused.message, code: 'invalid_request', status: 400, inner: refused },
  }), { times: 1 });
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(page.getByLabel('Name')).toHaveAccessibleDescription('There is one of that name');
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(page.getByRole('heading', { name: 'Taken', level: 1 })).toBeVisible();
});

test('an item that is still loading has a placeholder', async ({ page }) => {
  await signIn(page, 'Ben Franklin');
  await page.goto('/items');
  const release = await hold(page, 'get');
  await page.getByRole('link', { name: 'Brass compass' }).click();
  await expect(page.locator('.skeleton').first()).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Brass compass', level: 1 })).toHaveCount(0);
  release();
  await expect(page.getByRole('heading', { name: 'Brass compass', level: 1 })).toBeVisible();
  await expect(page.locator('.skeleton')).toHaveCount(0);
});

test('the toast region exists before the first toast', async ({ request }) => {
  const html = await (await request.get('/')).text();
  expect(html).toMatch(/<div (?=[^>]*role="status")(?=[^>]*aria-live="polite")[^>]*class="toasts"[^>]*>(<!>|<!--.*?-->)*<\/div>/);
});

/** Loses the next answer of the server function `path`, after the server has done it. */
async function lose(page: Page, path: string): Promise<void> {
  await page.route(`**/rpc/items/${path}`, async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
}

test('a change with a lost response is found to be saved', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, 'Nadir');
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Name').fill('Zenith');
  await lose(page, 'update');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(toast(page, 'Your change was saved.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Zenith', level: 1 })).toBeVisible();
});

test('a change with a lost response is no conflict with itself', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, 'Apogee');
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Name').fill('Perigee');
  await lose(page, 'update');
  await page.route('**/rpc/items/get', (route) => route.abort(), { times: 1 });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(toast(page, "Couldn't save your changes")).toBeVisible();
  // Even what was typed since is on top of the person's own change, and so is going back to what there was.
  await page.getByLabel('Name').fill('Apogee');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(toast(page, 'Your change was saved.')).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Apogee', level: 1 })).toBeVisible();
});

test('a deletion and its undo with lost responses are done', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, 'Echo');
  await lose(page, 'delete');
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(toast(page, '“Echo” was deleted.')).toBeVisible();
  await lose(page, 'restore');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(toast(page, '“Echo” restored.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Echo' })).toBeVisible();
});

test('an item that cannot be restored yet is offered again', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, 'Perseverance');
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(toast(page, '“Perseverance” was deleted.')).toBeVisible();
  await page.route('**/rpc/items/{restore,get}', (route) => route.abort());
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(toast(page, "Couldn't restore “Perseverance”")).toBeVisible();
  await page.unroute('**/rpc/items/{restore,get}');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(toast(page, '“Perseverance” restored.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Perseverance' })).toBeVisible();
});

test('a deletion with an unknown outcome can be undone', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, 'Schrodinger');
  await page.route('**/rpc/items/get', (route) => route.abort());
  await lose(page, 'delete');
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(toast(page, '“Schrodinger” may not have been deleted')).toBeVisible();
  await page.unroute('**/rpc/items/get');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(toast(page, '“Schrodinger” restored.')).toBeVisible();
});

test('two items that are deleted in a row can both be restored', async ({ page }) => {
  await signIn(page, 'Cy Field');
  for (const name of ['Castor', 'Pollux']) await add(page, name);
  await page.getByRole('link', { name: 'All items' }).click();
  for (const name of ['Castor', 'Pollux']) {
    await page.getByRole('link', { name }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await expect(toast(page, `“${name}” was deleted.`)).toBeVisible();
  }
  for (const name of ['Castor', 'Pollux']) {
    await page.locator('.toast').filter({ hasText: name }).getByRole('button', { name: 'Undo' }).click();
    await expect(toast(page, `“${name}” restored.`)).toBeVisible();
    await expect(page.getByRole('link', { name })).toBeVisible();
  }
});

test('an item that could not be restored shows a message and stays deleted', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, 'Lost');
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.route('**/rpc/items/restore', (route) => route.fulfill(unavailable));
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(toast(page, "Couldn't restore “Lost”: The store is not available")).toBeVisible();
  await expect(page.locator('.cards li').first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Lost' })).toHaveCount(0);
});

test('an item that was restored elsewhere is in the list again', async ({ page, context }) => {
  await signIn(page, 'Cy Field');
  await add(page, 'Revenant');
  const id = new URL(page.url()).pathname.split('/').at(-1);
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(toast(page, '“Revenant” was deleted.')).toBeVisible();
  const token = await page.evaluate(() => JSON.parse(localStorage.getItem('access_token')!));
  const answer = await context.request.post(`/api/items/${id}/restore`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status()).toBe(200);
  await page.getByLabel('Search by name').fill('reve');
  await expect(page.getByRole('link', { name: 'Revenant' })).toBeVisible();
});

test('a change is shown at once and stays', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, 'Old name');
  const release = await hold(page, 'update');
  await page.getByRole('button', { name: 'Edit' }).click();
  await expect(page.getByLabel('Name')).toBeFocused();
  await page.getByLabel('Name').fill('New name');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'New name', level: 1 })).toBeFocused();
  await expect(page.getByText('Saving…')).toBeVisible();
  release();
  await expect(toast(page, 'Your change was saved.')).toBeVisible();
  await expect(page.getByText('Saving…')).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'New name', level: 1 })).toBeVisible();
});

test('a change that the server rejects is reverted and the text is kept', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, 'Steady');
  await page.route('**/rpc/items/update', (route) => route.fulfill(unavailable));
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Name').fill('Wobbly');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').filter({ hasText: "Couldn't save your changes: The store is not available" })).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('Wobbly');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('heading', { name: 'Steady', level: 1 })).toBeFocused();
});

test('a deleted item disappears at once and can be restored', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, 'Boomerang');
  const release = await hold(page, 'delete');
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(page).toHaveURL(/\/items$/);
  await expect(page.locator('.cards li').first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Boomerang' })).toHaveCount(0);
  release();
  await expect(page.getByRole('status').filter({ hasText: '“Boomerang” was deleted.' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(toast(page, '“Boomerang” restored.')).toBeVisible();
  await page.getByRole('link', { name: 'Boomerang' }).click();
  await expect(page.getByRole('heading', { name: 'Boomerang', level: 1 })).toBeVisible();
});

test('a deletion that the server rejects is reverted with a message', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, 'Stubborn');
  await page.route('**/rpc/items/delete', (route) => route.fulfill(unavailable));
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(toast(page, "Couldn't delete “Stubborn”: The store is not available")).toBeVisible();
  await expect(page.getByRole('link', { name: 'Stubborn' })).toBeVisible();
});

test('an action without permission is focusable, does nothing and says why', async ({ page }) => {
  await signIn(page, 'Ben Franklin');
  await page.goto('/items');
  const add = page.getByRole('button', { name: 'New item' });
  await expect(add).toHaveAttribute('aria-disabled', 'true');
  await expect(add).toHaveAccessibleDescription('Needs the scope write:items');
  await add.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/items$/);
  await page.getByRole('link', { name: 'Brass compass' }).click();
  await expect(page.getByRole('button', { name: 'Edit' })).toHaveAccessibleDescription('Needs the scope write:items');
  const remove = page.getByRole('button', { name: 'Delete' });
  await expect(remove).toHaveAccessibleDescription('Needs the scope delete:items');
  const calls: string[] = [];
  page.on('request', (request) => calls.push(request.url()));
  await remove.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/item\//);
  expect(calls.filter((url) => url.includes('/rpc/'))).toEqual([]);
});

test('only administrators can change items of other users', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await page.goto('/items');
  await page.getByRole('link', { name: 'Brass compass' }).click();
  for (const name of ['Edit', 'Delete']) {
    await expect(page.getByRole('button', { name })).toHaveAccessibleDescription(/Only its owner/);
  }
  // The address opens no form for those who may not change it either.
  await page.goto(`${page.url()}?change=yes`);
  await expect(page.getByRole('heading', { name: 'Brass compass', level: 1 })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Edit item' })).toHaveCount(0);
  await page.evaluate(() => localStorage.clear());
  await signIn(page, 'Ada Lovelace');
  await page.goto('/items');
  await page.getByRole('link', { name: 'Brass compass' }).click();
  await expect(page.getByRole('button', { name: 'Edit' })).not.toHaveAttribute('aria-disabled');
});

test('the list is searched and sorted, and the address keeps both', async ({ page }) => {
  await signIn(page, 'Ben Franklin');
  await page.goto('/items');
  await page.getByLabel('Search by name').fill('bras');
  await expect(page).toHaveURL(/\/items\?search=bras$/);
  await expect(page.locator('.cards h2')).toHaveText(['Brass compass']);
  await expect(page.getByRole('status').filter({ hasText: '1 item' })).toBeVisible();
  await page.getByLabel('Search by name').fill('nothing like it');
  await expect(page.getByRole('heading', { name: 'Nothing is called that.' })).toBeVisible();
  await page.getByLabel('Search by name').fill('');
  await page.getByLabel('Order').selectOption('By name');
  await expect(page).toHaveURL(/\/items\?sort=name$/);
  // Other tests add items of their own.
  const expectSorted = async () => {
    const names = await page.locator('.cards h2').allTextContents();
    expect(names.length).toBeGreaterThanOrEqual(12);
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b)));
  };
  await expect(expectSorted).toPass();
  await page.reload();
  await expect(page.getByLabel('Order')).toHaveValue('name');
  await expect(expectSorted).toPass();
});

test('a list that failed to load offers a retry', async ({ page }) => {
  await signIn(page, 'Ben Franklin');
  await page.route('**/rpc/items/list', (route) => route.fulfill(unavailable), { times: 1 });
  await page.goto('/items');
  await expect(page.getByRole('heading', { name: 'Not available at the moment' })).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.locator('.cards li').first()).toBeVisible();
});
