// What axe finds on every page, in both themes and widths: nothing. And what it cannot find: the keyboard, the focus.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, hydrated, signIn, test } from './fixtures';
import { LOOKS, STATES, open } from './pages';

for (const [name, state] of Object.entries(STATES)) {
  for (const look of LOOKS) {
    test(`axe finds nothing: ${name}, ${look.look}`, async ({ page }) => {
      await open(page, state, look);
      const { violations, passes } = await new AxeBuilder({ page }).analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
      expect(found).toEqual([]);
      // It has looked: at the least, at the contrast of the text.
      expect(passes.map(({ id }) => id)).toContain('color-contrast');
    });
  }
}

test('the skip link is the first stop, and leads past the bar', async ({ page }) => {
  await page.goto('/');
  await hydrated(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Open the guarded items' })).toBeFocused();
});

test('on another page the focus is on its heading and the title is its own', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await page.getByRole('link', { name: 'Items', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Items', level: 1 })).toBeFocused();
  await expect(page).toHaveTitle('Items · Portcullis');
  // This heading comes with the data, after the page.
  await page.getByRole('link', { name: 'Brass compass' }).click();
  await expect(page.getByRole('heading', { name: 'Brass compass', level: 1 })).toBeFocused();
  await expect(page).toHaveTitle('Brass compass · Portcullis');
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Items', level: 1 })).toBeFocused();
  await expect(page).toHaveTitle('Items · Portcullis');
});

test('a heading that comes late does not take the focus from where the person has gone', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await page.getByRole('link', { name: 'Items', exact: true }).click();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/rpc/items/get', async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole('link', { name: 'Brass compass' }).click();
  await expect(page.locator('main')).toBeFocused();
  const brand = page.getByRole('link', { name: 'Portcullis' });
  await brand.focus();
  release();
  await expect(page.getByRole('heading', { name: 'Brass compass', level: 1 })).toBeVisible();
  await expect(brand).toBeFocused();
});

test('there is one heading of the first level on every page', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  for (const path of ['/', '/items', '/profile', '/access', '/nothing/here']) {
    await page.goto(path);
    await hydrated(page);
    await expect(page.locator('h1'), path).toHaveCount(1);
  }
});

test('the menu opens, closes and is left by the keyboard alone', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  const who = page.locator('.account .who');
  await expect(who).toHaveAccessibleName('Menu of Ada Lovelace');
  await who.focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.menu')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.locator('.menu').getByRole('link', { name: 'Profile' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.locator('.menu')).toBeHidden();
  await expect(who).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Access', level: 1 })).toBeFocused();
  await expect(page.locator('.menu')).toBeHidden();
});

test('everything that is pressed is at least 44 by 44 pixels, or part of a text', async ({ page }) => {
  const tooSmall = (within: Page) =>
    within.locator('button, a, input[type=text], textarea, select, .theme').evaluateAll((all) =>
      all
        .filter((one) => one.checkVisibility() && !one.matches('p a, td a, h2 a, .skip'))
        .map((one) => ({ what: one.outerHTML.slice(0, 80), box: one.getBoundingClientRect() }))
        .filter(({ box }) => box.height < 44 || box.width < 40)
        .map(({ what, box }) => `${what} ${box.width}×${box.height}`),
    );
  await page.setViewportSize({ width: 360, height: 760 });
  await page.goto('/');
  await hydrated(page);
  expect(await tooSmall(page)).toEqual([]);
  await signIn(page, 'Ada Lovelace');
  await page.locator('.account .who').click();
  for (const path of ['/profile', '/access', '/items']) {
    await page.goto(path);
    await expect(page.locator('h1')).toBeVisible();
    await page.locator('.account .who').click();
    expect(await tooSmall(page), path).toEqual([]);
  }
});

test('who asks for less motion gets none', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await signIn(page, 'Ada Lovelace');
  await page.route('**/rpc/items/list', () => {});
  await page.goto('/items');
  await expect(page.locator('.skeleton span').first()).toHaveCSS('animation-name', 'none');
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await expect(page.locator('.skeleton span').first()).toHaveCSS('animation-name', 'breathe');
});

test('on paper there is the content, black on white, and nothing to press', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
  await page.goto('/profile');
  await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
  for (const gone of ['.top', '.bottom', '.toasts', '#copy-curl']) await expect(page.locator(gone)).toBeHidden();
  await expect(page.locator('body')).toHaveCSS('background-color', 'rgb(255, 255, 255)');
  await expect(page.locator('body')).toHaveCSS('color', 'rgb(22, 29, 43)');
});
