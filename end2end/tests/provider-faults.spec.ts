// Wrong responses of a provider at sign-in: the client uses and stores nothing, and shows an error.
import type { Page } from '@playwright/test';
import { enter, expect, expectReady, expectSignedIn, kept, storedKeys, withFaultyProvider } from './faulty';
import { AUDIENCE, CLIENT_ID, startFaultyProvider } from './faulty-provider';
import { quiet } from './fixtures';
import { startServer } from './servers';

const test = withFaultyProvider();
const nameless = withFaultyProvider({}, { namesItself: false });

async function begin(page: Page): Promise<void> {
  await page.goto('/');
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
}

async function expectRefused(page: Page, words: string): Promise<void> {
  await expect(page.getByRole('alert').filter({ hasText: words })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  expect(await storedKeys(page)).toEqual([]);
}

for (const [what, claims, words] of [
  ['another issuer', { iss: 'https://evil.example' }, 'comes from another issuer'],
  ['another audience', { aud: 'another-client' }, 'meant for another client'],
  ['several audiences and no authorized party', { aud: ['portcullis', 'x'] }, 'meant for another client'],
  ['another nonce', { nonce: 'another' }, 'answers another sign-in'],
  ['no nonce', { nonce: undefined }, 'has no valid claim nonce'],
  ['no subject', { sub: undefined }, 'has no valid claim sub'],
  ['no audience', { aud: undefined }, 'has no valid claim aud'],
  ['no time of issue', { iat: undefined }, 'has no valid claim iat'],
  ['no end', { exp: undefined }, 'has no valid claim exp'],
  ['no issuer', { iss: undefined }, 'has no valid claim iss'],
  ['an end that is past', { exp: 1_000_000_000 }, 'has expired'],
] as const) {
  test(`an ID token with ${what} signs nobody in`, async ({ page, provider }) => {
    provider.does.claims = claims;
    await begin(page);
    await expectRefused(page, words);
  });
}

test('a provider that is down at the code exchange is reported, and a retry works', async ({ page, provider }) => {
  provider.does.dead = true;
  await begin(page);
  await expectRefused(page, 'could not be reached');
  provider.does.dead = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expectSignedIn(page);
});

test('a provider that does not respond times out after ten seconds', async ({ page, provider }) => {
  let answer = () => {};
  provider.does.until = new Promise<void>((resolve) => (answer = resolve));
  await begin(page);
  await expect(page.getByRole('alert').filter({ hasText: 'could not be reached' })).toBeVisible({ timeout: 40_000 });
  answer();
});

test('a response that is no JSON is reported', async ({ page, provider }) => {
  provider.does.refusal = { status: 200, body: '<html>' };
  await begin(page);
  await expectRefused(page, "the identity provider's answer holds no access token");
});

test('userinfo of another subject is not shown', async ({ page, provider }) => {
  provider.does.userinfo = { sub: 'eve', name: 'Eve' };
  await enter(page);
  await page.goto('/profile');
  await expect(page.getByText('answered about another person')).toBeVisible();
  await expect(page.getByText('Eve', { exact: true })).toHaveCount(0);
});

test('a blank name falls back to the e-mail address, and then to the subject', async ({ page, provider }) => {
  provider.does.claims = { name: ' ', email: 'ada@example.org' };
  provider.does.userinfo = { name: '', email: 'ada@example.org' };
  await enter(page);
  await expect(page.locator('.account .name')).toHaveText('ada@example.org');
  await page.goto('/profile');
  await expect(page.locator('.person h2')).toHaveText('ada@example.org');
  provider.does.userinfo = { name: '', email: '' };
  await page.reload();
  await expect(page.locator('.person h2')).toHaveText('ada');
});

test('signed userinfo is left out with a warning, and the ID token is shown', async ({ page, provider }) => {
  const warnings: string[] = [];
  page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
  provider.does.claims = { name: 'Ada of the token' };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  provider.does.userinfo = `${part({ alg: 'RS256', kid: 'k' })}.${part({ sub: 'ada', name: 'Eve of the JWT' })}.c2ln`;
  await enter(page);
  await page.goto('/profile');
  await expect(page.locator('.person h2')).toHaveText('Ada of the token');
  await expect(page.getByText('Eve of the JWT')).toHaveCount(0);
  expect(warnings.filter((text) => text.includes('application/jwt'))).toHaveLength(1);
});

test('userinfo with odd members and a byte order mark is read', async ({ page, provider }) => {
  provider.does.userinfo = `\u{feff}\u{feff}${JSON.stringify({ sub: 'ada', name: 'Ada', email: { odd: 1 }, picture: '' })}`;
  await enter(page);
  await page.goto('/profile');
  await expect(page.locator('.person h2')).toHaveText('Ada');
});

test('a picture of another site is not loaded', async ({ page, provider }) => {
  provider.does.userinfo = { picture: 'https://pictures.example/ada.png' };
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).hostname));
  await enter(page);
  await page.goto('/profile');
  await expect(page.locator('.avatar.large')).toHaveText('AP');
  await expect(page.locator('.avatar img')).toHaveCount(0);
  expect(asked).not.toContain('pictures.example');
});

