// A provider that answers wrongly at sign-in: nothing of it is used, nothing is kept, and the person is told.
import type { Page } from '@playwright/test';
import { enter, expect, expectSignedIn, kept, storedKeys, withFaultyProvider } from './faulty';
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
  ['no nonce', { nonce: undefined }, 'answers another sign-in'],
  ['no subject', { sub: undefined }, 'is malformed'],
  ['an end that is past', { exp: 1_000_000_000 }, 'has expired'],
] as const) {
  test(`an ID token with ${what} signs nobody in`, async ({ page, provider }) => {
    provider.does.claims = claims;
    await begin(page);
    await expectRefused(page, words);
  });
}

test('a provider that is dead at the exchange is said, and trying again works when it is back', async ({ page, provider }) => {
  provider.does.dead = true;
  await begin(page);
  await expectRefused(page, 'could not be reached');
  provider.does.dead = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expectSignedIn(page);
});

test('a provider that does not answer is given up on after ten seconds', async ({ page, provider }) => {
  let answer = () => {};
  provider.does.until = new Promise<void>((resolve) => (answer = resolve));
  await begin(page);
  await expect(page.getByRole('alert').filter({ hasText: 'could not be reached' })).toBeVisible({ timeout: 15_000 });
  answer();
});

test('an answer that is no JSON is said', async ({ page, provider }) => {
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

test('a picture from elsewhere is not loaded', async ({ page, provider }) => {
  provider.does.userinfo = { picture: 'https://pictures.example/ada.png' };
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).hostname));
  await enter(page);
  await page.goto('/profile');
  await expect(page.locator('.avatar.large')).toHaveText('AP');
  await expect(page.locator('.avatar img')).toHaveCount(0);
  expect(asked).not.toContain('pictures.example');
});

for (const error of ['access_denied', 'server_error']) {
  for (const iss of [{ iss: 'https://evil.example' }, {}]) {
    test(`an error (${error}) of ${'iss' in iss ? 'another issuer' : 'no issuer'} is not believed`, async ({ page, provider }) => {
      await page.route(`${provider.issuer}/authorize*`, (route) => route.fulfill({ body: 'stopped' }));
      await begin(page);
      await expect(page.getByText('stopped')).toBeVisible();
      const state = new URL(page.url()).searchParams.get('state')!;
      await page.goto(`/callback?${new URLSearchParams({ state, error, error_description: 'Call this number', ...iss } as Record<string, string>)}`);
      await expectRefused(page, 'another identity provider');
      await expect(page.getByText('Call this number')).toHaveCount(0);
    });
  }
}

test('tokens that come with their end are not asked for again and again', async ({ page, provider }) => {
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
  await expect(async () => {
    await page.reload();
    await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
    await expectSignedIn(page);
  }).toPass();
  await server.stop();
  await back.stop();
});
