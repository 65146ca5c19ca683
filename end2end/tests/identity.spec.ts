// The client never acts as another user than the one that the page shows.
import type { Page } from '@playwright/test';
import { holdBack } from './fixtures';
import { enter, expect, fromMenu, kept, noTimeLimits, record, refreshes, withFaultyProvider } from './faulty';
import type { FaultyProvider } from './faulty-provider';

const test = withFaultyProvider();

/** What the other tab's person would see first. */
const nameOf = (page: Page, name: string) => expect(page.locator('.account .who')).toContainText(name);

/** Ada has typed a new item in this tab. */
async function adaTypes(page: Page, provider: FaultyProvider): Promise<void> {
  // Something is left to ask for.
  Object.assign(provider.does, { claims: { name: 'Ada' }, grants: (scope: string) => scope !== 'delete:items' });
  await enter(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill("Ada's own");
}

/** Bob signs in in another tab. */
async function bobSignsIn(page: Page, provider: FaultyProvider): Promise<Page> {
  const other = await page.context().newPage();
  Object.assign(provider.does, { subject: 'bob', claims: { name: 'Bob' } });
  await other.goto('/');
  await other.evaluate(() => localStorage.clear());
  await enter(other);
  // Two processes of a browser share localStorage, but not at the same moment.
  const token = await kept(other, 'access_token');
  await expect.poll(() => kept(page, 'access_token')).toBe(token);
  return other;
}

/** The requests of the page that create an item, as they are sent. */
function creations(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/rpc/items/create')) sent.push(request.url());
  });
  return sent;
}

/** The owners of all items. */
async function owners(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const token = JSON.parse(localStorage.getItem('access_token')!);
    const answer = await fetch('/api/items?limit=100', { headers: { authorization: `Bearer ${token}` } });
    const { items } = await answer.json();
    return items.map((item: { name: string; owner?: { subject: string } }) => `${item.name}: ${item.owner?.subject}`);
  });
}

// A tab that hears nothing of the others: it is frozen, or hears of them late.
test.beforeEach(async ({ page }) =>
  page.addInitScript(() => {
    const real = window.addEventListener.bind(window);
    const deaf = { now: false };
    Object.assign(window, { deaf });
    window.addEventListener = ((name: string, listener: EventListener, options?: AddEventListenerOptions) => {
      const heard = name === 'storage' ? (event: Event) => deaf.now || listener(event) : listener;
      real(name, heard, options);
    }) as typeof window.addEventListener;
  }),
);

const becomeDeaf = (page: Page) => page.evaluate(() => ((window as unknown as { deaf: { now: boolean } }).deaf.now = true));

test('a save is not sent after another user signed in in another tab', async ({ page, provider }) => {
  await adaTypes(page, provider);
  await becomeDeaf(page);
  const other = await bobSignsIn(page, provider);
  const sent = creations(page);
  const loaded = page.waitForEvent('load');
  await page.locator('form.sheet button[type=submit]').click();
  await loaded;
  await nameOf(page, 'Bob');
  expect(sent).toEqual([]);
  expect(await owners(other)).not.toContain("Ada's own: bob");
  await expect(page.getByLabel('Name')).toHaveValue('');
});

test('a sign-in that ends in the same second is noticed by other tabs', async ({ page, provider }) => {
  await adaTypes(page, provider);
  const expires = await kept<number>(page, 'expires_at');
  const other = await page.context().newPage();
  // As it is when both sign-ins come within one second: the same value is written again, and no event tells of it.
  await other.addInitScript((same) => {
    const real = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
      real.call(this, key, key === 'expires_at' ? String(same) : value);
    };
  }, expires);
  // From one person to the next without a sign-out: another account is chosen when more is asked for.
  await other.goto('/access');
  await expect(other.getByRole('heading', { name: 'Access' })).toBeVisible();
  Object.assign(provider.does, { subject: 'bob', claims: { name: 'Bob' } });
  const loaded = page.waitForEvent('load');
  await other.getByRole('button', { name: 'Ask for access' }).click();
  await loaded;
  await nameOf(page, 'Bob');
  expect(await kept(page, 'expires_at')).toBe(expires);
});

