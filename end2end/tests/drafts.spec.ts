// Drafts: text in a form survives leaving the page, and only its author sees it.
import type { Page } from '@playwright/test';
import { enter, expect, fromMenu, kept, noTimeLimits, withFaultyProvider } from './faulty';

const test = withFaultyProvider();

const KEY = 'portcullis_drafts';
const toast = (page: Page, text: string | RegExp) => page.locator('.toasts').getByText(text);
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true, level: 1 });
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const restored = (page: Page) => page.getByRole('status').filter({ hasText: 'Draft restored' });

/** How many drafts are in localStorage. */
const drafts = (page: Page) => page.evaluate((key) => JSON.parse(localStorage.getItem(key) ?? '[]').length as number, KEY);

async function add(page: Page, name: string): Promise<string> {
  await page.goto('/items/new');
  await page.getByLabel('Name').fill(name);
  await press(page, 'Create item');
  await expect(heading(page, name)).toBeVisible();
  return new URL(page.url()).pathname;
}

/** Saves `values` as the item at `path`, as another program does. */
async function put(page: Page, path: string, values: object): Promise<void> {
  const answer = await page.request.put(`/api/items/${path.split('/').at(-1)}`, {
    headers: { authorization: `Bearer ${await kept(page, 'access_token')}`, 'if-match': '*' },
    data: values,
  });
  expect(answer.status()).toBe(200);
}

/** How many forms wait for a draft that is open elsewhere. */
const waiting = (page: Page) =>
  page.evaluate(async () => ((await navigator.locks.query()).pending ?? []).filter(({ name }) => name!.startsWith('portcullis_draft ')).length);

const WAYS: Record<string, (page: Page) => Promise<Page>> = {
  'the back button': async (page) => {
    await page.goBack();
    await expect(heading(page, 'Items')).toBeVisible();
    await page.getByRole('link', { name: 'New item' }).click();
    return page;
  },
  'a link': async (page) => {
    await page.getByRole('link', { name: 'All items' }).click();
    await page.getByRole('link', { name: 'New item' }).click();
    return page;
  },
  'a reload': async (page) => {
    await page.reload();
    return page;
  },
  'closing the tab': async (page) => {
    const other = await page.context().newPage();
    await page.close({ runBeforeUnload: true });
    await other.goto('/items/new');
    return other;
  },
};

for (const [way, leave] of Object.entries(WAYS)) {
  test(`a new item is restored after ${way} and can be discarded`, async ({ page }) => {
    await enter(page);
    await page.getByRole('link', { name: 'Items', exact: true }).click();
    await page.getByRole('link', { name: 'New item' }).click();
    await page.getByLabel('Name').fill('Half a 🦊');
    await page.getByLabel('Description').fill('x'.repeat(2_000));
    await page.getByLabel('Price').fill('much');
    const again = await leave(page);
    await expect(again.getByLabel('Name')).toHaveValue('Half a 🦊');
    await expect(again.getByLabel('Description')).toHaveValue('x'.repeat(2_000));
    await expect(again.getByLabel('Price')).toHaveValue('much');
    await expect(restored(again)).toBeVisible();
    await press(again, 'Discard');
    await expect(again.getByLabel('Name')).toHaveValue('');
    await expect(again.getByLabel('Name')).toBeFocused();
    await expect(restored(again)).toBeHidden();
    await expect.poll(() => drafts(again)).toBe(0);
  });
}

test('an unsaved edit is offered on the page of the item', async ({ page }) => {
  await enter(page);
  const path = await add(page, 'Lamp');
  await press(page, 'Edit');
  await page.getByLabel('Name').fill('مصباح');
  await page.getByRole('link', { name: 'All items' }).click();
  await page.getByRole('link', { name: 'Lamp' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'You have an unsaved draft.' })).toBeVisible();
  await press(page, 'Continue editing');
  await expect(page.getByLabel('Name')).toHaveValue('مصباح');
  await expect(page.getByLabel('Name')).toBeFocused();
  await expect(restored(page)).toBeVisible();
  // What the form began with is what is stored.
  await press(page, 'Discard');
  await expect(page.getByLabel('Name')).toHaveValue('Lamp');
  await page.getByLabel('Name').fill('Torch');
  await page.goto(path);
  await press(page, 'Discard');
  await expect(page.getByText('You have an unsaved draft.')).toHaveCount(0);
  await expect(heading(page, 'Lamp')).toBeVisible();
  await expect.poll(() => drafts(page)).toBe(0);
});

