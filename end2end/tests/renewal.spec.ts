// A session is refreshed before it expires. If that fails, the user keeps the page and the typed text.
import type { Page } from '@playwright/test';
import type { FaultyProvider } from './faulty-provider';
import {
  ENDED_KEYS, enter, expect, expectRefreshFailed, expectSignedIn, formAgain, kept, notice, passUntilRefresh, refreshes, storedKeys, thereAndBack, typeIntoForm,
  withFaultyProvider,
} from './faulty';

const test = withFaultyProvider();

/** Three quarters of the fifteen minutes that a token lives, and a little more. */
const DUE = '11:20';
const PAST_THE_END = '16:00';

test.beforeEach(async ({ page }) => page.clock.install());

/** Opens the profile at an address with query and fragment, with something typed that was not sent. */
async function atWork(page: Page): Promise<void> {
  await enter(page);
  await page.goto('/profile?tab=1#granted');
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  await typeIntoForm(page, 'half a letter');
}

/** Signs in by the way that the notice offers, and is back: place and heading are those of before all the while. */
const signInToGoOn = (page: Page) => thereAndBack(page, () => page.getByRole('button', { name: 'Sign in to go on' }).click());

async function expectPlaceKept(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/profile\?tab=1#granted$/);
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
}

test('a session is refreshed in time, and each refresh token is used once', async ({ page, provider }) => {
  await enter(page);
  for (const turn of [1, 2, 3]) {
    provider.does.ahead = turn * 680; // Time passes for the provider, too.
    const [access, refresh] = [await kept(page, 'access_token'), await kept(page, 'refresh_token')];
    await page.clock.fastForward(DUE);
    await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
    expect(refreshes(provider)).toBe(turn);
    expect(provider.exchanged.at(-1)!.get('refresh_token')).toBe(refresh);
    expect(await kept(page, 'refresh_token')).not.toBe(refresh);
  }
  expect(provider.reused).toBe(0);
  await expect(page.locator('.session-notice')).toHaveCount(0);
});

test('a provider without rotation keeps the refresh token', async ({ page, provider }) => {
  await enter(page);
  const refresh = await kept(page, 'refresh_token');
  const access = await kept(page, 'access_token');
  provider.does.refreshes = false;
  await page.clock.fastForward(DUE);
  await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
  expect(await kept(page, 'refresh_token')).toBe(refresh);
});

test('a refresh does not rebuild the page', async ({ page }) => {
  await atWork(page);
  const access = await kept(page, 'access_token');
  await page.clock.fastForward(DUE);
  await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
  await expect(formAgain(page)).toHaveValue('half a letter');
  await expectPlaceKept(page);
});

for (const [what, change] of [
  ['another subject', { claims: { sub: 'eve' } }],
  ['another issuer', { claims: { iss: 'https://evil.example' } }],
  ['another audience', { claims: { aud: 'another-client' } }],
  ['another nonce', { claims: { nonce: 'another' } }],
  ['no subject', { claims: { sub: undefined } }],
  ["another person's access token", { accessClaims: { sub: 'eve' } }],
] as const) {
  test(`a refresh with ${what} is rejected and ends the session with a message`, async ({ page, provider }) => {
    await atWork(page);
    Object.assign(provider.does, change);
    await page.clock.fastForward(DUE);
    await expect(notice(page, 'did not fit your session')).toBeVisible();
    expect(await storedKeys(page)).toEqual(ENDED_KEYS);
    await expect(formAgain(page)).toHaveValue('half a letter');
    await expectPlaceKept(page);
  });
}

test('a session that the provider ended asks for a sign-in and keeps the input', async ({ page, provider }) => {
  await atWork(page);
  provider.does.refusal = { status: 400, body: '{"error":"invalid_grant"}' };
  await page.clock.fastForward(DUE);
  await expect(notice(page, 'Your session has ended.')).toBeVisible();
  await expect(formAgain(page)).toHaveValue('half a letter');
  expect(await storedKeys(page)).toEqual(ENDED_KEYS);
  expect(refreshes(provider)).toBe(1);
  provider.does.refusal = undefined;
  await signInToGoOn(page);
  await expectPlaceKept(page);
  await typeIntoForm(page, '');
  await expect(formAgain(page)).toHaveValue('half a letter');
  await expect(page.locator('.session-notice')).toHaveCount(0);
});

