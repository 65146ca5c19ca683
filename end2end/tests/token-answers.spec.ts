// Codes and refresh tokens work once, so a token response with a clear meaning must be accepted in any form.
import type { Page } from '@playwright/test';
import {
  enter, expect, expectRefreshFailed, expectSignedIn, kept, notice, passUntilRefresh, refreshes, storedKeys, withFaultyProvider,
} from './faulty';

const test = withFaultyProvider();

const DUE = '11:20';
const PAST_THE_END = '16:00';

for (const [what, change] of [
  ['expires_in as text', (answer: object) => ({ ...answer, expires_in: '900' })],
  ['expires_in with a fraction', (answer: object) => JSON.stringify({ ...answer, expires_in: 900 }).replace(':900', ':900.0')],
  ['expires_in that is absurd', (answer: object) => JSON.stringify({ ...answer, expires_in: 1 }).replace('"expires_in":1', '"expires_in":1e999')],
  ['scope as a list', (answer: object) => ({ ...answer, scope: ['openid', 'read:items'] })],
  ['an empty scope', (answer: object) => ({ ...answer, scope: '' })],
  ['no token_type', (answer: object) => ({ ...answer, token_type: undefined })],
  ['an odd token_type', (answer: object) => ({ ...answer, token_type: 'bEARER' })],
  ['a byte order mark', (answer: object) => `\ufeff${JSON.stringify(answer)}`],
  ['members that come twice', (answer: object) => JSON.stringify(answer).replace('{', '{"scope":"openid",')],
] as const) {
  test(`an answer with ${what} signs in and refreshes once`, async ({ page, provider }) => {
    await page.clock.install();
    provider.does.answer = change;
    await enter(page);
    const access = await kept(page, 'access_token');
    await page.clock.fastForward(DUE);
    await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
    expect([refreshes(provider), provider.reused]).toEqual([1, 0]);
    await expectSignedIn(page);
    await expect(page.locator('.session-notice')).toHaveCount(0);
  });
}

test('a token without an expiry is still there after a reload', async ({ page, provider }) => {
  provider.does.answer = (answer) => JSON.stringify({ ...answer, expires_in: 1 }).replace('"expires_in":1', '"expires_in":9223372036854775807');
  await enter(page);
  await page.reload();
  await expectSignedIn(page);
  await expect(page.locator('.session-notice')).toHaveCount(0);
});

for (const type of ['text/plain', 'text/html; charset=utf-8', 'application/octet-stream']) {
  test(`an answer as ${type} is read by its content`, async ({ page, provider }) => {
    provider.does.contentType = type;
    await enter(page);
    await page.evaluate(() => {
      localStorage.setItem('renew_at', '1');
      window.dispatchEvent(new Event('focus'));
    });
    await expect.poll(() => refreshes(provider)).toBe(1);
    await expectSignedIn(page);
    expect(provider.reused).toBe(0);
  });
}

test('a token of another type is rejected with a message', async ({ page, provider }) => {
  provider.does.answer = (answer) => ({ ...answer, token_type: 'DPoP' });
  await page.goto('/');
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'of a type that this app cannot use' })).toBeVisible();
  expect(await storedKeys(page)).toEqual([]);
  // What came with it is not left behind.
  await expect.poll(() => provider.revoked.length).toBe(1);
});

test('a new refresh token is stored even if the rest of the response is unusable', async ({ page, provider }) => {
  await page.clock.install();
  await enter(page);
  const [access, refresh] = [await kept(page, 'access_token'), await kept(page, 'refresh_token')];
  provider.does.answer = ({ refresh_token }) => ({ refresh_token });
  await page.clock.fastForward(DUE);
  await expect.poll(() => kept(page, 'refresh_token')).not.toBe(refresh);
  expect(await kept(page, 'access_token')).toBe(access);
  await expectSignedIn(page);
  await expectRefreshFailed(page);
  provider.does.answer = (answer) => answer;
  await passUntilRefresh(page, provider, 5);
  await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
  expect(provider.reused).toBe(0);
});

