// Pictures of every page, light and dark and narrow. PORTCULLIS_IMAGES names the folder to keep those of the docs in.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { choose, expect, firstItem, hydrated, signIn, test } from './fixtures';

const PAGES: Record<string, (page: Page) => Promise<void>> = {
  home: async (page) => {
    await page.goto('/');
    await hydrated(page);
  },
  'sign-in-needed': async (page) => {
    await page.goto('/profile');
    await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  },
  list: async (page) => {
    await signIn(page, 'Ada Lovelace');
    await page.goto('/items');
    await expect(page.locator('.cards li')).toHaveCount(12);
  },
  item: async (page) => {
    await signIn(page, 'Ada Lovelace');
    await page.goto(await firstItem(page));
    await expect(page.getByRole('heading', { name: 'Brass compass' })).toBeVisible();
  },
  profile: async (page) => {
    await signIn(page, 'Ada Lovelace');
    await page.goto('/profile');
    await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
    await page.locator('img.avatar').evaluate((image: HTMLImageElement) => image.decode());
  },
  'missing-scope': async (page) => {
    await signIn(page, 'Eve Moneypenny');
    await page.goto('/items');
    await expect(page.getByRole('heading', { name: "You can't open this page" })).toBeVisible();
  },
  'failed-sign-in': async (page) => {
    await page.goto('/');
    await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Deny access' }).click();
    await expect(page.getByRole('heading', { name: 'Access was denied' })).toBeVisible();
  },
  'choose-account': async (page) => {
    await page.goto('/');
    await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Choose an account' })).toBeVisible();
  },
};

for (const [name, open] of Object.entries(PAGES)) {
  for (const [look, width, scheme] of [
    ['light', 1100, 'light'],
    ['dark', 1100, 'dark'],
    ['narrow', 360, 'light'],
  ] as const) {
    test(`${name}, ${look}: nothing is wider than the window`, async ({ page }, info) => {
      await page.setViewportSize({ width, height: 760 });
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await open(page);
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(content).toBeLessThanOrEqual(window);
      const folder = process.env.PORTCULLIS_IMAGES ?? info.outputPath();
      await page.screenshot({ path: join(folder, `${name}-${look}.png`), animations: 'disabled' });
    });
  }
}