test('a call that waits for the clock is not sent for a new user', async ({ page, provider }) => {
  await adaTypes(page, provider);
  await becomeDeaf(page);
  const answer = await holdBack(page, '**/healthz', 'continue');
  await page.clock.install({ time: Date.now() + 3_600_000 });
  await page.evaluate(noTimeLimits);
  const sent = creations(page);
  const asked = page.waitForRequest('**/healthz');
  await page.locator('form.sheet button[type=submit]').click();
  await asked;
  await bobSignsIn(page, provider);
  const loaded = page.waitForEvent('load');
  answer();
  await loaded;
  await nameOf(page, 'Bob');
  expect(sent).toEqual([]);
});

test('a call that waits for a refresh is not sent for a new user', async ({ page, provider }) => {
  await adaTypes(page, provider);
  await becomeDeaf(page);
  await page.evaluate(() => localStorage.setItem('expires_at', '1000'));
  let answer = () => {};
  provider.does.until = new Promise<void>((resolve) => (answer = resolve));
  await page.evaluate(noTimeLimits);
  const sent = creations(page);
  await page.locator('form.sheet button[type=submit]').click();
  await expect.poll(() => refreshes(provider)).toBe(1);
  const held = provider.does.until;
  provider.does.until = Promise.resolve();
  await bobSignsIn(page, provider);
  const loaded = page.waitForEvent('load');
  answer();
  await held;
  await loaded;
  await nameOf(page, 'Bob');
  expect(sent).toEqual([]);
  // What came for Ada after that is nobody's, and is revoked.
  await expect.poll(() => provider.revoked.length).toBe(1);
});

test("a sign-out in a tab that still shows Ada leaves Bob's session alone", async ({ page, provider }) => {
  await adaTypes(page, provider);
  await becomeDeaf(page);
  const other = await bobSignsIn(page, provider);
  const loaded = page.waitForEvent('load');
  await fromMenu(page, 'Sign out');
  await loaded;
  await nameOf(page, 'Bob');
  await nameOf(other, 'Bob');
  expect(provider.ended).toEqual([]);
  expect(provider.revoked).toEqual([]);
});

test('a rejected refresh of Ada does not end the new session of Bob', async ({ page, provider }) => {
  await adaTypes(page, provider);
  await becomeDeaf(page);
  let answer = () => {};
  provider.does.until = new Promise<void>((resolve) => (answer = resolve));
  await page.evaluate(noTimeLimits);
  await page.evaluate(() => {
    localStorage.setItem('renew_at', '1');
    window.dispatchEvent(new Event('focus'));
  });
  await expect.poll(() => refreshes(provider)).toBe(1);
  provider.does.until = Promise.resolve();
  const other = await bobSignsIn(page, provider);
  provider.does.refusal = { status: 400, body: '{"error":"invalid_grant"}' };
  answer();
  // The lock is free when the refusal was dealt with.
  await other.evaluate(() => navigator.locks.request('portcullis_refresh', () => {}));
  await nameOf(other, 'Bob');
  expect(await kept(other, 'access_token')).not.toBeNull();
  // The page of the refusal is loaded again for Bob.
  await nameOf(page, 'Bob');
});

test('each change of the session is announced by another value', async ({ page }) => {
  await enter(page);
  const { change, sign_in: first } = await record(page);
  const access = await kept(page, 'access_token');
  await page.evaluate(() => {
    localStorage.setItem('renew_at', '1');
    window.dispatchEvent(new Event('focus'));
  });
  await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
  const after = await record(page);
  expect(after.change).not.toBe(change);
  expect(after.sign_in).toBe(first);
});
