// What a page shows as allowed and owned is what the API decides: the server says who the caller is, and checks the ID token.
import type { Page } from '@playwright/test';
import { AUDIENCE } from './faulty-provider';
import { ENDED_KEYS, enter, expect, expectSignedIn, kept, record, refreshes, storedKeys, withFaultyProvider } from './faulty';

const test = withFaultyProvider();
/** Names its API's scopes with the API's identifier, as Entra does. */
const entra = withFaultyProvider({ AUTH_SCOPES: 'openid api://app/read:items api://app/write:items' });
/** Puts rights into a claim of its own. */
const roles = withFaultyProvider({ AUTH_RIGHTS_CLAIMS: 'scope permissions' });
/** Without OpenID Connect: no ID token. */
const plain = withFaultyProvider({ AUTH_SCOPES: 'read:items write:items' });

async function begin(page: Page): Promise<void> {
  await page.goto('/');
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
}

async function expectRefused(page: Page, words: string | RegExp): Promise<void> {
  await expect(page.getByRole('alert').filter({ hasText: words })).toBeVisible({ timeout: 40_000 });
  expect(await storedKeys(page)).toEqual([]);
}

/** Creates an item and ends on its page. */
async function create(page: Page, name: string): Promise<void> {
  await page.goto('/items/new');
  await page.getByLabel('Name').fill(name);
  await page.locator('form.sheet button[type=submit]').click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
}

test('an access token with another subject than the ID token owns what it creates', async ({ page, provider }) => {
  provider.does.accessClaims = { sub: 'ada@example.org' };
  await enter(page);
  await create(page, 'Owned');
  for (const name of ['Edit', 'Delete']) await expect(page.getByRole('button', { name })).not.toHaveAttribute('aria-disabled');
  await page.goto('/profile');
  await expect(page.getByText('Subject ada@example.org')).toBeVisible();
});

test('an access token without a subject is not assigned to that of the ID token', async ({ page, provider }) => {
  provider.does.accessClaims = { sub: undefined };
  await enter(page);
  expect((await record(page)).subject).toBeUndefined();
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Nameless');
  await page.locator('form.sheet button[type=submit]').click();
  await expect(page.getByRole('status').filter({ hasText: "doesn't say who you are" })).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('Nameless');
});

entra('scopes with the identifier of the API in the token answer open what the API allows', async ({ page, provider }) => {
  provider.does.accessClaims = { scope: undefined, scp: 'read:items' };
  await enter(page);
  await page.goto('/items');
  await expect(page.getByText('There are no items yet.')).toBeVisible();
  expect(await kept(page, 'scopes')).toBe('read:items');
  // What is asked for besides has the provider's name, too.
  await page.goto('/items/new');
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'did not grant it' })).toBeVisible();
  expect(provider.asked.at(-1)!.get('scope')!.split(' ').sort()).toEqual(['api://app/read:items', 'api://app/write:items', 'openid']);
});

roles('rights that only the server sees open pages', async ({ page, provider }) => {
  provider.does.accessClaims = { scope: 'openid', permissions: ['read:items', 'write:items'] };
  provider.does.grants = (scope) => scope === 'openid';
  await enter(page);
  await page.goto('/items');
  await expect(page.getByRole('searchbox')).toBeVisible();
  await page.goto('/access');
  const list = page.getByRole('row').filter({ has: page.getByRole('link', { name: '/items', exact: true }) });
  await expect(list).toContainText('Open');
  await expect(page.getByText('Missing read:items')).toHaveCount(0);
  await expect(page.getByText('Missing delete:items').first()).toBeVisible();
  await page.goto('/profile');
  await expect(page.locator('.scopes li')).toHaveText(['openid', 'read:items', 'write:items']);
});

plain('a provider without ID tokens signs in, and what is created is owned', async ({ page }) => {
  await page.goto('/');
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await expectSignedIn(page);
  await create(page, 'Plain');
  await expect(page.getByRole('button', { name: 'Edit' })).not.toHaveAttribute('aria-disabled');
});

for (const [what, signs] of [
  ['without a signature', 'not at all'],
  ['with a signature of another key', 'wrongly'],
] as const) {
  test(`an ID token ${what} signs nobody in`, async ({ page, provider }) => {
    provider.does.signs = signs;
    await begin(page);
    await expectRefused(page, 'The sign-in was not accepted');
    // The refresh token that came along is not left behind.
    await expect.poll(() => provider.revoked.length).toBe(1);
  });

  test(`a refresh with an ID token ${what} ends the session`, async ({ page, provider }) => {
    await enter(page);
    provider.does.signs = signs;
    await page.evaluate(() => {
      localStorage.setItem('renew_at', '1');
      window.dispatchEvent(new Event('focus'));
    });
    await expect(page.locator('.session-notice').filter({ hasText: 'did not fit your session' })).toBeVisible();
    expect(await storedKeys(page)).toEqual(ENDED_KEYS);
  });
}

