// Signing out ends the session in the app and, if supported, at the provider. The response is checked.
import { holdBack } from './fixtures';
import { enter, expect, expectSignedIn, fromMenu, kept, noTimeLimits, notice, signOut, storedKeys, withFaultyProvider } from './faulty';

const test = withFaultyProvider();
const bare = withFaultyProvider({}, { endsSessions: false });
const unrevoking = withFaultyProvider({}, { revokesTokens: false });

test('signing out ends the session at the provider and checks the response', async ({ page, provider, faulty }) => {
  await enter(page);
  const idToken = await kept(page, 'id_token');
  await signOut(page);
  await expect(notice(page, 'You are signed out, here and at your identity provider.')).toBeVisible();
  await expect(page).toHaveURL(`${faulty.server.url}/`);
  expect(provider.ended).toHaveLength(1);
  const query = provider.ended[0]!;
  expect(query.get('id_token_hint')).toBe(idToken);
  expect(query.get('post_logout_redirect_uri')).toBe(`${faulty.server.url}/`);
  expect(query.get('client_id')).toBe('portcullis');
  expect(query.get('state')!.length).toBeGreaterThanOrEqual(20);
  expect(await storedKeys(page)).toEqual([]);
  expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(page.locator('.session-notice')).toHaveCount(0);
});

test('each sign-out has a fresh state', async ({ page, provider }) => {
  for (const _ of [1, 2]) {
    await enter(page);
    await signOut(page);
  }
  expect(new Set(provider.ended.map((query) => query.get('state'))).size).toBe(2);
});

for (const [what, back] of [
  ['another state', '/?state=forged'],
  ['no state', '/'],
] as const) {
  test(`a response with ${what} does not count as the end of the session`, async ({ page }) => {
    await enter(page);
    await page.route('**/end?*', (route) => route.fulfill({ body: 'lost' }));
    await fromMenu(page, 'Sign out');
    await expect(page.getByText('lost')).toBeVisible();
    await page.goto(back);
    await expect(notice(page, 'Whether your identity provider has ended its own session is not known.')).toBeVisible();
    expect(await storedKeys(page)).toEqual([]);
    expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
  });
}

test('an unexpected state is ignored', async ({ page }) => {
  await page.goto('/?state=red');
  await expect(page.locator('.account').getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(page).toHaveURL(/\/\?state=red$/);
  await expect(page.locator('.session-notice')).toHaveCount(0);
});

bare('a provider without an end of sessions: everything goes here, and that it may know the person is said', async ({ page, provider }) => {
  await enter(page);
  await page.goto('/profile');
  await fromMenu(page, 'Sign out');
  await expect(notice(page, 'Your identity provider offers no sign-out')).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
  expect(provider.ended).toHaveLength(0);
  expect(await storedKeys(page)).toEqual([]);
  expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
  await page.reload();
  await expect(page.locator('.session-notice')).toHaveCount(0);
});

test('an expired session leaves nothing, and a reload shows no user', async ({ page, provider }) => {
  await page.clock.install();
  await enter(page);
  provider.does.refusal = { status: 400, body: '{"error":"invalid_grant"}' };
  await page.clock.fastForward('11:20');
  await expect(notice(page, 'Your session has ended.')).toBeVisible();
  await page.reload();
  await expect(page.locator('.account').getByRole('button', { name: 'Sign in' })).toBeVisible();
  expect(await storedKeys(page)).toEqual([]);
});

const DONE = 'You are signed out, here and at your identity provider.';
const NOT_CONFIRMED = "did not confirm that this app's access was revoked";

test('signing out revokes the refresh token', async ({ page, provider }) => {
  await enter(page);
  const refresh = await kept(page, 'refresh_token');
  await signOut(page);
  await expect(notice(page, DONE)).toBeVisible();
  expect(provider.revoked.map((form) => Object.fromEntries(form))).toEqual([
    { token: refresh, token_type_hint: 'refresh_token', client_id: 'portcullis' },
  ]);
  // As offline access has it: without the revocation it would give new tokens.
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh, client_id: 'portcullis' });
  expect((await fetch(`${provider.issuer}/token`, { method: 'POST', body })).status).toBe(400);
});

for (const revokes of ['never', 'with an error'] as const) {
  test(`a sign-out reports only what is known if revocation returns ${revokes}`, async ({ page, provider }) => {
    await page.clock.install();
    await enter(page);
    provider.does.revokes = revokes;
    // The page stays until the test has looked at it.
    const answer = await holdBack(page, '**/revoke', 'continue');
    await page.clock.pauseAt(Date.now() + 60_000);
    await fromMenu(page, 'Sign out');
    // At once, here and in all tabs.
    await expect(page.locator('.account').getByRole('button', { name: 'Sign in' })).toBeVisible();
    expect(await storedKeys(page)).toEqual([]);
    answer();
    await page.clock.resume();
    await expect(notice(page, NOT_CONFIRMED)).toBeVisible();
    await expect(notice(page, DONE)).toHaveCount(0);
    expect(provider.revoked).toHaveLength(1);
    expect(provider.ended).toHaveLength(1);
  });
}

unrevoking('a provider that revokes nothing is not said to have', async ({ page, provider }) => {
  await enter(page);
  await fromMenu(page, 'Sign out');
  await expect(notice(page, NOT_CONFIRMED)).toBeVisible();
  expect(provider.revoked).toEqual([]);
});

test('a session without a refresh token ends here and at the provider', async ({ page, provider }) => {
  provider.does.refreshes = false;
  await enter(page);
  await signOut(page);
  await expect(notice(page, DONE)).toBeVisible();
  expect(provider.revoked).toEqual([]);
});

test('a refresh token that arrives after the sign-out is revoked', async ({ page, provider }) => {
  const other = await page.context().newPage();
  await enter(page);
  await other.goto('/');
  await expectSignedIn(other);
  let answer = () => {};
  provider.does.until = new Promise<void>((resolve) => (answer = resolve));
  await other.evaluate(noTimeLimits);
  await other.evaluate(() => {
    localStorage.setItem('renew_at', '1');
    window.dispatchEvent(new Event('focus'));
  });
  await expect.poll(() => provider.exchanged.length).toBe(2);
  // The old one lives on, so the provider gives a new one.
  provider.does.revokes = 'with an error';
  await fromMenu(page, 'Sign out');
  await expect(page.locator('.session-notice')).toBeVisible();
  const before = provider.revoked.length;
  answer();
  await expect.poll(() => provider.revoked.length).toBe(before + 1);
  expect(await storedKeys(page)).toEqual([]);
});

test('an ID token of 12 KB does not break the end of the session', async ({ page, provider }) => {
  provider.does.claims = { groups: Array.from({ length: 300 }, (_, group) => `a-group-with-a-long-name-${group}`) };
  await enter(page);
  expect((await kept(page, 'id_token')).length).toBeGreaterThan(10_000);
  await signOut(page);
  await expect(notice(page, DONE)).toBeVisible();
  expect(provider.ended).toHaveLength(1);
  expect(provider.ended[0]!.get('id_token_hint')).toBeNull();
  expect(provider.ended[0]!.get('client_id')).toBe('portcullis');
});