test('an abandoned edit is merged with what was saved since', async ({ page }) => {
  await enter(page);
  const path = await add(page, 'Lamp');
  await press(page, 'Edit');
  await page.getByLabel('Name').fill('Torch');
  await page.goto('/items');
  await put(page, path, { name: 'Lamp', description: 'Theirs', price: 100, currency: 'EUR' });
  await page.goto(`${path}?change=yes`);
  await expect(page.getByLabel('Name')).toHaveValue('Torch');
  await press(page, 'Save');
  await expect(toast(page, 'Changed elsewhere, and kept: Description and Price.')).toBeVisible();
  await expect(heading(page, 'Torch')).toBeVisible();
  await expect(page.getByText('Theirs')).toBeVisible();
  await expect.poll(() => drafts(page)).toBe(0);
});

test('saving, canceling and undoing all changes leave no draft', async ({ page }) => {
  await enter(page);
  await add(page, 'Lamp');
  await expect.poll(() => drafts(page)).toBe(0);
  await press(page, 'Edit');
  await page.getByLabel('Name').fill('Torch');
  await expect.poll(() => drafts(page)).toBe(1);
  await page.getByLabel('Name').fill('Lamp');
  await expect.poll(() => drafts(page)).toBe(0);
  await page.getByLabel('Name').fill('Candle');
  await expect.poll(() => drafts(page)).toBe(1);
  await press(page, 'Cancel');
  await expect(heading(page, 'Lamp')).toBeVisible();
  await expect.poll(() => drafts(page)).toBe(0);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Half');
  await expect.poll(() => drafts(page)).toBe(1);
  await press(page, 'Cancel');
  await expect(heading(page, 'Items')).toBeVisible();
  await expect.poll(() => drafts(page)).toBe(0);
  // A search is no draft.
  await page.getByLabel('Search by name').fill('lamp');
  await expect(page).toHaveURL(/search=lamp/);
  expect(await drafts(page)).toBe(0);
});

