// The callback page with invalid responses.
import type { Page } from '@playwright/test';
import { choose, expect, expectSignedIn, fromMenu, holdBack, hydrated, signIn, storedKeys, test } from './fixtures';

/** Begins a sign-in and stops before the person has chosen: gives the state that was sent. */
async function begin(page: Page): Promise<string> {
  await page.goto('/');
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Choose an account' })).toBeVisible();
  return new URL(page.url()).searchParams.get('state')!;
}

/** Chooses Ada at the provider, and gives the address that it sends the browser to, without opening it. */
async function answerOf(page: Page): Promise<string> {
  let answer = '';
  await page.route('**/authorize', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    const response = await route.fetch({ maxRedirects: 0 });
    answer = response.headers().location!;
    await route.fulfill({ status: 204 });
  });
  await page.getByRole('button', { name: 'Ada Lovelace' }).click();
  await expect.poll(() => answer).toContain('/callback?');
  return answer;
}

async function expectRefused(page: Page, words: string | RegExp): Promise<void> {
  await expect(page.getByRole('alert').filter({ hasText: words })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Go to the home page' })).toBeVisible();
  await expect(page).toHaveURL(/\/callback$/);
  // Where a sign-in was going that has not been answered yet is no secret.
  expect((await storedKeys(page)).filter((key) => key !== 'portcullis_returns')).toEqual([]);
}

test('a user who cancels sees a message and can try again', async ({ page }) => {
  await begin(page);
  await page.getByRole('button', { name: 'Deny access' }).click();
  await expectRefused(page, 'access was denied');
  await page.getByRole('button', { name: 'Try again' }).click();
  await choose(page, 'Ada Lovelace');
  await expectSignedIn(page);
});

test('a retry leads to the page that the user wanted', async ({ page }) => {
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await page.getByRole('button', { name: 'Deny access' }).click();
  await expectRefused(page, 'access was denied');
  await page.getByRole('button', { name: 'Try again' }).click();
  await choose(page, 'Ada Lovelace');
  await expect(page).toHaveURL(/\/profile$/);
});

test('the error of the provider is shown in its own words', async ({ page, server }) => {
  const state = await begin(page);
  const query = new URLSearchParams({ state, iss: server.issuer!, error: 'server_error', error_description: 'The cellar is flooded' });
  await page.goto(`/callback?${query}`);
  await expectRefused(page, 'The cellar is flooded');
});

test('a forged state is rejected before anything else is used', async ({ page, server }) => {
  await begin(page);
  let asked = 0;
  page.on('request', (request) => (asked += Number(request.url().endsWith('/token'))));
  const queries: Record<string, string>[] = [
    { state: 'forged', code: 'stolen', iss: server.issuer! },
    { code: 'stolen', iss: server.issuer! },
    { state: 'forged', error: 'server_error', error_description: 'Call this number' },
  ];
  for (const query of queries) {
    await page.goto(`/callback?${new URLSearchParams(query)}`);
    await expectRefused(page, 'expired or was opened in another tab');
    await expect(page.getByText('Call this number')).toHaveCount(0);
  }
  expect(asked).toBe(0);
});

test('a state is accepted once', async ({ page, server }) => {
  const state = await begin(page);
  const query = new URLSearchParams({ state, iss: server.issuer!, error: 'access_denied' });
  await page.goto(`/callback?${query}`);
  await expectRefused(page, 'access was denied');
  await page.goto(`/callback?${query}`);
  await expectRefused(page, 'expired or was opened in another tab');
});

test('a token in the address is not used', async ({ page, server }) => {
  const state = await begin(page);
  await page.goto(`/callback#${new URLSearchParams({ state, iss: server.issuer!, access_token: 'a.b.c', token_type: 'Bearer' })}`);
  await expectRefused(page, 'handed over in the address');
});

test('a response of another issuer, or of none, is rejected', async ({ page }) => {
  const issuers: Record<string, string>[] = [{ iss: 'https://evil.example' }, {}];
  for (const iss of issuers) {
    const state = await begin(page);
    await page.goto(`/callback?${new URLSearchParams({ state, code: 'c', ...iss })}`);
    await expectRefused(page, 'iss' in iss ? 'another identity provider' : "doesn't name the identity provider");
  }
});

test('an invalid code shows an error', async ({ page, server }) => {
  const state = await begin(page);
  await page.goto(`/callback?${new URLSearchParams({ state, code: 'worn-out', iss: server.issuer! })}`);
  await expectRefused(page, 'the code is not valid any more');
});

test('a token endpoint that is down shows an error', async ({ page, server }) => {
  const state = await begin(page);
  await page.route('**/token', (route) => route.abort());
  await page.goto(`/callback?${new URLSearchParams({ state, code: 'c', iss: server.issuer! })}`);
  await expectRefused(page, 'the identity provider could not be reached');
});

for (const [claim, change, words] of [
  ['iss', { iss: 'https://evil.example' }, 'comes from another issuer'],
  ['aud', { aud: 'another-client' }, 'meant for another client'],
  ['exp', { exp: 1_000_000_000 }, 'has expired'],
  ['iat', { iat: 9_000_000_000 }, 'comes from the future'],
  ['nonce', { nonce: 'another' }, 'answers another sign-in'],
] as const) {
  test(`an ID token with another ${claim} is rejected and nothing is stored`, async ({ page }) => {
    await begin(page);
    await page.route('**/token', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      const [header, payload, signature] = body.id_token.split('.');
      const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...change };
      const forged = Buffer.from(JSON.stringify(claims)).toString('base64url');
      await route.fulfill({ response, json: { ...body, id_token: `${header}.${forged}.${signature}` } });
    });
    await choose(page, 'Ada Lovelace');
    await expectRefused(page, words);
  });
}

