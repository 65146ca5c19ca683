// Edits of the same item at the same time: what only one side changed is merged, and the rest is asked for.
import type { Browser, Page } from '@playwright/test';
import { type Account, expect, holdBack, signIn, withServer } from './fixtures';

const test = withServer();

const toast = (page: Page, text: string | RegExp) => page.locator('.toasts').getByText(text);
const conflict = (page: Page) => page.getByRole('dialog', { name: 'This item changed while you were editing.' });
const deletion = (page: Page) => page.getByRole('dialog', { name: 'This item was deleted while you were editing.' });
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true, level: 1 });

type Values = Partial<Record<'Name' | 'Description' | 'Price' | 'Currency', string>>;

async function fill(page: Page, values: Values): Promise<void> {
  for (const [label, value] of Object.entries(values)) await page.getByLabel(label).fill(value);
}

async function add(page: Page, values: Values): Promise<void> {
  await page.goto('/items/new');
  await fill(page, values);
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(heading(page, values.Name!)).toBeVisible();
}

async function openForm(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await expect(heading(page, 'Edit item')).toBeVisible();
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/** Presses `name`, and waits until the server has answered the update. The toast of an update before may still be there. */
async function update(page: Page, name: string): Promise<void> {
  await Promise.all([page.waitForResponse('**/rpc/items/update'), press(page, name)]);
}

/** Changes the item that `page` shows. */
async function edit(page: Page, values: Values): Promise<void> {
  await openForm(page);
  await fill(page, values);
  await update(page, 'Save');
  await expect(toast(page, /Your change was saved/).last()).toBeVisible();
}

/** The same address in another tab of the same person. */
async function tabOf(page: Page): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(page.url());
  return other;
}

/** The same address, as somebody else sees it in another browser. */
async function asAnother(browser: Browser, page: Page, account: Account): Promise<Page> {
  const context = await browser.newContext({ baseURL: new URL(page.url()).origin });
  const other = await context.newPage();
  await signIn(other, account);
  await other.goto(page.url().split('?')[0]!);
  return other;
}

/** The item that `page` shows, as it is stored. */
async function stored(page: Page): Promise<Record<string, unknown>> {
  const id = new URL(page.url()).pathname.split('/').at(-1);
  const token = await page.evaluate(() => JSON.parse(localStorage.getItem('access_token')!));
  const answer = await page.request.get(`/api/items/${id}`, { headers: { authorization: `Bearer ${token}` } });
  return answer.json();
}

function updates(page: Page): string[] {
  const calls: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/rpc/items/update')) calls.push(request.url());
  });
  return calls;
}

test('changes of different fields are merged without a question', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, { Name: 'Lamp', Description: 'Bright', Price: '49', Currency: 'EUR' });
  const other = await tabOf(page);
  await openForm(page);
  await page.getByLabel('Description').fill('Brighter');
  await edit(other, { Name: 'Torch', Price: '52' });
  await press(page, 'Save');
  await expect(toast(page, 'Your change was saved. Changed elsewhere, and kept: Name and Price.')).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await stored(page)).toMatchObject({ name: 'Torch', description: 'Brighter', price: 5200, currency: 'EUR' });
});