test('the text of one user is not shown to the next', async ({ page, provider }) => {
  await atWork(page);
  provider.does.refusal = { status: 400, body: '{"error":"invalid_grant"}' };
  await page.clock.fastForward(DUE);
  await expect(notice(page, 'Your session has ended.')).toBeVisible();
  Object.assign(provider.does, { refusal: undefined, subject: 'eve' });
  await page.getByRole('button', { name: 'Sign in to go on' }).click();
  await expect(page.getByRole('heading', { name: 'eve of the provider' })).toBeVisible();
  await typeIntoForm(page, '');
  await expect.poll(() => page.evaluate(() => sessionStorage.getItem('portcullis_draft'))).toBeNull();
  await expect(formAgain(page)).toHaveValue('');
});

test('without a refresh token the user is asked before the end and loses nothing', async ({ page, provider }) => {
  provider.does.refreshes = false;
  await atWork(page);
  await page.clock.fastForward('12:00');
  await expect(page.locator('.session-notice')).toHaveCount(0);
  await page.clock.fastForward('01:30');
  await expect(notice(page, 'Your session ends in a moment.')).toBeVisible();
  await expect(formAgain(page)).toHaveValue('half a letter');
  await signInToGoOn(page);
  await expectPlaceKept(page);
  await typeIntoForm(page, '');
  await expect(formAgain(page)).toHaveValue('half a letter');
});

test('without a refresh token the end of the session keeps the page', async ({ page, provider }) => {
  provider.does.refreshes = false;
  await atWork(page);
  await page.clock.fastForward(PAST_THE_END);
  await expect(notice(page, 'Your session has ended.')).toBeVisible();
  await expect(formAgain(page)).toHaveValue('half a letter');
  await expectPlaceKept(page);
  expect(await storedKeys(page)).toEqual(ENDED_KEYS);
  await expect(page.locator('.account').getByRole('button', { name: 'Sign in' })).toBeVisible();
});

for (const [what, fault] of [
  ['is dead', { dead: true }],
  ['has trouble', { refusal: { status: 503, body: 'busy' } }],
  ['says that it has trouble', { refusal: { status: 400, body: '{"error":"temporarily_unavailable"}' } }],
] as const) {
  test(`a provider that ${what} is retried silently while the token is valid`, async ({ page, provider }) => {
    await enter(page);
    const access = await kept(page, 'access_token');
    Object.assign(provider.does, fault);
    await page.clock.fastForward(DUE);
    // The browser itself may ask twice where a connection breaks off.
    await expect.poll(() => refreshes(provider)).toBeGreaterThan(0);
    await expectSignedIn(page);
    await expect(page.locator('.session-notice')).toHaveCount(0);
    await expectRefreshFailed(page);
    Object.assign(provider.does, { dead: false, refusal: undefined });
    await passUntilRefresh(page, provider, 5);
    await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
    expect(await storedKeys(page)).not.toEqual([]);
  });
}

test('a provider that is down at the end shows a message and keeps the page', async ({ page, provider }) => {
  await atWork(page);
  provider.does.dead = true;
  await page.clock.fastForward(PAST_THE_END);
  await expect(notice(page, "the identity provider can't be reached")).toBeVisible();
  await expect(formAgain(page)).toHaveValue('half a letter');
  provider.does.dead = false;
  await page.getByRole('button', { name: 'Try again now' }).click();
  await expect(page.locator('.session-notice')).toHaveCount(0);
  await expect(formAgain(page)).toHaveValue('half a letter');
});

test('a slow provider times out after ten seconds and is retried', async ({ page, provider }) => {
  await enter(page);
  const access = await kept(page, 'access_token');
  let answer = () => {};
  provider.does.until = new Promise<void>((resolve) => (answer = resolve));
  await page.clock.fastForward(PAST_THE_END);
  await expect.poll(() => refreshes(provider)).toBe(1);
  await page.clock.fastForward('00:10');
  await expect(notice(page, "the identity provider can't be reached")).toBeVisible();
  provider.does.until = Promise.resolve();
  await page.getByRole('button', { name: 'Try again now' }).click();
  await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
  answer();
});