test('a response without an ID token is rejected', async ({ page }) => {
  await begin(page);
  await page.route('**/token', async (route) => {
    const response = await route.fetch();
    const { id_token, ...rest } = await response.json();
    expect(id_token).toBeTruthy();
    await route.fulfill({ response, json: rest });
  });
  await choose(page, 'Ada Lovelace');
  await expectRefused(page, 'did not say who signed in');
});

test('the callback page opened by hand leads home', async ({ page }) => {
  await page.goto('/callback');
  await hydrated(page);
  await expect(page).toHaveURL(/\/$/);
});

test('back and forward after a sign-in change nothing', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await fromMenu(page, 'Profile');
  await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/\/$/);
  await page.goForward();
  await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
  await page.goto('/callback');
  await expect(page).toHaveURL(/\/$/);
  await expectSignedIn(page);
});

test('going back to the provider and choosing again changes nothing', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await page.goto('/profile');
  await page.evaluate(() => localStorage.clear());
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await choose(page, 'Ada Lovelace');
  await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
  // Back to the provider's page, which was left by its form, and once more the same choice with the same state.
  await page.goBack();
  await choose(page, 'Ada Lovelace');
  await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
  await expect(page).toHaveURL(/\/profile$/);
  await expect(page.getByRole('alert').filter({ hasText: 'opened in another tab' })).toHaveCount(0);
});

test('a repeated response does not affect the session of the user', async ({ page }) => {
  const answers: string[] = [];
  page.on('request', (request) => {
    if (request.isNavigationRequest() && request.url().includes('/callback?')) answers.push(request.url());
  });
  await signIn(page, 'Ada Lovelace');
  const token = await page.evaluate(() => localStorage.getItem('access_token'));
  for (const _ of [1, 2]) {
    await page.goto(answers[0]!);
    await expect(page).toHaveURL(/\/$/);
    await expectSignedIn(page);
    await page.reload();
  }
  expect(await page.evaluate(() => localStorage.getItem('access_token'))).toBe(token);
});

test('a reload during the code exchange loses the sign-in but keeps the page', async ({ page }) => {
  await page.goto('/profile?tab=1');
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  const asked = page.waitForRequest('**/token');
  const release = await holdBack(page, '**/token', 'abort');
  await choose(page, 'Ada Lovelace');
  await asked;
  await page.reload();
  release();
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  expect(new URL(page.url()).searchParams.get('return_to')).toBe('/profile?tab=1');
});

test('a response in another tab leads to the page of the first tab with one click', async ({ page }) => {
  await page.goto('/profile?tab=1#granted');
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  const answer = await answerOf(page);
  const other = await page.context().newPage();
  let exchanges = 0;
  other.on('request', (request) => (exchanges += Number(request.url().endsWith('/token'))));
  await other.goto(answer);
  await expect(other.getByRole('alert').filter({ hasText: 'was opened in another tab' })).toBeVisible();
  expect(exchanges).toBe(0);
  await other.getByRole('button', { name: 'Try again' }).click();
  await choose(other, 'Ada Lovelace');
  await expect(other.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
  await expect(other).toHaveURL(/\/profile\?tab=1#granted$/);
});

test('an empty error next to a valid code is ignored', async ({ page }) => {
  await begin(page);
  await page.goto(`${await answerOf(page)}&error=&error_description=`);
  await expectSignedIn(page);
});

test('a code goes only to the provider that was asked for it', async ({ page, server }) => {
  const state = await begin(page);
  let exchanges = 0;
  page.on('request', (request) => (exchanges += Number(request.url().endsWith('/token'))));
  for (const [member, value] of [['issuer', 'https://before.example'], ['client_id', 'before']] as const) {
    // As it is when the operator has changed it while a person was at the provider.
    await page.goto('/robots.txt');
    await page.evaluate(([name, changed]) => {
      const all = JSON.parse(sessionStorage.getItem('portcullis_sign_in')!);
      Object.assign(all[0], { [name!]: changed, stage: 'Away' });
      sessionStorage.setItem('portcullis_sign_in', JSON.stringify(all));
    }, [member, value]);
    await page.goto(`/callback?${new URLSearchParams({ state, code: 'c', iss: server.issuer! })}`);
    await expectRefused(page, 'sign-in settings of this app changed');
  }
  expect(exchanges).toBe(0);
});