test('a field that both changed must be chosen before anything is saved', async ({ page, browser }) => {
  await signIn(page, 'Cy Field');
  await add(page, { Name: 'Contested', Price: '49', Currency: 'EUR' });
  await openForm(page);
  await fill(page, { Name: 'Mine', Currency: 'USD' });
  const ada = await asAnother(browser, page, 'Ada Lovelace');
  await edit(ada, { Name: 'Theirs', Description: 'Also theirs', Price: '52' });
  const calls = updates(page);
  await press(page, 'Save');
  const dialog = conflict(page);
  await expect(dialog).toBeVisible();
  await expect(dialog).toContainText('Choose which values to keep.');
  await expect(dialog).toContainText('Choose a version of each field, then save.');
  await expect(dialog).toContainText('Changed elsewhere, and kept: Description.');
  const radios = dialog.getByRole('radio');
  await expect(radios).toHaveCount(4);
  for (const radio of await radios.all()) await expect(radio).not.toBeChecked();
  // Overwriting is not what is suggested.
  await expect(dialog.locator('.primary')).toHaveText(['Keep editing']);
  const save = dialog.getByRole('button', { name: 'Save chosen values' });
  await expect(save).toHaveAttribute('aria-disabled', 'true');
  await expect(save).toHaveAccessibleDescription('Choose a version of each field first');
  await save.click({ force: true });
  await dialog.getByRole('group', { name: 'Name' }).getByRole('radio', { name: 'Stored now Theirs' }).check();
  await expect(save).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByRole('group', { name: 'Price' }).getByRole('radio', { name: 'Yours 49.00 USD' }).check();
  await expect(save).not.toHaveAttribute('aria-disabled');
  expect(calls).toHaveLength(1);
  expect(await stored(page)).toMatchObject({ name: 'Theirs', price: 5200, currency: 'EUR' });
  await save.click();
  await expect(toast(page, 'Your change was saved.')).toBeVisible();
  expect(await stored(page)).toMatchObject({ name: 'Theirs', description: 'Also theirs', price: 4900, currency: 'USD' });
  await ada.context().close();
});

for (const way of ['Keep editing', 'Escape'] as const) {
  test(`${way} loads the stored version, and the next save is checked again`, async ({ page }) => {
    await signIn(page, 'Cy Field');
    await add(page, { Name: 'Contested', Description: 'First', Price: '49', Currency: 'EUR' });
    const other = await tabOf(page);
    await openForm(page);
    await page.getByLabel('Description').fill('Mine ');
    await edit(other, { Name: 'Renamed', Description: 'Theirs', Price: '52' });
    await press(page, 'Save');
    await expect(conflict(page)).toBeVisible();
    if (way === 'Escape') await page.keyboard.press('Escape');
    else await press(page, way);
    await expect(conflict(page)).toBeHidden();
    await expect(page.getByLabel('Name')).toHaveValue('Renamed');
    await expect(page.getByLabel('Price')).toHaveValue('52.00');
    await expect(page.getByLabel('Description')).toHaveValue('Mine ');
    await expect(page.getByLabel('Description')).toHaveAccessibleDescription('Stored now: Theirs. Saving replaces it.');
    // Somebody is faster again.
    await edit(other, { Description: 'Theirs again' });
    await press(page, 'Save');
    await expect(conflict(page).getByRole('radio', { name: 'Stored now Theirs again' })).toBeVisible();
    expect(await stored(page)).toMatchObject({ name: 'Renamed', description: 'Theirs again' });
    await press(page, 'Keep editing');
    await press(page, 'Save');
    await expect(toast(page, 'Your change was saved.')).toBeVisible();
    expect(await stored(page)).toMatchObject({ name: 'Renamed', description: 'Mine', price: 5200 });
  });
}

test('discarding keeps the version of the other user', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, { Name: 'Contested' });
  const other = await tabOf(page);
  await openForm(page);
  await page.getByLabel('Name').fill('Mine');
  await edit(other, { Name: 'Theirs' });
  await press(page, 'Save');
  await press(page, 'Discard my changes');
  await expect(heading(page, 'Theirs')).toBeFocused();
  expect(await stored(page)).toMatchObject({ name: 'Theirs' });
  await page.reload();
  await expect(heading(page, 'Theirs')).toBeVisible();
  await expect(page.getByText('You have an unsaved draft.')).toHaveCount(0);
});

test('choosing the stored version everywhere writes nothing', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, { Name: 'Contested' });
  const other = await tabOf(page);
  await openForm(page);
  await page.getByLabel('Name').fill('Mine');
  await edit(other, { Name: 'Theirs' });
  const calls = updates(page);
  await press(page, 'Save');
  await conflict(page).getByRole('radio', { name: 'Stored now' }).check();
  await press(page, 'Save chosen values');
  await expect(toast(page, 'There was nothing to save.')).toBeVisible();
  await expect(heading(page, 'Theirs')).toBeVisible();
  expect(calls).toHaveLength(1);
});

