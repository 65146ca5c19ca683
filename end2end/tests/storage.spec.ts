// Storage that the browser blocks or limits: the page explains it, and works as far as possible.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { ENDED_KEYS, enter, expect, expectSignedIn, formAgain, fromMenu, kept, notice, storedKeys, typeIntoForm, withFaultyProvider } from './faulty';

const test = withFaultyProvider();

/** Leaves room for nothing but short values in one of the page's storages, when the test says so. */
async function failing(page: import('@playwright/test').Page): Promise<void> {
  await page.addInitScript(() => {
    const real = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
      const full = (window as { full?: string }).full;
      if (full === (this === localStorage ? 'local' : 'session') && value.length > 50) throw new DOMException('full', 'QuotaExceededError');
      real.call(this, key, value);
    };
  });
}

test('a storage that is full at a refresh affects only the other tabs', async ({ page, provider }) => {
  await page.clock.install();
  await failing(page);
  await enter(page);
  await fromMenu(page, 'Profile');
  const other = await page.context().newPage();
  await other.goto('/profile');
  await expect(other.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  await typeIntoForm(other, 'half a letter');
  // Due in the one that looks at it now; the other looks later.
  await page.evaluate(() => {
    localStorage.setItem('renew_at', '1');
    Object.assign(window, { full: 'local' });
    window.dispatchEvent(new Event('focus'));
  });
  await expect(notice(page, 'This sign-in is kept in this tab only.')).toBeVisible();
  expect(await storedKeys(page)).toEqual(ENDED_KEYS);
  // The others are told, and lose nothing that was typed.
  await expect(notice(other, 'Your session has ended.')).toBeVisible();
  await expect(formAgain(other)).toHaveValue('half a letter');
  // It is renewed on, from memory, and good for calls.
  const asked = provider.exchanged.length;
  provider.does.ahead = 680; // Time passes for the provider, too.
  await page.clock.fastForward('11:20');
  await expect.poll(() => provider.exchanged.length).toBe(asked + 1);
  await page.getByRole('link', { name: 'Items', exact: true }).click();
  await expect(page.getByText('There are no items yet.')).toBeVisible();
  await expectSignedIn(page);
  expect(provider.reused).toBe(0);
});

test('a full sessionStorage fails the sign-in with a message before the redirect', async ({ page, provider }) => {
  await failing(page);
  await page.goto('/');
  await expect(page.locator('.account button')).toBeVisible();
  await page.evaluate(() => Object.assign(window, { full: 'session' }));
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: "storage for this site is full" })).toBeVisible();
  expect(provider.asked).toHaveLength(0);
});

test('a browser that blocks cookies shows a message and the public pages', async ({ baseURL, provider, launchOptions }, info) => {
  // As somebody sets it in the browser's settings.
  const profile = info.outputPath('profile');
  await mkdir(join(profile, 'Default'), { recursive: true });
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, launchOptions);
  const page = await context.newPage();
  await page.goto(baseURL!);
  const storage = () => {
    try {
      return typeof localStorage;
    } catch (error) {
      return (error as Error).name;
    }
  };
  expect(await page.evaluate(storage)).toBe('SecurityError');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Allow cookies and site data' })).toBeVisible();
  expect(provider.asked).toHaveLength(0);
  await context.close();
});

test('a browser without storage shows a message and the public pages', async ({ page, provider }) => {
  // What Chromium does where cookies are blocked: every storage throws, and cookies do not stick.
  await page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException('denied', 'SecurityError'); } });
    }
    Object.defineProperty(Navigator.prototype, 'cookieEnabled', { get: () => false });
  });
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Allow cookies and site data' })).toBeVisible();
  expect(provider.asked).toHaveLength(0);
});

test('a storage that is removed during a session signs the user out', async ({ page }) => {
  await enter(page);
  await page.goto('/profile');
  await page.evaluate(() => {
    Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('denied', 'SecurityError'); } });
    window.dispatchEvent(new Event('focus'));
  });
  await expect(page.locator('.account').getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await expectSignedIn(page);
});

test('a session of an earlier version without a refresh time continues', async ({ page }) => {
  await enter(page);
  const end = await kept<number>(page, 'expires_at');
  await page.evaluate(() => localStorage.removeItem('renew_at'));
  await page.goto('/profile');
  await expect(page.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  expect(await kept<number>(page, 'expires_at')).toBe(end);
});