test('an expired session while offline has its own message until the network is back', async ({ page, context }) => {
  await atWork(page);
  const access = await kept(page, 'access_token');
  await context.setOffline(true);
  await page.clock.fastForward(PAST_THE_END);
  await expect(notice(page, 'You are offline.')).toBeVisible();
  await expect(formAgain(page)).toHaveValue('half a letter');
  await context.setOffline(false);
  await expect(page.locator('.session-notice')).toHaveCount(0);
  expect(await kept(page, 'access_token')).not.toBe(access);
});

test('a device that slept past the end refreshes without an error', async ({ page }) => {
  await atWork(page);
  const access = await kept(page, 'access_token');
  // Asleep for an hour: the wall clock has gone on, the timers have not, and the server knows.
  const later = Date.now() + 3_600_000;
  await page.route('**/healthz', (route) => route.fulfill({ headers: { date: new Date(later).toUTCString() }, body: 'ok' }));
  await page.route('**/token', async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    delete body.id_token; // Its times are those of a provider that has not slept.
    await route.fulfill({ response, json: body });
  });
  await page.clock.setSystemTime(later);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
  await expect(page.locator('.session-notice')).toHaveCount(0);
  await expect(formAgain(page)).toHaveValue('half a letter');
});

test('a page that is opened after the end refreshes before it shows anything', async ({ page, provider }) => {
  await enter(page);
  await page.evaluate(() => {
    localStorage.setItem('expires_at', '1000');
    localStorage.setItem('renew_at', '500');
  });
  await page.goto('/profile');
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  expect(refreshes(provider)).toBe(1);
  expect(provider.asked).toHaveLength(1);
});

test('the text survives a sign-in that fails first', async ({ page, provider }) => {
  await atWork(page);
  provider.does.refusal = { status: 400, body: '{"error":"invalid_grant"}' };
  await page.clock.fastForward(DUE);
  await expect(notice(page, 'Your session has ended.')).toBeVisible();
  Object.assign(provider.does, { refusal: undefined, approves: false });
  await page.getByRole('button', { name: 'Sign in to go on' }).click();
  await expect(page.getByRole('heading', { name: 'Access was denied' })).toBeVisible();
  provider.does.approves = true;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expectPlaceKept(page);
  await typeIntoForm(page, '');
  await expect(formAgain(page)).toHaveValue('half a letter');
});

/** Ends the session at the provider, and signs in again by the way that the page offers. */
async function endAndComeBack(page: Page, provider: FaultyProvider): Promise<void> {
  provider.does.refusal = { status: 400, body: '{"error":"invalid_grant"}' };
  await page.clock.fastForward(DUE);
  await expect(notice(page, 'Your session has ended.')).toBeVisible();
  provider.does.refusal = undefined;
  await signInToGoOn(page);
  await expect(page.locator('.session-notice')).toHaveCount(0);
}

test('a refresh error that requires the user ends the session without retries', async ({ page, provider }) => {
  await atWork(page);
  provider.does.refusal = { status: 400, body: '{"error":"interaction_required"}' };
  await page.clock.fastForward(DUE);
  await expect(notice(page, 'Your session has ended.')).toBeVisible();
  expect(refreshes(provider)).toBe(1);
});