for (const [what, body] of [
  ['no JSON', '<html>'],
  ['an empty body', ''],
  ['a list', '[]'],
] as const) {
  test(`a refresh token is not sent again after a success with ${what}`, async ({ page, provider }) => {
    await page.clock.install();
    await enter(page);
    provider.does.answer = () => body;
    await page.clock.fastForward(DUE);
    await expect.poll(() => kept(page, 'refresh_token')).toBeNull();
    await expectSignedIn(page);
    provider.does.answer = (answer) => answer;
    await page.clock.fastForward(PAST_THE_END);
    await expect(notice(page, 'Your session has ended.')).toBeVisible();
    expect([refreshes(provider), provider.reused]).toEqual([1, 0]);
  });
}

test('a provider that sends the nonce every other time keeps the session', async ({ page, provider }) => {
  await page.clock.install();
  await enter(page);
  let tokens = 0;
  provider.does.claims = () => {
    tokens += 1;
    return tokens % 2 ? { nonce: undefined } : {};
  };
  for (const turn of [1, 2, 3]) {
    provider.does.ahead = turn * 680;
    const access = await kept(page, 'access_token');
    await page.clock.fastForward(DUE);
    await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
  }
  await expect(page.locator('.session-notice')).toHaveCount(0);
});

/** Signs in with a clock that the test moves; gives two more tabs of the same person. */
async function inThreeTabs(page: Page): Promise<Page[]> {
  await page.clock.install();
  await enter(page);
  const others = [await page.context().newPage(), await page.context().newPage()];
  for (const other of others) {
    await other.goto('/');
    await expectSignedIn(other);
  }
  return others;
}

for (const status of [429, 503]) {
  test(`Retry-After of a ${status} is honored by all tabs together`, async ({ page, provider }) => {
    const others = await inThreeTabs(page);
    const access = await kept(page, 'access_token');
    provider.does.refusal = { status, body: '{}', retryAfter: 120 };
    await page.clock.fastForward(DUE);
    await expect.poll(() => refreshes(provider)).toBe(1);
    await expectRefreshFailed(page);
    for (const step of [20, 40, 30]) {
      await page.clock.fastForward(step * 1000);
      for (const tab of [page, ...others]) {
        await tab.evaluate(() => {
          window.dispatchEvent(new Event('focus'));
          window.dispatchEvent(new Event('online'));
        });
      }
      await expectSignedIn(page);
    }
    expect(refreshes(provider)).toBe(1);
    provider.does.refusal = undefined;
    await passUntilRefresh(page, provider, 30);
    await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
    expect(refreshes(provider)).toBe(2);
  });
}

test('tabs share one growing back-off without a Retry-After', async ({ page, provider }) => {
  const others = await inThreeTabs(page);
  provider.does.refusal = { status: 429, body: '{}' };
  await page.clock.fastForward(DUE);
  await expect.poll(() => refreshes(provider)).toBe(1);
  await expectRefreshFailed(page);
  let asked = 1;
  for (let second = 0; second < 40; second += 4) {
    await page.clock.fastForward(4_000);
    await Promise.all([page, ...others].map((tab) => tab.evaluate(() => window.dispatchEvent(new Event('focus')))));
    asked = refreshes(provider);
  }
  // After 5, 10 and 20 seconds: at most four, from all three tabs.
  expect(asked).toBeLessThanOrEqual(4);
});

test('a code is sent again if a busy provider asks for it', async ({ page, provider }) => {
  provider.does.refusal = { status: 429, body: '{}', retryAfter: 1 };
  await page.goto('/');
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await expect.poll(() => provider.exchanged.length).toBe(1);
  provider.does.refusal = undefined;
  await expectSignedIn(page);
  expect(provider.exchanged.map((form) => form.get('code'))).toEqual(Array(2).fill(provider.exchanged[0]!.get('code')));
});
