// The fixtures of the tests with the development provider: one server per worker, and a user who signs in.
import { test as base, expect, type Frame, type Page } from '@playwright/test';
import { type Running, startServer } from './servers';

export type Account = 'Ada Lovelace' | 'Ben Franklin' | 'Cy Field' | 'Eve Moneypenny';

/** The tokens that the client keeps, by their keys in localStorage. */
export const SESSION_KEYS = ['access_token', 'expires_at', 'id_token', 'portcullis_session', 'refresh_token', 'renew_at', 'scopes'];

/** A test that fails on console errors and unexpected dialogs. */
export const quiet = base.extend<{ quiet: void; expected: RegExp | undefined }>({
  // The words of errors that a test does ask for: `test.use({ expected: /…/ })`.
  expected: [undefined, { option: true }],
  // Every test fails on an error in the console that it did not ask for, and on any dialog.
  quiet: [
    async ({ page, expected }, use) => {
      const faults: string[] = [];
      page.on('pageerror', (error) => {
        if (!expected?.test(error.message)) faults.push(`page error: ${error}`);
      });
      page.on('dialog', async (dialog) => {
        faults.push(`dialog: ${dialog.message()}`);
        await dialog.dismiss();
      });
      page.on('console', (message) => {
        const refusedByServer = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !refusedByServer && !expected?.test(message.text())) faults.push(`console: ${message.text()}`);
      });
      await use();
      // A request that the test does not wait for may still be in a route handler when the page closes. A page that the
      // test has closed has no handler any more.
      await page.unrouteAll({ behavior: 'ignoreErrors' }).catch((error) => {
        if (!page.isClosed()) throw error;
      });
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

/** A test with a server of its own, started with `variables` besides, and its development provider. */
export const withServer = (variables: Record<string, string> = {}) =>
  quiet.extend<object, { server: Running }>({
    server: [
      async ({}, use) => {
        const server = await startServer({ DEV_PROVIDER_ADDR: '127.0.0.1:0', ...variables });
        await use(server);
        await server.stop();
      },
      { scope: 'worker' },
    ],
    baseURL: async ({ server }, use) => use(server.url),
  });

/** A test that writes nothing: its worker's server serves all of them. */
export const test = withServer();

export { expect };

/** Waits until the page is hydrated: the session is known and shown in the top bar. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator('.account button')).toBeVisible();
}

/** Chooses `account` on the development provider's page. */
export async function choose(page: Page, account: Account): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Choose an account' })).toBeVisible();
  await page.getByRole('button', { name: account }).click();
}

/** Waits until `account` is shown as signed in. */
export async function expectSignedIn(page: Page): Promise<void> {
  await expect(page.locator('.account .who')).toBeVisible();
}

/** Opens the user menu, and clicks the entry `name`. */
export async function fromMenu(page: Page, name: string): Promise<void> {
  await page.locator('.account .who').click();
  await page.locator('.menu').getByText(name, { exact: true }).click();
}

/** Removes the time limits of a page, of a second and more: what a busy machine takes its time for is waited for. */
export function noTimeLimits(): void {
  Object.defineProperty(AbortSignal, 'timeout', { value: () => new AbortController().signal });
  const real = window.setTimeout;
  const short = (run: () => void, after = 0) => (after < 1_000 ? real(run, after) : 0);
  Object.assign(window, { setTimeout: short });
}

/**
 * Signs out, until the browser is back from the provider. The page shows nobody before it leaves for there, and it would
 * wait for the revocation no longer than a second.
 */
export async function signOut(page: Page): Promise<void> {
  await page.evaluate(noTimeLimits);
  await fromMenu(page, 'Sign out');
  await expect(page.locator('.session-notice').filter({ hasText: 'You are signed out' })).toBeVisible();
}

/** Signs in from the home page, and ends there. */
export async function signIn(page: Page, account: Account): Promise<void> {
  await page.goto('/');
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await choose(page, account);
  await expectSignedIn(page);
  // The callback page shows who it is first, and the focus comes to the heading of the home page a frame after that.
  await expect(page.locator('main .hero')).toBeVisible();
  await page.evaluate(() => new Promise((frame) => requestAnimationFrame(frame)));
}

/** Does `leave`, by which the page leaves for the provider, and waits until the browser is back with the answer. */
export async function thereAndBack(page: Page, leave: () => Promise<void>): Promise<void> {
  const isBack = (frame: Frame) => frame === page.mainFrame() && new URL(frame.url()).pathname === '/callback';
  await Promise.all([page.waitForEvent('framenavigated', isBack), leave()]);
}

/** Holds back every request for `url` until the function that is returned is called; then each goes on, or breaks off. */
export async function holdBack(page: Page, url: string, then: 'continue' | 'abort'): Promise<() => void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(url, async (route) => {
    await held;
    await route[then]();
  });
  return release;
}

/** The keys in localStorage. */
export async function storedKeys(page: Page): Promise<string[]> {
  return page.evaluate(() => Object.keys(localStorage).sort());
}

/** The keys in localStorage once a session has ended by itself: other tabs may look late. */
export const ENDED_KEYS = ['portcullis_signal'];

/** What the app's record of its session in localStorage says. */
export async function record(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() => JSON.parse(localStorage.getItem('portcullis_session') ?? '{}'));
}

/** By what the app tells its own values from others: FNV-1a of 64 bits. */
export function digest(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}

/** Writes tokens into localStorage as the app itself would, with its record of them. */
export async function writeAsApp(page: Page, tokens: Record<string, string>): Promise<void> {
  const digests = Object.fromEntries(Object.entries(tokens).map(([key, value]) => [key, digest(value)]));
  await writeAsAnotherApp(page, tokens);
  await page.evaluate((owned) => {
    const { issuer, client: client_id } = document.getElementById('sign-in')!.dataset;
    const before = JSON.parse(localStorage.getItem('portcullis_session') ?? '{}');
    localStorage.setItem('portcullis_session', JSON.stringify({ issuer, client_id, sign_in: 'test', ...before, ...owned }));
  }, digests);
}

/** Writes values into localStorage as another app of the same origin would. */
export async function writeAsAnotherApp(page: Page, values: Record<string, unknown>): Promise<void> {
  await page.evaluate((all) => {
    for (const [key, value] of Object.entries(all)) localStorage.setItem(key, JSON.stringify(value));
  }, values);
}

/** The id of the first sample item, read from the list page. */
export async function firstItem(page: Page): Promise<string> {
  await page.goto('/items');
  const href = await page.locator('.cards a').first().getAttribute('href');
  return href!;
}