const ISSUERS: Record<string, string>[] = [{ iss: 'https://evil.example' }, {}];

for (const error of ['access_denied', 'server_error']) {
  for (const iss of ISSUERS) {
    test(`an error (${error}) of ${'iss' in iss ? 'another issuer' : 'no issuer'} is ignored`, async ({ page, provider }) => {
      await page.route(`${provider.issuer}/authorize*`, (route) => route.fulfill({ body: 'stopped' }));
      await begin(page);
      await expect(page.getByText('stopped')).toBeVisible();
      const state = new URL(page.url()).searchParams.get('state')!;
      await page.goto(`/callback?${new URLSearchParams({ state, error, error_description: 'Call this number', ...iss })}`);
      await expectRefused(page, 'iss' in iss ? 'another identity provider' : "doesn't name the identity provider");
      await expect(page.getByText('Call this number')).toHaveCount(0);
    });
  }
}

test('tokens that are already expired do not cause endless refreshes', async ({ page, provider }) => {
  await page.clock.install();
  await enter(page);
  expect(await kept(page, 'access_token')).not.toBeNull();
  provider.does.lifetime = 0;
  await page.clock.fastForward('11:20');
  await expect.poll(() => provider.exchanged.length).toBeGreaterThan(1);
  await page.clock.runFor(4_000);
  expect(provider.exchanged.length).toBeLessThanOrEqual(3);
});

nameless('a provider that does not advertise that it names itself need not', async ({ page }) => {
  await enter(page);
});

nameless('a provider that does not advertise that it names itself must not name another', async ({ page, provider }) => {
  provider.does.iss = 'https://evil.example';
  await begin(page);
  await expectRefused(page, 'another identity provider');
});

quiet('a provider that is dead when the server starts is said, and is there once it lives', async ({ page }) => {
  // Started for its address alone.
  const gone = await startFaultyProvider();
  await gone.stop();
  const server = await startServer({ AUTH_ISSUER: gone.issuer, AUTH_AUDIENCE: AUDIENCE, AUTH_CLIENT_ID: CLIENT_ID });
  await page.goto(server.url);
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The identity provider cannot be reached at the moment.' })).toBeVisible();
  const back = await startFaultyProvider({ port: Number(new URL(gone.issuer).port) });
  await expectReady(server, 40_000);
  await page.reload();
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await expectSignedIn(page);
  await server.stop();
  await back.stop();
});

/** Begins a sign-in that the provider never answers, and opens an answer of the test's own; `state` may be left out. */
async function answerWith(page: Page, issuer: string, query: Record<string, string>, state = true): Promise<void> {
  await page.route(`${issuer}/authorize*`, (route) => route.fulfill({ body: 'stopped' }));
  await begin(page);
  await expect(page.getByText('stopped')).toBeVisible();
  const sent = new URL(page.url()).searchParams.get('state')!;
  await page.goto(`/callback?${new URLSearchParams({ ...(state ? { state: sent } : {}), iss: issuer, ...query })}`);
}

test('the description and code of an error are quoted and clipped', async ({ page, provider }) => {
  const description = `Sorry\u201d Call "this" number ${'x'.repeat(1_000)}`;
  await answerWith(page, provider.issuer, { error: 'e'.repeat(1_000), error_description: description });
  const alert = page.getByRole('alert').filter({ hasText: 'The identity provider reported' });
  await expect(alert).toContainText("\u201cSorry' Call 'this' number xxx");
  await expect(alert).toContainText('x\u2026\u201d (eee');
  expect((await alert.textContent())!.length).toBeLessThan(320);
});