for (const [what, change] of [
  ['opaque', { opaque: true }],
  ['for another audience', { accessClaims: { aud: 'https://elsewhere.example' } }],
  ['of another issuer', { accessClaims: { iss: 'https://elsewhere.example' } }],
  ['already expired', { accessClaims: { exp: 1_000_000_000 } }],
] as const) {
  test(`an access token that is ${what} shows an error with where to look`, async ({ page, provider }) => {
    Object.assign(provider.does, change);
    await begin(page);
    await expectRefused(page, 'does not accept the access tokens that your identity provider issues');
    await expect(page.getByRole('alert')).toContainText('Signing in again will not help');
    await expect(page.getByRole('alert')).toContainText('server doctor');
    await expect(page.locator('.session-notice')).toHaveCount(0);
  });
}

test('a sign-in that the server cannot check at once is checked again', async ({ page }) => {
  let calls = 0;
  await page.route('**/rpc/session/identify', async (route) => {
    calls += 1;
    if (calls < 3) await route.fulfill({ status: 503, json: {} });
    else await route.continue();
  });
  await enter(page);
  expect(calls).toBe(3);
});

const PENDING = {
  status: 503,
  headers: { 'retry-after': '2' },
  json: {
    name: 'ServiceUnavailableError', message: 'pending', code: 'key_not_yet_known', status: 503, inner: { message: 'pending' },
  },
};

test('a sign-in with a pending key is checked when the server says', async ({ page }) => {
  const times: number[] = [];
  await page.route('**/rpc/session/identify', async (route) => {
    times.push(Date.now());
    if (times.length < 2) await route.fulfill(PENDING);
    else await route.continue();
  });
  await enter(page);
  expect(times[1]! - times[0]!).toBeGreaterThan(1_900);
});

test('a page retries by itself while the signing key is pending', async ({ page }) => {
  await enter(page);
  const times: number[] = [];
  await page.route('**/rpc/items/list*', async (route) => {
    times.push(Date.now());
    if (times.length < 2) await route.fulfill(PENDING);
    else await route.continue();
  });
  await page.goto('/items');
  // Another test of this worker may have created an item.
  await expect(page.locator('.cards li').first().or(page.getByText('There are no items yet.'))).toBeVisible();
  expect(times).toHaveLength(2);
  expect(times[1]! - times[0]!).toBeGreaterThan(1_900);
});

test('a sign-in that the server cannot check shows an error and can be retried', async ({ page, provider }) => {
  await page.route('**/rpc/session/identify', (route) => route.abort());
  await begin(page);
  await expectRefused(page, 'The server could not check your sign-in');
  await page.unroute('**/rpc/session/identify');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expectSignedIn(page);
  expect(provider.exchanged.map((form) => form.get('grant_type'))).toEqual(['authorization_code', 'authorization_code']);
});

test('a step-up that the server cannot check keeps the session and refresh token', async ({ page, provider }) => {
  provider.does.grants = (scope) => !scope.endsWith(':items');
  await enter(page);
  await page.goto('/items');
  await page.route('**/rpc/session/identify', (route) => route.abort());
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'could not check your sign-in' })).toBeVisible({ timeout: 40_000 });
  await expectSignedIn(page);
  expect(provider.revoked).toEqual([]);
});

test('a refresh that the server cannot check keeps the known identity', async ({ page, provider }) => {
  await enter(page);
  const [access, idToken] = [await kept(page, 'access_token'), await kept(page, 'id_token')];
  await page.route('**/rpc/session/identify', (route) => route.abort());
  await page.evaluate(() => {
    localStorage.setItem('renew_at', '1');
    window.dispatchEvent(new Event('focus'));
  });
  await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
  // The new ID token was not checked, so the one that was stays.
  expect(await kept(page, 'id_token')).toBe(idToken);
  await expectSignedIn(page);
  expect(refreshes(provider)).toBe(1);
});

test('a refresh shows the scopes that the API grants from then on', async ({ page, provider }) => {
  await enter(page);
  await page.goto('/profile');
  await expect(page.locator('.scopes')).toContainText('write:items');
  provider.does.accessClaims = { scope: 'openid read:items', aud: AUDIENCE };
  await page.evaluate(() => {
    localStorage.setItem('renew_at', '1');
    window.dispatchEvent(new Event('focus'));
  });
  await expect(page.locator('.scopes li')).toHaveText(['openid', 'read:items']);
});
