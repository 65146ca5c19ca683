// What the tests with a provider that can be told to do wrong start from: one a worker, and the server that trusts it.
import type { Page } from '@playwright/test';
import {
  ENDED_KEYS, expect, expectSignedIn, fromMenu, noTimeLimits, quiet, record, signOut, storedKeys, thereAndBack, writeAsAnotherApp, writeAsApp,
} from './fixtures';
import { AUDIENCE, CLIENT_ID, type FaultyProvider, startFaultyProvider } from './faulty-provider';
import { type Running, startServer } from './servers';

export interface Faulty {
  server: Running;
  provider: FaultyProvider;
}

/** Waits until the server has read the documents of its provider, no longer than `timeout` milliseconds for each. */
export async function expectReady({ url }: Running, timeout?: number): Promise<void> {
  await expect.poll(async () => (await (await fetch(url)).text()).includes('authorization_endpoint'), { timeout }).toBe(true);
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout }).toBe(200);
}

/** A test whose server is started with `variables` besides. */
export function withFaultyProvider(variables: Record<string, string> = {}, options = {}) {
  return quiet.extend<{ provider: FaultyProvider }, { faulty: Faulty }>({
    faulty: [
      async ({}, use) => {
        const provider = await startFaultyProvider(options);
        const server = await startServer({
          AUTH_ISSUER: provider.issuer,
          AUTH_AUDIENCE: AUDIENCE,
          AUTH_CLIENT_ID: CLIENT_ID,
          ...variables,
        });
        await expectReady(server);
        await use({ server, provider });
        await server.stop();
        await provider.stop();
      },
      { scope: 'worker' },
    ],
    provider: [
      async ({ faulty }, use) => {
        faulty.provider.reset();
        await use(faulty.provider);
      },
      { auto: true },
    ],
    baseURL: async ({ faulty }, use) => use(faulty.server.url),
  });
}

export {
  ENDED_KEYS, expect, expectSignedIn, fromMenu, noTimeLimits, record, signOut, storedKeys, thereAndBack, writeAsAnotherApp, writeAsApp,
};

/** Signs in from the home page; the provider says yes at once. */
export async function enter(page: Page): Promise<void> {
  await page.goto('/');
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await expectSignedIn(page);
}

/** What is kept under `key` in localStorage. */
export async function kept<T = string>(page: Page, key: string): Promise<T> {
  return page.evaluate((name) => JSON.parse(localStorage.getItem(name) ?? 'null'), key);
}

/** The bar that says something of the session. */
export function notice(page: Page, words: string | RegExp) {
  return page.locator('.session-notice').filter({ hasText: words });
}

/** The refreshes that `provider` was asked for. */
export function refreshes(provider: FaultyProvider): number {
  return provider.exchanged.filter((form) => form.get('grant_type') === 'refresh_token').length;
}

/** Waits until the page knows that a refresh has failed. Time that passed before would end its wait for the answer. */
export async function expectRefreshFailed(page: Page): Promise<void> {
  await expect.poll(() => kept(page, 'portcullis_retry')).not.toBeNull();
}

/**
 * Lets `seconds` pass, and then as many as it takes until the page asks for a refresh, and none after that: the page
 * gives up on an answer after ten, and by then the refresh token may be spent.
 */
export async function passUntilRefresh(page: Page, provider: FaultyProvider, seconds: number): Promise<void> {
  const before = refreshes(provider);
  await page.clock.fastForward(seconds * 1_000);
  await expect
    .poll(async () => {
      if (refreshes(provider) === before) await page.clock.fastForward(1_000);
      return refreshes(provider);
    })
    .toBeGreaterThan(before);
}

/** Puts a form with a text into the page, as a page of the application may have one. */
export async function typeIntoForm(page: Page, text: string): Promise<void> {
  await page.evaluate((value) => {
    const form = document.createElement('form');
    const field = document.createElement('textarea');
    field.name = 'note';
    form.append(field);
    document.querySelector('main')!.append(form);
    field.value = value;
  }, text);
}

/** The same form, empty, as a page has it that was loaded anew; what is in it a moment later. */
export function formAgain(page: Page) {
  return page.locator('main form textarea[name=note]');
}
