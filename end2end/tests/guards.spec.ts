// What a guard shows before and after the session is known. Guards protect nothing; the server does.
import { expect, expectSignedIn, firstItem, holdBack, hydrated, signIn, test } from './fixtures';

const GUARDED = ['/items', '/item/65f0c0ffee0123456789abcd', '/profile', '/access'];

for (const path of GUARDED) {
  test(`${path}: the server sends a placeholder and no protected data`, async ({ page, request }) => {
    await signIn(page, 'Ada Lovelace');
    const token = await page.evaluate(() => JSON.parse(localStorage.getItem('access_token')!));
    const requests: Record<string, string>[] = [{}, { Authorization: `Bearer ${token}` }];
    for (const headers of requests) {
      const html = await (await request.get(path, { headers })).text();
      expect(html).toContain('class="skeleton"');
      for (const word of ['Brass compass', 'Ada Lovelace', 'Missing scope', 'needs a sign-in', token]) {
        expect(html).not.toContain(word);
      }
    }
  });

  test(`${path}: without a sign-in it leads home, and the back button works`, async ({ page }) => {
    await page.goto('/');
    await hydrated(page);
    await page.goto(path);
    await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
    expect(new URL(page.url()).searchParams.get('return_to')).toBe(path);
    await page.goBack();
    await expect(page).toHaveURL(/\/$/);
    await expect(page.getByText('That page needs a sign-in.')).toHaveCount(0);
  });
}

test('a guarded page shows only the placeholder until hydration', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  const release = await holdBack(page, '**/pkg/*.wasm', 'continue');
  await page.goto('/items', { waitUntil: 'domcontentloaded' });
  await expect(page.locator('main .skeleton')).toBeVisible();
  await expect(page.locator('main')).not.toContainText(/sign-in|scope|Items/);
  release();
  await expect(page.locator('.cards li')).toHaveCount(12);
});

test('return_to never leads to another site', async ({ page }) => {
  for (const evil of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
    await page.goto(`/?return_to=${encodeURIComponent(evil)}`);
    await page.getByRole('button', { name: 'Sign in and go there' }).click();
    await page.getByRole('button', { name: 'Ben Franklin' }).click();
    await expectSignedIn(page);
    await expect(page).toHaveURL(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    await page.evaluate(() => localStorage.clear());
  }
});

test('an unknown page is 404 and leads home', async ({ page }) => {
  const response = await page.goto('/nothing/here');
  expect(response!.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
});

test('an unknown item and a malformed ID show a message', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await page.goto('/item/000000000000000000000000');
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
  await page.goto('/item/nonsense');
  await expect(page.getByText('The item id must be 24 hexadecimal digits')).toBeVisible();
});

test('the list shows more items than fit on a page', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  const first = await firstItem(page);
  await page.route('**/rpc/items/list', async (route) => {
    // As if a page held five.
    await route.continue({ postData: `${route.request().postData()}&limit=5` });
  });
  await page.goto('/items');
  await expect(page.locator('.cards a').first()).toHaveAttribute('href', first);
  const seen = new Set<string>();
  for (const count of [5, 5, 2]) {
    await expect(page.getByRole('button', { name: 'Next page' })).toBeEnabled({ enabled: count === 5 });
    await expect(page.locator('.cards a')).toHaveCount(count);
    for (const link of await page.locator('.cards a').all()) seen.add((await link.getAttribute('href'))!);
    if (count === 5) {
      const before = await page.locator('.cards a').first().getAttribute('href');
      await page.getByRole('button', { name: 'Next page' }).click();
      await expect(page.locator('.cards a').first()).not.toHaveAttribute('href', before!);
    }
  }
  expect(seen.size).toBe(12);
  await page.getByRole('button', { name: 'First page' }).click();
  await expect(page.locator('.cards a').first()).toHaveAttribute('href', first);
  // Another search begins on its first page.
  await page.getByRole('button', { name: 'Next page' }).click();
  await expect(page.getByRole('button', { name: 'First page' })).toBeEnabled();
  const asked: string[] = [];
  page.on('request', (request) => void (request.url().endsWith('/rpc/items/list') && asked.push(request.postData()!)));
  await page.getByLabel('Search by name').fill('brass');
  await expect(page.locator('.cards h2')).toHaveText(['Brass compass']);
  expect(asked.map((body) => new URLSearchParams(body).get('after'))).toEqual([null]);
  // And so does the one before, when it is gone back to.
  await page.getByLabel('Search by name').fill('');
  await expect(page.locator('.cards a').first()).toHaveAttribute('href', first);
});