test('saving without a change writes nothing', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, { Name: 'Unchanged', Description: 'As it is', Price: '49', Currency: 'EUR' });
  const calls = updates(page);
  await openForm(page);
  await page.getByLabel('Description').fill('As it is  ');
  await press(page, 'Save');
  await expect(toast(page, 'There was nothing to save.')).toBeVisible();
  await expect(heading(page, 'Unchanged')).toBeFocused();
  expect(calls).toEqual([]);
});

test('texts of any script and length are merged as they are', async ({ page }) => {
  const long = `${'שלום 🦊 '.repeat(249)}end`.padEnd(2_000, '.').slice(0, 1_700);
  await signIn(page, 'Cy Field');
  await add(page, { Name: 'مصباح 💡', Description: 'x'.repeat(2_000), Price: '1.234', Currency: 'KWD' });
  const other = await tabOf(page);
  await openForm(page);
  await page.getByLabel('Description').fill(long);
  // The amount stays, in another currency.
  await edit(other, { Currency: 'BHD' });
  await press(page, 'Save');
  await expect(toast(page, 'Changed elsewhere, and kept: Price.')).toBeVisible();
  expect(await stored(page)).toMatchObject({ name: 'مصباح 💡', description: long, price: 1234, currency: 'BHD' });

  await openForm(page);
  await page.getByLabel('Price').fill('2');
  await other.reload();
  await edit(other, { Currency: 'JOD' });
  await press(page, 'Save');
  await expect(conflict(page).getByRole('radio', { name: 'Stored now 1.234 JOD' })).toBeVisible();
  await conflict(page).getByRole('radio', { name: 'Yours 2.000 BHD' }).check();
  await update(page, 'Save chosen values');
  await expect(toast(page, 'Your change was saved.')).toBeVisible();
  expect(await stored(page)).toMatchObject({ price: 2000, currency: 'BHD' });
});

test('a draft that is being saved is not taken over by another tab', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await add(page, { Name: 'Slow' });
  const path = new URL(page.url()).pathname;
  await openForm(page);
  await fill(page, { Name: 'Slow, as typed' });
  const asked = page.waitForRequest('**/rpc/items/update');
  const answer = await holdBack(page, '**/rpc/items/update', 'abort');
  await page.route('**/rpc/items/get', (route) => route.abort());
  await press(page, 'Save');
  await asked;
  // The form looks every second whether it is still there.
  await expect(page.getByText('Saving…')).toBeVisible();
  const other = await page.context().newPage();
  await other.goto(`${path}?change=yes`);
  await expect(other.getByLabel('Name')).toHaveValue('Slow');
  answer();
  await expect(page.getByLabel('Name')).toHaveValue('Slow, as typed');
});

test('an item that was deleted during an edit is restored and the edit saved', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, { Name: 'Phoenix' });
  const other = await tabOf(page);
  await openForm(page);
  await page.getByLabel('Description').fill('Rises');
  await press(other, 'Delete');
  await expect(toast(other, '“Phoenix” was deleted.')).toBeVisible();
  await press(page, 'Save');
  await expect(deletion(page)).toContainText('Your text is still in the form.');
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('Description')).toHaveValue('Rises');
  await press(page, 'Save');
  await press(page, 'Restore');
  await expect(toast(page, '“Phoenix” restored.').or(toast(page, 'Your change was saved.')).first()).toBeVisible();
  await expect(toast(page, 'Your change was saved.')).toBeVisible();
  expect(await stored(page)).toMatchObject({ name: 'Phoenix', description: 'Rises' });
});

