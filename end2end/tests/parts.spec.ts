// Parts of the client that are downloaded later, and the message if a download fails.
import { expect, hydrated, signIn, test } from './fixtures';

// The browser's words for a part that does not come.
test.use({ expected: /Failed to fetch|HTTP status code is not ok/ });

const PAGES = '**/pkg/split_pages.wasm';
const SIGN_IN = '**/pkg/split_sign_in.wasm';

test('the first page loads no code of the sign-in or the guarded pages', async ({ page }) => {
  const parts: string[] = [];
  page.on('request', (request) => {
    if (/\/pkg\/(split|chunk)_/.test(request.url())) parts.push(request.url());
  });
  for (const path of ['/', '/items', '/profile']) {
    await page.goto(path, { waitUntil: 'networkidle' });
    await hydrated(page);
  }
  expect(parts).toEqual([]);
});

test('a page that cannot be downloaded shows an error and loads once it can', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await page.route(PAGES, (route) => route.abort());
  await page.getByRole('link', { name: 'Items', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'This page did not load' })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('could not be downloaded');
  await page.unroute(PAGES);
  await page.getByRole('button', { name: 'Load again' }).click();
  await expect(page.locator('.cards a').first()).toBeVisible();
});

test('a page of another release does not load parts of this one', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  // As a page asks that was opened before this release.
  await page.route(PAGES, (route) => {
    const url = route.request().url().replace(/release-[0-9a-f]+/, 'release-0123456789abcdef');
    return route.continue({ url });
  });
  const [answer] = await Promise.all([
    page.waitForResponse(PAGES),
    page.getByRole('link', { name: 'Items', exact: true }).click(),
  ]);
  expect(answer.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'This page did not load' })).toBeVisible();
});

test('a sign-in that cannot be downloaded shows an error and can be retried', async ({ page }) => {
  await page.goto('/');
  await page.route(SIGN_IN, (route) => route.abort());
  const button = page.locator('.account').getByRole('button', { name: 'Sign in' });
  await button.click();
  await expect(page.locator('.account').getByRole('alert')).toContainText('could not be downloaded');
  await page.unroute(SIGN_IN);
  await button.click();
  await expect(page.getByRole('heading', { name: 'Choose an account' })).toBeVisible();
});
