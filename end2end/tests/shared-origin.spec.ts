// All apps of an origin share one localStorage, as on localhost:3000 during development. What another app puts there is
// no session of this app: it is not shown, not sent and not deleted, and it takes nothing away.
import type { Page } from '@playwright/test';
import { enter, expect, expectSignedIn, kept, record, refreshes, signOut, storedKeys, withFaultyProvider, writeAsAnotherApp } from './faulty';

const test = withFaultyProvider();
const prefixed = withFaultyProvider({ AUTH_STORAGE_PREFIX: 'shop.' });

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: object) => `${encode({ alg: 'RS256' })}.${encode(claims)}.c2ln`;

/** The session of another app, in exactly the shape of ours. */
const THEIRS = {
  access_token: jwt({ iss: 'https://other.example', sub: 'mallory', aud: 'other-api', exp: 9_000_000_000 }),
  id_token: jwt({ iss: 'https://other.example', sub: 'mallory', aud: 'other', exp: 9_000_000_000, name: 'Mallory' }),
  refresh_token: 'refresh-token-of-the-other-app',
  expires_at: 9_000_000_000,
  scopes: 'openid read:items write:items',
};

const signedOut = (page: Page) => expect(page.locator('.account').getByRole('button', { name: 'Sign in' })).toBeVisible();

async function expectTheirsThere(page: Page): Promise<void> {
  for (const [key, value] of Object.entries(THEIRS)) expect(await kept(page, key), key).toEqual(value);
}

/** Everything that leaves the page and holds something of the other app. */
function leaks(page: Page): string[] {
  const found: string[] = [];
  page.on('request', (request) => {
    const all = `${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`;
    if (Object.values(THEIRS).some((value) => String(value).length > 20 && all.includes(String(value)))) found.push(request.url());
  });
  return found;
}

test("another app's session is not shown, sent or deleted", async ({ page, provider }) => {
  const leaked = leaks(page);
  await page.goto('/');
  await writeAsAnotherApp(page, THEIRS);
  for (const path of ['/', '/profile', '/items', '/callback']) {
    await page.goto(path);
    await signedOut(page);
    await expect(page.getByText('Mallory')).toHaveCount(0);
  }
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await signedOut(page);
  await expectTheirsThere(page);
  expect(leaked).toEqual([]);
  expect(provider.exchanged).toEqual([]);
});

test('the sign-in of another app keeps an open page and its text', async ({ page, provider }) => {
  await enter(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('half an item');
  const token = await kept(page, 'access_token');
  const leaked = leaks(page);
  const other = await page.context().newPage();
  await other.goto('/robots.txt');
  await writeAsAnotherApp(other, THEIRS);
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expectSignedIn(page);
  await expect(page.getByLabel('Name')).toHaveValue('half an item');
  const call = page.waitForRequest('**/rpc/items/create');
  await page.locator('form.sheet button[type=submit]').click();
  expect(await (await call).headerValue('authorization')).toBe(`Bearer ${token}`);
  await expect(page.getByRole('heading', { name: 'half an item', level: 1 })).toBeVisible();
  await expectTheirsThere(page);
  expect(leaked).toEqual([]);
  expect(refreshes(provider)).toBe(0);
});

test('an open page whose session was replaced never sends the token of another user', async ({ page, provider }) => {
  await page.clock.install();
  await enter(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('half an item');
  const leaked = leaks(page);
  await writeAsAnotherApp(page, THEIRS);
  await page.clock.fastForward('16:00');
  await expect(page.locator('.session-notice')).toContainText('Your session has ended.');
  await expect(page.getByLabel('Name')).toHaveValue('half an item');
  await expectTheirsThere(page);
  expect(leaked).toEqual([]);
  expect(refreshes(provider)).toBe(0);
});

test('the sign-out of another app does not end the session of an open page', async ({ page }) => {
  await enter(page);
  await page.goto('/items');
  await expect(page.getByRole('heading', { name: 'Items', exact: true })).toBeVisible();
  const other = await page.context().newPage();
  await other.goto('/robots.txt');
  await other.evaluate(() => {
    for (const key of ['access_token', 'id_token', 'expires_at', 'scopes']) localStorage.removeItem(key);
  });
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expectSignedIn(page);
  await page.reload();
  await signedOut(page);
});

test('another app that clears localStorage ends no session and loses no text', async ({ page }) => {
  await enter(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('half an item');
  const token = await kept(page, 'access_token');
  const other = await page.context().newPage();
  await other.goto('/robots.txt');
  // A page that is closed before it is told cannot write anything again.
  await page.evaluate(() => {
    const told = new Promise<void>((tell) => window.addEventListener('storage', (event) => event.key === null && tell()));
    Object.assign(window, { told });
  });
  await other.evaluate(() => localStorage.clear());
  await page.evaluate(() => (window as unknown as { told: Promise<void> }).told);
  await expect.poll(() => kept(page, 'access_token')).toBe(token);
  await expect.poll(() => page.evaluate(() => localStorage.getItem('portcullis_drafts'))).toContain('half an item');
  await expectSignedIn(page);
  await page.reload();
  await expectSignedIn(page);
  await expect(page.getByLabel('Name')).toHaveValue('half an item');
});

test("signing out removes this app's values and leaves another's", async ({ page }) => {
  await enter(page);
  await writeAsAnotherApp(page, THEIRS);
  await signOut(page);
  await expectTheirsThere(page);
  expect(await storedKeys(page)).toEqual([...Object.keys(THEIRS), 'renew_at'].sort());
});

test('an app with another client keeps its session to itself', async ({ page, provider }) => {
  await enter(page);
  const mine = await record(page);
  // As another app that is built with Portcullis would write it.
  await page.evaluate((theirs) => localStorage.setItem('portcullis_session', JSON.stringify(theirs)), { ...mine, client_id: 'another' });
  await page.reload();
  await signedOut(page);
  expect((await record(page)).client_id).toBe('another');
  expect(await kept(page, 'refresh_token')).not.toBeNull();
  expect(refreshes(provider)).toBe(0);
});

test('a session of another provider is not used, nor is its refresh token sent', async ({ page, provider }) => {
  await enter(page);
  const mine = await record(page);
  // As it is when the operator has changed the provider.
  await page.evaluate((theirs) => {
    localStorage.setItem('portcullis_session', JSON.stringify(theirs));
    localStorage.setItem('renew_at', '1');
  }, { ...mine, issuer: 'https://before.example' });
  const token = await kept(page, 'access_token');
  const sent: string[] = [];
  page.on('request', (request) => sent.push(JSON.stringify(request.headers()) + (request.postData() ?? '')));
  await page.goto('/profile');
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  await enter(page);
  expect(refreshes(provider)).toBe(0);
  expect(sent.join(' ')).not.toContain(token);
});

prefixed('AUTH_STORAGE_PREFIX keeps two apps of one origin apart', async ({ page }) => {
  await page.goto('/');
  await writeAsAnotherApp(page, THEIRS);
  await enter(page);
  await page.reload();
  await expectSignedIn(page);
  const keys = (await storedKeys(page)).filter((key) => !(key in THEIRS));
  expect(keys).toEqual(
    ['access_token', 'expires_at', 'id_token', 'portcullis_session', 'refresh_token', 'renew_at', 'scopes'].map((key) => `shop.${key}`),
  );
  await expectTheirsThere(page);
  await signOut(page);
  await expectTheirsThere(page);
  expect((await storedKeys(page)).filter((key) => key.startsWith('shop.'))).toEqual([]);
});
