// The stored session: expiry, tampering, and the response of the server.
import type { Page } from '@playwright/test';
import { ENDED_KEYS, expect, fromMenu, signIn, storedKeys, test, writeAsAnotherApp, writeAsApp } from './fixtures';

async function set(page: Page, key: string, value: unknown): Promise<void> {
  await page.evaluate(([k, v]) => localStorage.setItem(k as string, JSON.stringify(v)), [key, value]);
}

test('expires_at comes from expires_in, in seconds', async ({ page }) => {
  const lifetime = new Promise<number>((resolve) => {
    page.on('response', async (response) => {
      if (response.url().endsWith('/token')) resolve((await response.json()).expires_in);
    });
  });
  await signIn(page, 'Ada Lovelace');
  const [expiresAt, now] = await page.evaluate(() => [Number(localStorage.getItem('expires_at')), Date.now() / 1000]);
  // What the server says of the time has whole seconds, and is taken for half a second later.
  expect(expiresAt - now).toBeLessThanOrEqual((await lifetime) + 1);
  expect(expiresAt - now).toBeGreaterThan((await lifetime) - 30);
});

test('scopes are those that the API reads, not those of the token response', async ({ page }) => {
  for (const said of ['admin:items', undefined]) {
    await page.route('**/token', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), scope: said } });
    });
    await signIn(page, 'Ben Franklin');
    expect(await page.evaluate(() => JSON.parse(localStorage.getItem('scopes')!))).toBe('email openid profile read:items');
    await page.evaluate(() => localStorage.clear());
    await page.unroute('**/token');
  }
});

test('a session that has expired and cannot be refreshed is removed', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await page.evaluate(() => localStorage.removeItem('refresh_token'));
  await set(page, 'expires_at', Math.floor(Date.now() / 1000) - 1);
  await page.goto('/items');
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  // The page before may have ended it as it was left; then the next page has nothing to tell anybody.
  expect(ENDED_KEYS).toEqual(expect.arrayContaining(await storedKeys(page)));
});

test('scopes written into localStorage open the page but not the data', async ({ page }) => {
  await signIn(page, 'Eve Moneypenny');
  await set(page, 'scopes', 'openid read:items');
  const refused = page.waitForResponse('**/rpc/items/list');
  await page.goto('/items');
  expect((await refused).status()).toBe(403);
  await expect(page.getByRole('heading', { name: "You can't open this page" })).toBeVisible();
  await expect(page.locator('.scopes')).toHaveText('read:items');
});

test('a tampered access token is rejected with a way to sign in and without a loop', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await page.evaluate(() => localStorage.removeItem('refresh_token'));
  const token: string = await page.evaluate(() => JSON.parse(localStorage.getItem('access_token')!));
  const [header, payload, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'eve' })).toString('base64url');
  await writeAsApp(page, { access_token: `${header}.${forged}.${signature}` });
  let calls = 0;
  page.on('request', (request) => (calls += Number(request.url().includes('/rpc/'))));
  await page.goto('/items');
  await expect(page.getByRole('heading', { name: 'Your session is not accepted any more' })).toBeVisible();
  await expect(page.getByText('invalid signature')).toBeVisible();
  expect(calls).toBe(1);
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await page.getByRole('button', { name: 'Ada Lovelace' }).click();
  await expect(page.locator('.cards li')).toHaveCount(12);
  await expect(page).toHaveURL(/\/items$/);
});

for (const [name, key, value] of [
  ['a time that is none', 'expires_at', 'soon'],
  ['scopes that are none', 'scopes', { all: true }],
] as const) {
  test(`${name} in localStorage is corrected by a refresh`, async ({ page }) => {
    await signIn(page, 'Ada Lovelace');
    const before = await page.evaluate(() => localStorage.getItem('access_token'));
    await writeAsAnotherApp(page, { [key]: value });
    await page.goto('/items');
    await expect(page.locator('.cards li')).toHaveCount(12);
    expect(await page.evaluate(() => localStorage.getItem('access_token'))).not.toBe(before);
  });
}

for (const [name, value] of [
  ['that is none', 17],
  ['that no header can hold', 'a\nb\u1234'],
  ['that is empty', ''],
] as const) {
  test(`an access token ${name} in localStorage counts as signed out`, async ({ page }) => {
    await signIn(page, 'Ada Lovelace');
    await writeAsAnotherApp(page, { access_token: value });
    await page.goto('/profile');
    await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  });
}

test('the profile shows userinfo, the scopes and the time left', async ({ page, server }) => {
  await signIn(page, 'Ben Franklin');
  await fromMenu(page, 'Profile');
  await expect(page.getByRole('heading', { name: 'Ben Franklin' })).toBeVisible();
  await expect(page.getByText('ben@example.com')).toBeVisible();
  await expect(page.locator('.avatar.large img')).toHaveAttribute('src', `${server.issuer}/pictures/ben`);
  await expect(page.locator('.scopes li')).toHaveText(['email', 'openid', 'profile', 'read:items']);
  await expect(page.locator('.countdown')).toHaveText(/^1[45] min \d\d s$/);
});

test('userinfo about another person is not shown', async ({ page }) => {
  await signIn(page, 'Ben Franklin');
  await page.route('**/userinfo', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), sub: 'ada', name: 'Ada Lovelace' } });
  });
  await page.goto('/profile');
  await expect(page.getByText('answered about another person')).toBeVisible();
  await expect(page.getByText('Ada Lovelace')).toHaveCount(0);
});

test('without a userinfo response the profile shows the ID token', async ({ page }) => {
  await signIn(page, 'Ben Franklin');
  await page.route('**/userinfo', (route) => route.abort());
  await page.goto('/profile');
  await expect(page.getByRole('heading', { name: 'Ben Franklin' })).toBeVisible();
  await expect(page.getByText('ben@example.com')).toHaveCount(0);
});

test('a browser without storage shows the page and why a sign-in is not possible', async ({ page }) => {
  await page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException('denied', 'SecurityError'); } });
    }
  });
  await page.goto('/items');
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'does not let the site keep the sign-in' })).toBeVisible();
});

test('a full localStorage fails the sign-in with a message and stores nothing', async ({ page }) => {
  await page.addInitScript(() => {
    const real = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
      if (this === localStorage && key === 'id_token') throw new DOMException('full', 'QuotaExceededError');
      real.call(this, key, value);
    };
  });
  await page.goto('/');
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Ada Lovelace' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'storage for this site is full' })).toBeVisible();
  expect(await storedKeys(page)).toEqual([]);
});
