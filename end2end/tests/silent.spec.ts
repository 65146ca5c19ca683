// Tokens in the memory of a tab (AUTH_TOKEN_STORE=memory): no storage holds one, and a reload asks the provider, without
// a word, whether it still knows the person.
import type { Page } from '@playwright/test';
import { choose, expectSignedIn, fromMenu, noTimeLimits, signOut, withServer, writeAsApp } from './fixtures';
import { enter, expect, notice, storedKeys, typeIntoForm, formAgain, withFaultyProvider } from './faulty';

const test = withFaultyProvider({ AUTH_TOKEN_STORE: 'memory' });
const bare = withFaultyProvider({ AUTH_TOKEN_STORE: 'memory' }, { endsSessions: false });

const signedOut = (page: Page) => expect(page.locator('.account').getByRole('button', { name: 'Sign in' })).toBeVisible();

/** Whether anything in a storage of the page looks like a token. */
const tokensKept = (page: Page) =>
  page.evaluate(() => [localStorage, sessionStorage].some((storage) => /eyJ|_token/.test(JSON.stringify({ ...storage }))));

test('no token is in any storage', async ({ page }) => {
  await enter(page);
  await page.getByRole('link', { name: 'Items', exact: true }).click();
  await expect(page.getByText('There are no items yet.')).toBeVisible();
  expect(await storedKeys(page)).toEqual([]);
  expect(await tokensKept(page)).toBe(false);
});

test('tokens that an earlier setting left in storage are removed', async ({ page }) => {
  await page.goto('/');
  const old = ['access_token', 'id_token', 'refresh_token'].map((key) => [key, 'eyJ.old.token']);
  await writeAsApp(page, Object.fromEntries(old));
  await page.reload();
  await signedOut(page);
  expect(await tokensKept(page)).toBe(false);
});

test('a reload signs in again silently and stays where it is', async ({ page, provider }) => {
  await enter(page);
  await page.goto('/profile?tab=1#granted');
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  await expect(page).toHaveURL(/\/profile\?tab=1#granted$/);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  await expect(page).toHaveURL(/\/profile\?tab=1#granted$/);
  expect(provider.asked.map((query) => query.get('prompt'))).toEqual([null, 'none', 'none']);
});

test('a public page shows the user after a reload', async ({ page }) => {
  await enter(page);
  await page.reload();
  await expectSignedIn(page);
});

test('a guarded page that is opened fresh authenticates silently once', async ({ page, provider }) => {
  await page.goto('/profile');
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  expect(provider.asked.map((query) => query.get('prompt'))).toEqual(['none']);
});

test('a provider without a session leads to the sign-in, without a loop', async ({ page, provider }) => {
  await enter(page);
  provider.does.knows = false;
  await page.goto('/profile?tab=1');
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  expect(new URL(page.url()).searchParams.get('return_to')).toBe('/profile?tab=1');
  await page.reload();
  await page.goto('/profile');
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  expect(provider.asked).toHaveLength(2);
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
});

test('a session in memory is refreshed, and its end keeps the page', async ({ page, provider }) => {
  await page.clock.install();
  await enter(page);
  await fromMenu(page, 'Profile');
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  await typeIntoForm(page, 'half a letter');
  await page.clock.fastForward('11:20');
  await expect.poll(() => provider.exchanged.at(-1)!.get('grant_type')).toBe('refresh_token');
  await expect(page.locator('.countdown')).toHaveText(/^1[45] min/);
  provider.does.refusal = { status: 400, body: '{"error":"invalid_grant"}' };
  provider.does.ahead = 680;
  await page.clock.fastForward('11:20');
  await expect(notice(page, 'Your session has ended.')).toBeVisible();
  await expect(formAgain(page)).toHaveValue('half a letter');
});

test('signing out ends the session of all tabs, also after a reload', async ({ page, provider }) => {
  const other = await page.context().newPage();
  await enter(page);
  await other.goto('/profile');
  await expect(other.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  await fromMenu(page, 'Sign out');
  await signedOut(other);
  provider.does.knows = false;
  await expect(notice(page, 'You are signed out')).toBeVisible();
  // Each tab had a refresh token of its own.
  await expect.poll(() => new Set(provider.revoked.map((form) => form.get('token'))).size).toBe(2);
  for (const tab of [page, other]) {
    expect(await tab.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
    await tab.reload();
    await signedOut(tab);
  }
});

bare('whoever has signed out where the provider has no end of sessions is not signed in again unasked', async ({ page, provider }) => {
  await enter(page);
  await signOut(page);
  await page.goto('/profile');
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  expect(provider.asked).toHaveLength(1);
});

const development = withServer({ AUTH_TOKEN_STORE: 'memory' });

development('the development provider knows whom it has signed in, until the session is ended', async ({ page }) => {
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await choose(page, 'Ada Lovelace');
  await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
  await fromMenu(page, 'Sign out');
  await expect(notice(page, 'You are signed out')).toBeVisible();
  await page.goto('/profile');
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
});

test('a page from the back-forward cache checks the user again and keeps the text', async ({ page, provider }) => {
  await enter(page);
  await page.goto('/profile');
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  await typeIntoForm(page, 'half a letter');
  const asked = provider.asked.length;
  // Playwright turns off the cache that pages come back from.
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await expect.poll(() => provider.asked.length).toBe(asked + 1);
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  await typeIntoForm(page, '');
  await expect(formAgain(page)).toHaveValue('half a letter');
});

/** Opens a page whose way to the provider ends nowhere: the browser stays where it is. */
async function brokenOff(page: Page): Promise<void> {
  const broken = page.waitForResponse('**/authorize?**');
  await page.goto('/profile', { waitUntil: 'commit' });
  await broken;
}

test('interrupted silent authentication is repeated by the next page, but not forever', async ({ page, provider }) => {
  await enter(page);
  await page.route('**/authorize?**', (route) => route.fulfill({ status: 204 }));
  await brokenOff(page);
  await brokenOff(page);
  await page.unroute('**/authorize?**');
  await page.goto('/profile');
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  expect(provider.asked.map((query) => query.get('prompt'))).toEqual([null, 'none']);
  await page.route('**/authorize?**', (route) => route.fulfill({ status: 204 }));
  for (const _ of [1, 2, 3]) await brokenOff(page);
  await page.goto('/profile');
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
});

test('a sign-out in one tab holds for the silent authentication of another', async ({ page, provider }) => {
  await enter(page);
  const other = await page.context().newPage();
  let answer = () => {};
  provider.does.until = new Promise<void>((resolve) => (answer = resolve));
  await other.goto('/profile');
  await expect.poll(() => provider.exchanged.length).toBe(2);
  provider.does.knows = false;
  await page.evaluate(noTimeLimits);
  await fromMenu(page, 'Sign out');
  await expect(notice(page, 'You are signed out')).toBeVisible();
  answer();
  await expect(other.getByText('That page needs a sign-in.')).toBeVisible();
  await signedOut(other);
});