test('the text of a new item is restored after the sign-in', async ({ page, provider }) => {
  await enter(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Half a lamp');
  await page.getByLabel('Price').fill('12');
  await endAndComeBack(page, provider);
  await expect(page).toHaveURL(/\/items\/new$/);
  await expect(page.getByLabel('Name')).toHaveValue('Half a lamp');
  await expect(page.getByLabel('Price')).toHaveValue('12');
  // It is what the form takes, and not only what is shown.
  await page.getByLabel('Currency').fill('EUR');
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(page.getByRole('heading', { name: 'Half a lamp', level: 1 })).toBeVisible();
  await expect(page.getByText('12.00 EUR')).toBeVisible();
});

test('an edit continues after the sign-in', async ({ page, provider }) => {
  await enter(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Whole');
  await page.getByRole('button', { name: 'Create item' }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Name').fill('Half');
  await endAndComeBack(page, provider);
  await expect(page.getByRole('heading', { name: 'Edit item' })).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('Half');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('heading', { name: 'Whole', level: 1 })).toBeVisible();
});

test('an edit is merged with a newer version after the sign-in', async ({ page, provider }) => {
  await enter(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Contested');
  await page.getByRole('button', { name: 'Create item' }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Name').fill('Mine');
  const id = new URL(page.url()).pathname.split('/').at(-1);
  const answer = await page.request.put(`/api/items/${id}`, {
    headers: { authorization: `Bearer ${await kept(page, 'access_token')}`, 'if-match': '*' },
    data: { name: 'Contested', description: 'Theirs' },
  });
  expect(answer.status()).toBe(200);
  await endAndComeBack(page, provider);
  await expect(page.getByLabel('Name')).toHaveValue('Mine');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Mine', level: 1 })).toBeVisible();
  await expect(page.getByRole('status').getByText('Changed elsewhere, and kept: Description.')).toBeVisible();
  await expect(page.getByText('Theirs')).toBeVisible();
});

test('a creation with a lost response is not repeated after the sign-in', async ({ page, provider }) => {
  await enter(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Singular');
  await page.route('**/rpc/items/create', async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(page.getByRole('status').getByText("Couldn't create the item")).toBeVisible();
  await endAndComeBack(page, provider);
  await expect(page.getByLabel('Name')).toHaveValue('Singular');
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(page.getByRole('heading', { name: 'Singular', level: 1 })).toBeVisible();
  await page.goto('/items?search=singular');
  await expect(page.locator('.cards li')).toHaveCount(1);
});

/** The file with the code that renews, which is not in the first download. */
const PART = '**/split_sign_in.wasm';

test('the refresh code is loaded before its release is gone', async ({ page }) => {
  await atWork(page);
  const access = await kept(page, 'access_token');
  const fetched = page.waitForResponse(PART);
  await page.clock.fastForward('00:21');
  expect((await fetched).status()).toBe(200);
  await (await fetched).finished();
  await page.route(PART, (route) => route.fulfill({ status: 404 }));
  await page.clock.fastForward(DUE);
  await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
  await expect(page.locator('.session-notice')).toHaveCount(0);
});

test.describe('a release that is gone', () => {
  // What the loader says of a part that is not there.
  test.use({ expected: /HTTP status code is not ok/ });

  test('a page whose release is gone asks for a reload and keeps the text', async ({ page }) => {
    await atWork(page);
    await page.route(PART, (route) => route.fulfill({ status: 404 }));
    await page.clock.fastForward(PAST_THE_END);
    await expect(notice(page, 'This page has to be loaded again.')).toBeVisible();
    await expect(formAgain(page)).toHaveValue('half a letter');
    await page.unroute(PART);
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Load again' }).click()]);
    await expectPlaceKept(page);
    await typeIntoForm(page, '');
    await expect(formAgain(page)).toHaveValue('half a letter');
    await expect(page.locator('.session-notice')).toHaveCount(0);
  });
});

test('a device that slept past the end without a refresh token keeps the text', async ({ page, provider }) => {
  provider.does.refreshes = false;
  await atWork(page);
  const later = Date.now() + 3_600_000;
  await page.route('**/healthz', (route) => route.fulfill({ headers: { date: new Date(later).toUTCString() }, body: 'ok' }));
  await page.clock.setSystemTime(later);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await expect(notice(page, 'Your session has ended.')).toBeVisible();
  await expect(formAgain(page)).toHaveValue('half a letter');
  await expectPlaceKept(page);
});

test('a device that wakes up offline waits for the network and continues', async ({ page, context }) => {
  await atWork(page);
  const later = Date.now() + 3_600_000;
  await context.setOffline(true);
  await page.clock.setSystemTime(later);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await expect(notice(page, 'You are offline.')).toBeVisible();
  await expect(formAgain(page)).toHaveValue('half a letter');
  // The server's clock has not gone on: the session is as good as it was.
  await context.setOffline(false);
  await expect(page.locator('.session-notice')).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
});

test('a page from the back-forward cache shows no user who has signed out', async ({ page, provider }) => {
  await atWork(page);
  provider.does.refusal = { status: 400, body: '{"error":"invalid_grant"}' };
  await page.clock.fastForward(DUE);
  await expect(notice(page, 'Your session has ended.')).toBeVisible();
  await expectPlaceKept(page);
  // Playwright turns off the cache that pages come back from.
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  await expect(page.getByText('ada of the provider')).toHaveCount(0);
});
