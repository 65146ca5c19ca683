// A session with Keycloak: renewed by rotating refresh tokens, found again silently, and ended at both places.
import { signOut } from '../tests/fixtures';
import { kept, notice, storedKeys } from '../tests/faulty';
import type { Page } from '@playwright/test';
import { enter, expect, expectList, logIn, renew, test } from './fixtures';
import { CLIENT_ID } from './keycloak';

const TOKEN_ENDPOINT = '**/protocol/openid-connect/token';

/** Lets the next answer of the token endpoint be lost after Keycloak has given it. */
async function loseNextAnswer(page: Page): Promise<void> {
  await page.route(TOKEN_ENDPOINT, async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
}

/** The refreshes that the tabs of `page` ask for from now on. */
function countRefreshes(page: Page): { count: number } {
  const refreshes = { count: 0 };
  page.context().on('request', (request) => {
    if (request.postData()?.includes('grant_type=refresh_token')) refreshes.count += 1;
  });
  return refreshes;
}

test('a session is renewed with a new refresh token each time', async ({ page }) => {
  await enter(page, 'ada');
  await expectList(page);
  for (const _ of [1, 2, 3]) {
    const [access, refresh] = [await kept(page, 'access_token'), await kept(page, 'refresh_token')];
    await renew(page);
    await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
    expect(await kept(page, 'refresh_token')).not.toBe(refresh);
  }
  await page.reload();
  await expectList(page);
});

test('two tabs that are due at once ask Keycloak once, and both go on', async ({ page }) => {
  await enter(page, 'ada');
  const other = await page.context().newPage();
  await other.goto('/items');
  for (const tab of [page, other]) await expectList(tab);
  const refreshes = countRefreshes(page);
  for (const turn of [1, 2]) {
    const access = await kept(page, 'access_token');
    await page.evaluate(() => localStorage.setItem('renew_at', '1'));
    await Promise.all([page, other].map((tab) => tab.evaluate(() => window.dispatchEvent(new Event('focus')))));
    await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
    expect(refreshes.count).toBe(turn);
  }
  for (const tab of [page, other]) {
    await tab.reload();
    await expectList(tab);
    await expect(tab.locator('.session-notice')).toHaveCount(0);
  }
});

test('a refresh whose answer is lost is asked for again, which a reuse of 1 allows', async ({ page }) => {
  await enter(page, 'ada');
  await expectList(page);
  const access = await kept(page, 'access_token');
  await loseNextAnswer(page);
  await renew(page);
  await expect.poll(() => kept(page, 'access_token'), { timeout: 40_000 }).not.toBe(access);
  await expect(page.locator('.session-notice')).toHaveCount(0);
  // And the session has not become one that ends at the next renewal.
  const next = await kept(page, 'access_token');
  await renew(page);
  await expect.poll(() => kept(page, 'access_token')).not.toBe(next);
});

test('without a reuse, a refresh whose answer is lost ends the session', async ({ page, deployment }) => {
  const reuse = (refreshTokenMaxReuse: number) => deployment.keycloak.admin('PUT', '', { refreshTokenMaxReuse });
  expect((await reuse(0)).status).toBe(204);
  try {
    await enter(page, 'ada');
    await expectList(page);
    await loseNextAnswer(page);
    await renew(page);
    await expect(notice(page, 'Your session has ended.')).toBeVisible({ timeout: 40_000 });
  } finally {
    await reuse(1);
  }
});

test('tokens in memory are asked for again silently by a reload', async ({ page, deployment }) => {
  await enter(page, 'ada', deployment.forgetful.url);
  await expectList(page);
  expect(await storedKeys(page)).toEqual([]);
  const silent = page.waitForRequest((request) => request.url().includes('prompt=none'));
  await page.reload();
  await silent;
  await expectList(page);
  await expect(page).toHaveURL(/\/items$/);
});

test('signing out revokes the refresh token, and ends the session at Keycloak', async ({ page, deployment }) => {
  await enter(page, 'ada');
  const refresh = await kept(page, 'refresh_token');
  await signOut(page);
  await expect(notice(page, 'You are signed out, here and at your identity provider.')).toBeVisible();
  await expect(page).toHaveURL(`${deployment.app.url}/`);
  expect(await storedKeys(page)).toEqual([]);

  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh, client_id: CLIENT_ID });
  const answer = await fetch(`${deployment.keycloak.issuer}/protocol/openid-connect/token`, { method: 'POST', body });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: 'invalid_grant' });

  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await logIn(page, 'ben');
  await expect(page.locator('.account .who')).toContainText('Ben');
});