test('an item that somebody else deleted can be created again from the text', async ({ page, browser }) => {
  await signIn(page, 'Cy Field');
  await add(page, { Name: 'Dodo', Price: '3', Currency: 'EUR' });
  const before = page.url();
  await openForm(page);
  await page.getByLabel('Description').fill('Does not fly');
  const ada = await asAnother(browser, page, 'Ada Lovelace');
  await press(ada, 'Delete');
  await expect(toast(ada, '“Dodo” was deleted.')).toBeVisible();
  await press(page, 'Save');
  await press(page, 'Restore');
  await expect(deletion(page).getByRole('alert')).toHaveText('Only the person who deleted it can restore it.');
  await expect(page.getByLabel('Description')).toHaveValue('Does not fly');
  await press(page, 'Create as a new item');
  await expect(toast(page, '“Dodo” was created.')).toBeVisible();
  await expect(heading(page, 'Dodo')).toBeVisible();
  expect(page.url()).not.toBe(before);
  expect(await stored(page)).toMatchObject({ description: 'Does not fly', price: 300 });
  await ada.context().close();
});

for (const [why, error, words] of [
  ['no right', { name: 'ForbiddenError', code: 'insufficient_scope', status: 403, inner: { message: '', missing_scopes: ['delete:items'] } }, "You don't have permission to restore items."],
  ['no time left', { name: 'NotFoundError', code: 'not_found', status: 404, inner: { message: '' } }, 'possible for 10 minutes'],
] as const) {
  test(`a deleted item with ${why} to restore it says so and offers to discard`, async ({ page }) => {
    await signIn(page, 'Cy Field');
    await add(page, { Name: 'Mammoth' });
    const other = await tabOf(page);
    await openForm(page);
    await page.getByLabel('Name').fill('Elephant');
    await press(other, 'Delete');
    await expect(toast(other, '“Mammoth” was deleted.')).toBeVisible();
    await page.route('**/rpc/items/restore', (route) => route.fulfill({ status: error.status, json: { ...error, message: '' } }));
    await press(page, 'Save');
    await press(page, 'Restore');
    await expect(deletion(page).getByRole('alert')).toContainText(words);
    await expect(page.getByLabel('Name')).toHaveValue('Elephant');
    await press(page, 'Discard my changes');
    await expect(page).toHaveURL(/\/items$/);
  });
}

test('an item created after the user has left causes no navigation', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await page.goto('/items/new');
  await fill(page, { Name: 'Afterwards' });
  const release = await holdBack(page, '**/rpc/items/create', 'continue');
  await press(page, 'Create item');
  await page.getByRole('link', { name: 'All items' }).click();
  await expect(heading(page, 'Items')).toBeVisible();
  release();
  await expect(toast(page, '“Afterwards” was created.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Afterwards' })).toBeVisible();
  await expect(page).toHaveURL(/\/items$/);
});

test('a creation that fails after the user has left keeps the text', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await page.goto('/items/new');
  await fill(page, { Name: 'Unlucky' });
  const release = await holdBack(page, '**/rpc/items/create', 'abort');
  await press(page, 'Create item');
  await page.getByRole('link', { name: 'All items' }).click();
  await expect(heading(page, 'Items')).toBeVisible();
  release();
  await expect(toast(page, /Couldn't create the item: .* Your text is kept as a draft\./)).toBeVisible();
  await press(page, 'Continue editing');
  await expect(page.getByLabel('Name')).toHaveValue('Unlucky');
});

test('a conflict that is found after the user has left keeps the text', async ({ page }) => {
  await signIn(page, 'Cy Field');
  await add(page, { Name: 'Left' });
  const other = await tabOf(page);
  await openForm(page);
  await page.getByLabel('Name').fill('Mine');
  await edit(other, { Name: 'Theirs' });
  const release = await holdBack(page, '**/rpc/items/update', 'continue');
  await press(page, 'Save');
  await page.getByRole('link', { name: 'All items' }).click();
  await expect(heading(page, 'Items')).toBeVisible();
  release();
  await expect(toast(page, "Couldn't save “Left”: it changed while you were editing. Your text is kept as a draft.")).toBeVisible();
  await press(page, 'Continue editing');
  await expect(page.getByLabel('Name')).toHaveValue('Mine');
  await press(page, 'Save');
  await expect(conflict(page).getByRole('radio', { name: 'Stored now Theirs' })).toBeVisible();
});