test('a denial shows the reason of the provider', async ({ page, provider }) => {
  await answerWith(page, provider.issuer, { error: 'access_denied', error_description: 'Verify your email first' });
  await expectRefused(page, 'access was denied at the identity provider, which reported \u201cVerify your email first\u201d (access_denied)');
});

test('an error without state is shown while a sign-in is pending', async ({ page, provider }) => {
  await page.goto('/callback?error=server_error&error_description=Call');
  await expectRefused(page, 'expired or was opened in another tab');
  await answerWith(page, provider.issuer, { error: 'invalid_request', error_description: 'The client has no flow' }, false);
  await expect(page.getByRole('alert').filter({ hasText: "doesn't belong to a sign-in" })).toContainText(
    'It said \u201cThe client has no flow\u201d (invalid_request).',
  );
  // It has not used up the sign-in that waits.
  const [waiting] = await page.evaluate(() => JSON.parse(sessionStorage.getItem('portcullis_sign_in')!));
  expect(waiting.stage).toBe('Away');
});

for (const [error, description] of [
  ['invalid_request', 'DPoP proof is missing'],
  ['invalid_grant', 'PKCE verification failed'],
] as const) {
  test(`the message of the token endpoint for ${error} is shown`, async ({ page, provider }) => {
    provider.does.refusal = { status: 400, body: JSON.stringify({ error, error_description: description }) };
    await begin(page);
    await expectRefused(page, `reported \u201c${description}\u201d (${error})`);
  });
}

test.describe('without CORS', () => {
  test.use({ expected: /blocked by CORS policy/ });

  test('a provider without CORS is not reported as unreachable', async ({ page, provider }) => {
    provider.does.readable = false;
    await begin(page);
    await expectRefused(page, "doesn't let this site read its answers");
    await expect(page.getByText('could not be reached')).toHaveCount(0);
  });
});

quiet('a provider that is another issuer is not called unreachable', async ({ page }) => {
  const provider = await startFaultyProvider();
  const issuer = provider.issuer.replace('127.0.0.1', 'localhost');
  const server = await startServer({ AUTH_ISSUER: issuer, AUTH_AUDIENCE: AUDIENCE, AUTH_CLIENT_ID: CLIENT_ID });
  await expect.poll(async () => (await fetch(server.url)).text()).toContain('"misconfigured"');
  await page.goto(server.url);
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: "Sign-in isn't set up correctly" })).toBeVisible();
  await expect(page.getByText('in a little while')).toHaveCount(0);
  await server.stop();
  await provider.stop();
});

for (const [status, body, title, words] of [
  [429, '<html>slow down</html>', 'Too many requests', 'Wait a moment and try again'],
  [413, '<html>too large</html>', 'Something went wrong', 'too large to send'],
  [502, '<html>bad gateway</html>', "The server can't be reached", "can't be reached at the moment"],
  [503, '', "The server can't be reached", "can't be reached at the moment"],
  [500, '<html>oops</html>', "The server can't be reached", "didn't come from this app's server"],
  [200, '<html>Sign in to the wifi</html>', "The server can't be reached", "didn't come from this app's server"],
  [403, '<html>blocked</html>', 'Something went wrong', 'A proxy or firewall blocked the request'],
] as const) {
  test(`a ${status} of a proxy with ${body === '' ? 'no body' : 'HTML'} says what to do`, async ({ page }) => {
    await enter(page);
    await page.route('**/rpc/items/list', (route) => route.fulfill({ status, body, contentType: 'text/html' }));
    await page.goto('/items');
    await expect(page.getByRole('heading', { name: title })).toBeVisible();
    await expect(page.getByText(words)).toBeVisible();
    await expect(page.getByText('Internal server error')).toHaveCount(0);
    if (status === 413) return;
    await page.unroute('**/rpc/items/list');
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByText('There are no items yet.')).toBeVisible();
  });
}

test('a 403 of a proxy at the sign-in is not blamed on the access token', async ({ page }) => {
  await page.route('**/rpc/session/identify', (route) => route.fulfill({ status: 403, body: '<html>blocked</html>' }));
  await begin(page);
  // It is asked three times, with pauses.
  await expect(page.getByRole('alert').filter({ hasText: 'The server could not check your sign-in' })).toBeVisible({ timeout: 40_000 });
  await expect(page.getByText('does not accept the access tokens')).toHaveCount(0);
});
