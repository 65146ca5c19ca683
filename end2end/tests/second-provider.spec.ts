// Sign-in, guarded pages, profile and sign-out with an independent provider.
import type { Page } from '@playwright/test';
import { SESSION_KEYS, expect, expectSignedIn, fromMenu, noTimeLimits, quiet, storedKeys } from './fixtures';
import { AUDIENCE, CLIENT_ID, startSecondProvider } from './second-provider';
import { type Running, startServer } from './servers';

function withSecondProvider(variables: Record<string, string> = {}, options = {}) {
  return quiet.extend<object, { server: Running & { provider: string } }>({
    server: [
      async ({}, use) => {
        const provider = await startSecondProvider(options);
        const server = await startServer({
          AUTH_ISSUER: provider.issuer,
          AUTH_AUDIENCE: AUDIENCE,
          AUTH_CLIENT_ID: CLIENT_ID,
          AUTH_SCOPES: 'openid profile email read:items',
          AUTH_AUDIENCE_PARAMETER: 'resource',
          ...variables,
        });
        provider.open(server.url);
        await use({ ...server, provider: provider.issuer });
        await server.stop();
        await provider.stop();
      },
      { scope: 'worker' },
    ],
    baseURL: async ({ server }, use) => use(server.url),
  });
}

const test = withSecondProvider();
const renewing = withSecondProvider({ AUTH_SCOPES: 'openid profile email' }, { renews: true });
const inMemory = withSecondProvider({ AUTH_TOKEN_STORE: 'memory' });

/** Waits until the server has read the provider's documents and offers the sign-in. */
async function ready(page: Page): Promise<void> {
  await expect(async () => {
    await page.goto('/');
    expect(await page.content()).toContain('authorization_endpoint');
    expect((await page.request.get('/readyz')).status()).toBe(200);
  }).toPass();
}

/** Signs out here and there. The page would wait for the revocation no longer than a second. */
async function signOut(page: Page): Promise<void> {
  await page.evaluate(noTimeLimits);
  await fromMenu(page, 'Sign out');
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
}

async function signIn(page: Page, login: string): Promise<void> {
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('Grace signs in, returns to the list, sees her profile and signs out', async ({ page, server }) => {
  await ready(page);
  await page.goto('/items');
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await expect(page).toHaveURL(new RegExp(`^${server.provider}/`));
  await signIn(page, 'grace');
  await expect(page).toHaveURL(/\/items$/);
  // The store of a server with a real provider is never filled with samples.
  await expect(page.getByText('There are no items yet.')).toBeVisible();
  expect(await storedKeys(page)).toEqual(SESSION_KEYS.filter((key) => key !== 'refresh_token'));

  // This provider's access token is for the API alone, so the profile comes from the ID token.
  await fromMenu(page, 'Profile');
  await expect(page.getByRole('heading', { name: 'Grace Hopper' })).toBeVisible();
  await expect(page.locator('.card.person').getByText('grace@example.org')).toBeVisible();
  await page.reload();
  await expect(page.locator('.scopes')).toContainText('read:items');

  await signOut(page);
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(page.getByText('You are signed out, here and at your identity provider.')).toBeVisible();
  expect(await storedKeys(page)).toEqual([]);
});

renewing('Grace asks for a scope that she lacks, is renewed with a fresh refresh token, and signs out', async ({ page, server }) => {
  await ready(page);
  await page.goto('/items');
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await signIn(page, 'grace');
  await expect(page.locator('.scopes')).toHaveText('read:items');
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('There are no items yet.')).toBeVisible();

  const kept = (key: string) => page.evaluate((name) => localStorage.getItem(name), key);
  for (const _ of [1, 2]) {
    const [access, refresh] = [await kept('access_token'), await kept('refresh_token')];
    expect(refresh).not.toBeNull();
    await page.evaluate(() => {
      localStorage.setItem('renew_at', '1');
      window.dispatchEvent(new Event('focus'));
    });
    await expect.poll(() => kept('access_token')).not.toBe(access);
    expect(await kept('refresh_token')).not.toBe(refresh);
  }
  await page.reload();
  await expect(page.getByText('There are no items yet.')).toBeVisible();

  await signOut(page);
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(page.getByText('You are signed out, here and at your identity provider.')).toBeVisible();
});

renewing('Linus asks for a scope that he is not granted, and is told so', async ({ page }) => {
  await ready(page);
  await page.goto('/items');
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await signIn(page, 'linus');
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'did not grant it' })).toBeVisible();
  await expect(page).toHaveURL(/\/items$/);
});

inMemory('Grace keeps no token in any storage, and a reload signs her in again without a word', async ({ page }) => {
  await ready(page);
  await page.goto('/items');
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await signIn(page, 'grace');
  await expect(page.getByText('There are no items yet.')).toBeVisible();
  expect(await storedKeys(page)).toEqual([]);
  await page.reload();
  await expect(page.getByText('There are no items yet.')).toBeVisible();
  await signOut(page);
  await expect(page.getByText('You are signed out, here and at your identity provider.')).toBeVisible();
  await page.goto('/items');
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
});

test('Linus, who has no scope, sees which one is missing', async ({ page }) => {
  await ready(page);
  await page.goto('/items');
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await signIn(page, 'linus');
  await expect(page.getByRole('heading', { name: "You can't open this page" })).toBeVisible();
  await expect(page.locator('.scopes')).toHaveText('read:items');
});

test('a user who cancels at the provider sees a message', async ({ page }) => {
  await ready(page);
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page.getByRole('heading', { name: 'Access was denied' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
});

test('the API accepts the access token of that provider but not its ID token', async ({ page }) => {
  await ready(page);
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await signIn(page, 'grace');
  await expectSignedIn(page);
  const ask = async (key: string) => {
    const token = await page.evaluate((name) => JSON.parse(localStorage.getItem(name)!), key);
    return (await page.request.get('/api/items', { headers: { Authorization: `Bearer ${token}` } })).status();
  };
  expect(await ask('access_token')).toBe(200);
  expect(await ask('id_token')).toBe(401);
});
