// Light and dark: the system's, until a person chooses; then theirs, in every tab and the next time.
import type { Page } from '@playwright/test';
import { expect, hydrated, test } from './fixtures';

const DARK = 'rgb(14, 19, 26)';
const LIGHT = 'rgb(245, 247, 250)';

const background = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const choose = (page: Page, name: string) => page.locator('.bottom').getByRole('radio', { name }).check();

test('without a choice the system decides, also when it changes its mind', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto('/');
  await hydrated(page);
  expect(await background(page)).toBe(DARK);
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await background(page)).toBe(LIGHT);
  await expect(page.locator('.bottom').getByRole('radio', { name: 'System' })).toBeChecked();
});

test('a choice is remembered, shown before the first paint, and can be taken back', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  await hydrated(page);
  await choose(page, 'Dark');
  expect(await background(page)).toBe(DARK);
  // Without the client's code: what shows the theme then is the script in the head.
  await page.route('**/pkg/*.wasm', () => {});
  await page.goto('/', { waitUntil: 'domcontentloaded' });
  expect(await background(page)).toBe(DARK);
  await page.unroute('**/pkg/*.wasm');
  await page.goto('/');
  await hydrated(page);
  await expect(page.locator('.bottom').getByRole('radio', { name: 'Dark' })).toBeChecked();
  await choose(page, 'System');
  expect(await background(page)).toBe(LIGHT);
  expect(await page.evaluate(() => localStorage.getItem('theme'))).toBeNull();
});

test('all tabs agree', async ({ page, context }) => {
  const other = await context.newPage();
  for (const tab of [page, other]) {
    await tab.emulateMedia({ colorScheme: 'light' });
    await tab.goto('/');
    await hydrated(tab);
  }
  await choose(page, 'Dark');
  await expect(other.locator('.bottom').getByRole('radio', { name: 'Dark' })).toBeChecked();
  expect(await background(other)).toBe(DARK);
  await choose(other, 'System');
  await expect(page.locator('.bottom').getByRole('radio', { name: 'System' })).toBeChecked();
  expect(await background(page)).toBe(LIGHT);
});

test('the arrow keys choose', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  await hydrated(page);
  await page.locator('.bottom').getByRole('radio', { name: 'System' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.bottom').getByRole('radio', { name: 'Dark' })).toBeFocused();
  expect(await background(page)).toBe(DARK);
});

test('a browser that keeps nothing still shows the choice', async ({ page }) => {
  await page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException('denied', 'SecurityError'); } });
    }
  });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  await hydrated(page);
  await choose(page, 'Dark');
  expect(await background(page)).toBe(DARK);
});