test('a draft is shown to its author only', async ({ page, provider }) => {
  await enter(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Ada was here');
  await expect.poll(() => drafts(page)).toBe(1);
  const sessionEnds = () => page.evaluate(() => Object.keys(localStorage).filter((key) => !key.endsWith('portcullis_drafts')).forEach((key) => localStorage.removeItem(key)));
  await sessionEnds();
  provider.does.subject = 'eve';
  await enter(page);
  await page.goto('/items/new');
  await expect(heading(page, 'New item')).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('');
  await expect(restored(page)).toHaveCount(0);
  await page.getByLabel('Name').fill('Eve was here');
  await expect.poll(() => drafts(page)).toBe(2);
  // Signing out removes her own.
  await fromMenu(page, 'Sign out');
  await expect(page.locator('.session-notice')).toBeVisible();
  expect(await drafts(page)).toBe(1);
  provider.does.subject = 'ada';
  await enter(page);
  await page.goto('/items/new');
  await expect(page.getByLabel('Name')).toHaveValue('Ada was here');
});

test('a sign-out leaves no draft, in this tab or another', async ({ page }) => {
  await enter(page);
  const other = await page.context().newPage();
  for (const tab of [page, other]) {
    await tab.goto('/items/new');
    await tab.getByLabel('Name').fill('Private');
  }
  await expect.poll(() => drafts(page)).toBe(2);
  await fromMenu(page, 'Sign out');
  await expect(other.locator('.account').getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(page.locator('.session-notice')).toBeVisible();
  for (const tab of [page, other]) {
    expect(await tab.evaluate(() => JSON.stringify([localStorage, sessionStorage]))).not.toContain('Private');
  }
  await enter(page);
  await page.goto('/items/new');
  await expect(heading(page, 'New item')).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('');
});

test('a draft is deleted after a week', async ({ page }) => {
  await enter(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Old');
  await expect.poll(() => drafts(page)).toBe(1);
  const age = async (days: number) => {
    // An open form keeps again, every second, what it finds gone.
    await page.goto('/robots.txt');
    await page.evaluate(([key, by]) => {
      const all = JSON.parse(localStorage.getItem(key)!);
      all[0].saved_at = Date.now() - by * 24 * 3_600_000;
      localStorage.setItem(key, JSON.stringify(all));
    }, [KEY, days] as const);
    await page.goto('/items/new');
  };
  await age(6.9);
  await expect(page.getByLabel('Name')).toHaveValue('Old');
  await age(7.1);
  await expect(heading(page, 'New item')).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('');
});

test('a creation with a lost response is not repeated by its draft', async ({ page }) => {
  await enter(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Singleton');
  const sent = new Promise<void>((resolve) => {
    // The tab is closed before the answer comes.
    void page.route('**/rpc/items/create', async (route) => {
      await route.fetch();
      resolve();
    }, { times: 1 });
  });
  await press(page, 'Create item');
  await sent;
  await page.reload();
  await expect(page.getByLabel('Name')).toHaveValue('Singleton');
  await press(page, 'Create item');
  await expect(heading(page, 'Singleton')).toBeVisible();
  await page.goto('/items?search=singleton');
  await expect(page.locator('.cards li')).toHaveCount(1);
});

test('an edit of an item that was deleted since keeps its text', async ({ page }) => {
  await enter(page);
  const path = await add(page, 'Ghost');
  const other = await page.context().newPage();
  await other.goto(path);
  await press(page, 'Edit');
  await page.getByLabel('Description').fill('Still here');
  await press(other, 'Delete');
  await expect(toast(other, '“Ghost” was deleted.')).toBeVisible();
  await page.reload();
  const dialog = page.getByRole('dialog', { name: 'This item was deleted while you were editing.' });
  await expect(dialog).toBeVisible();
  await expect(page.getByLabel('Description')).toHaveValue('Still here');
  await dialog.getByRole('button', { name: 'Restore' }).click();
  await expect(toast(page, '“Ghost” restored.')).toBeVisible();
  await press(page, 'Save');
  await expect(toast(page, 'Your change was saved.')).toBeVisible();
  await expect(heading(page, 'Ghost')).toBeVisible();
  await expect(page.getByText('Still here')).toBeVisible();
});

test('two tabs with the same form each keep their own text', async ({ page }) => {
  await enter(page);
  const other = await page.context().newPage();
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('First');
  await expect.poll(() => drafts(page)).toBe(1);
  // What is being typed elsewhere is not put into this form.
  await other.goto('/items/new');
  await expect(heading(other, 'New item')).toBeVisible();
  await other.getByLabel('Description').fill('Of the second');
  await expect(other.getByLabel('Name')).toHaveValue('');
  await expect.poll(() => drafts(page)).toBe(2);
  await press(page, 'Create item');
  await expect(heading(page, 'First')).toBeVisible();
  await expect.poll(() => drafts(page)).toBe(1);
  await other.reload();
  await expect(other.getByLabel('Description')).toHaveValue('Of the second');
  await expect(other.getByLabel('Name')).toHaveValue('');
});

test('a page that reloads before the old one is gone waits for its draft', async ({ page }) => {
  await enter(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Slow to go');
  await expect.poll(() => drafts(page)).toBe(1);
  const other = await page.context().newPage();
  await other.goto('/robots.txt');
  // As long as this tab has its lock, the page before is not gone.
  await other.evaluate(() => {
    const [{ id }] = JSON.parse(localStorage.getItem('portcullis_drafts')!);
    const held = new Promise((holds) => {
      void navigator.locks.request(`portcullis_draft ${id}`, () => {
        holds(undefined);
        return new Promise((release) => Object.assign(window, { release }));
      });
    });
    Object.assign(window, { held });
  });
  // It would wait for five seconds.
  await page.addInitScript(noTimeLimits);
  await page.reload();
  await other.evaluate(() => (window as unknown as { held: Promise<void> }).held);
  await expect.poll(() => waiting(other)).toBe(1);
  await expect(page.getByLabel('Name')).toHaveValue('');
  await other.evaluate(() => (window as unknown as { release(): void }).release());
  await expect(page.getByLabel('Name')).toHaveValue('Slow to go');
});

test('an edit that is open in one tab is not shown in another', async ({ page }) => {
  await enter(page);
  const path = await add(page, 'Lamp');
  await press(page, 'Edit');
  await page.getByLabel('Description').fill('Half a sentence');
  const other = await page.context().newPage();
  await other.goto(path);
  await press(other, 'Edit');
  await other.getByLabel('Name').fill('Torch');
  await expect(other.getByLabel('Description')).toHaveValue('');
  await press(other, 'Save');
  await expect(toast(other, 'Your change was saved.')).toBeVisible();
  await expect(other.getByText('Half a sentence')).toHaveCount(0);
  // Once its tab is closed without warning, it is there for the next.
  await page.close();
  await other.reload();
  await press(other, 'Continue editing');
  await expect(other.getByLabel('Description')).toHaveValue('Half a sentence');
});

test('a form closed before it receives a draft leaves it in the other tab', async ({ page }) => {
  await enter(page);
  const path = await add(page, 'Lamp');
  await press(page, 'Edit');
  await page.getByLabel('Description').fill('Half a sentence');
  await expect.poll(() => drafts(page)).toBe(1);
  const other = await page.context().newPage();
  await other.goto(path);
  await press(other, 'Edit');
  await expect.poll(() => waiting(other)).toBeGreaterThan(0);
  await press(other, 'Cancel');
  await expect(heading(other, 'Lamp')).toBeVisible();
  // The draft is free now, and the other tab does not take it.
  await page.getByRole('link', { name: 'All items' }).click();
  await expect.poll(() => page.evaluate(async () => {
    const { held, pending } = await navigator.locks.query();
    return [...held!, ...pending!].filter(({ name }) => name!.startsWith('portcullis_draft ')).length;
  })).toBe(0);
  await page.goto(path);
  await press(page, 'Continue editing');
  await expect(page.getByLabel('Description')).toHaveValue('Half a sentence');
});

/** Keeps no drafts in the storage of all tabs from now on. */
async function full(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const real = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
      if (this === localStorage && key.endsWith('portcullis_drafts')) throw new DOMException('full', 'QuotaExceededError');
      real.call(this, key, value);
    };
  });
}

test('a draft that cannot be stored stays in the tab, which warns before closing', async ({ page }) => {
  await enter(page);
  // Not the page whose every dialog is a fault.
  const other = await page.context().newPage();
  await full(other);
  await other.goto('/items/new');
  await other.getByLabel('Name').click();
  await other.keyboard.type('Homeless');
  await other.getByRole('link', { name: 'All items' }).click();
  await expect(heading(other, 'Items')).toBeVisible();
  await other.getByRole('link', { name: 'New item' }).click();
  await expect(other.getByLabel('Name')).toHaveValue('Homeless');
  await expect(restored(other)).toBeVisible();
  const asked = other.waitForEvent('dialog');
  await other.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await press(other, 'Create item');
  await expect(heading(other, 'Homeless')).toBeVisible();
  const closed = other.waitForEvent('close');
  await other.close({ runBeforeUnload: true });
  await closed;
});

test('a stored draft causes no warning when the tab is closed', async ({ page }) => {
  await enter(page);
  const other = await page.context().newPage();
  await other.goto('/items/new');
  await other.getByLabel('Name').click();
  await other.keyboard.type('Housed');
  const closed = other.waitForEvent('close');
  await other.close({ runBeforeUnload: true });
  await closed;
});
