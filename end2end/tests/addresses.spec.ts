// Every address survives: its query is decoded once, and what is no escape breaks nothing.
import { choose, expect, expectSignedIn, hydrated, signIn, test } from './fixtures';

/** What people search for, and how an address holds it. */
const SEARCHES = [
  ['C++', 'C%2B%2B'],
  ['a+b&c', 'a%2Bb%26c'],
  ['100%', '100%25'],
  ['&#=', '%26%23%3D'],
  ['%2B', '%252B'],
  ['%', '%25'],
  ['a b', 'a+b'],
  ['//evil.example', '%2F%2Fevil.example'],
  ['größe ☂', 'gr%C3%B6%C3%9Fe%20%E2%98%82'],
] as const;

for (const [words, escaped] of SEARCHES) {
  test(`the search for ${words} survives a sign-in`, async ({ page }) => {
    await page.goto(`/items?search=${escaped}&sort=name#top`);
    await page.getByRole('button', { name: 'Sign in and go there' }).click();
    await choose(page, 'Ben Franklin');
    await expect(page.getByRole('searchbox')).toHaveValue(words);
    await expect(page.getByLabel('Order')).toHaveValue('name');
    const url = new URL(page.url());
    expect(url.search).toBe(`?search=${escaped}&sort=name`);
    expect(url.hash).toBe('#top');
  });
}

test('a sign-in from the bar of a notice keeps the address', async ({ page }) => {
  await page.goto('/items?search=C%2B%2B');
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await choose(page, 'Ben Franklin');
  await expect(page.getByRole('searchbox')).toHaveValue('C++');
  await expect(page).toHaveURL(/\/items\?search=C%2B%2B$/);
});

test('a search uses the text exactly as typed', async ({ page }) => {
  await signIn(page, 'Ben Franklin');
  await page.goto('/items');
  await expect(page.locator('.cards li')).toHaveCount(12);
  for (const words of ['%2B', '100%', 'a+b&c', '%26%3D%23', 'C++']) {
    const asked = page.waitForRequest('**/rpc/items/list');
    await page.getByRole('searchbox').fill(words);
    expect(new URLSearchParams((await asked).postData()!).get('search')).toBe(words);
    if (words === '%2B') await expect(page.locator('.cards li')).toHaveCount(0);
    await expect(page.getByRole('searchbox')).toHaveValue(words);
    expect(new URL(page.url()).searchParams.get('search')).toBe(words);
    const again = page.waitForRequest('**/rpc/items/list');
    await page.reload();
    expect(new URLSearchParams((await again).postData()!).get('search')).toBe(words);
    await expect(page.getByRole('searchbox')).toHaveValue(words);
  }
});

test('an address with a malformed escape breaks nothing', async ({ page }) => {
  await page.goto('/?return_to=%E0%A4%A');
  await hydrated(page);
  await signIn(page, 'Ben Franklin');
  for (const [query, words] of [['100%', '100%'], ['%2', '%2'], ['%E0%A4%A', '\ufffd%A']] as const) {
    await page.goto(`/items?search=${query}`);
    await expect(page.getByRole('heading', { name: 'Items' })).toBeVisible();
    await expect(page.getByRole('searchbox')).toHaveValue(words);
  }
  for (const id of ['%', '%E0%A4%A', '%25']) {
    await page.goto(`/item/${id}`);
    await expect(page.getByText('The item id must be')).toBeVisible();
  }
});

test('an address with a slash at its end leads to the page', async ({ page }) => {
  await signIn(page, 'Ben Franklin');
  await page.goto('/items/?search=brass');
  await expect(page).toHaveURL(/\/items\?search=brass$/);
  await expect(page.locator('.cards li')).toHaveCount(1);
  const item = await page.locator('.cards a').first().getAttribute('href');
  await page.goto(`${item}/`);
  await expect(page.getByRole('heading', { name: 'Brass compass' })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`${item}$`));
});

test('a callback with a slash at its end signs in', async ({ page }) => {
  await page.route(/\/callback\?/, async (route) => {
    const url = new URL(route.request().url());
    url.pathname = '/callback/';
    await route.fulfill({ status: 302, headers: { location: url.href } });
  }, { times: 1 });
  await page.goto('/');
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await choose(page, 'Ben Franklin');
  await expectSignedIn(page);
});
