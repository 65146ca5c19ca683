// Signing in with the development provider as each account, and what is stored.
import { SESSION_KEYS, choose, expect, firstItem, hydrated, signIn, signOut, storedKeys, test } from './fixtures';

test('Ada signs in, opens the list and an item, and sees its data', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await page.getByRole('link', { name: 'Items', exact: true }).click();
  await expect(page.locator('.cards li')).toHaveCount(12);
  await page.getByRole('link', { name: 'Brass compass' }).click();
  await expect(page).toHaveURL(/\/item\/[0-9a-f]{24}$/);
  await expect(page.getByRole('heading', { name: 'Brass compass' })).toBeVisible();
  await expect(page.getByText('49.00 EUR')).toBeVisible();
  expect(await storedKeys(page)).toEqual(SESSION_KEYS);
});

test('Ben, who may only read, opens an item', async ({ page }) => {
  await signIn(page, 'Ben Franklin');
  await page.goto(await firstItem(page));
  await expect(page.getByRole('heading', { name: 'Brass compass' })).toBeVisible();
});

test('Eve, who has no scope, sees which one is missing, without a loop', async ({ page }) => {
  await signIn(page, 'Eve Moneypenny');
  const calls: string[] = [];
  page.on('request', (request) => calls.push(new URL(request.url()).pathname));
  await page.goto('/items');
  await expect(page.getByRole('heading', { name: "You can't open this page" })).toBeVisible();
  await expect(page.locator('.scopes')).toHaveText('read:items');
  await expect(page).toHaveURL(/\/items$/);
  expect(calls.filter((path) => path === '/items')).toHaveLength(1);
  expect(calls.filter((path) => path.startsWith('/rpc'))).toEqual([]);
});

test('a deep link asks for a sign-in and returns to the item with its query', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  const item = await firstItem(page);
  await page.evaluate(() => localStorage.clear());
  await page.goto(`${item}?from=mail#price`);
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/');
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await choose(page, 'Ben Franklin');
  await expect(page.getByRole('heading', { name: 'Brass compass' })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`${item}\\?from=mail#price$`));
  await expect(page).toHaveTitle('Brass compass · Portcullis');
});

test('a sign-in from the top bar returns to its page with the query', async ({ page }) => {
  await page.goto('/?colour=red#how');
  await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
  await choose(page, 'Ben Franklin');
  await expect(page).toHaveURL(/\/\?colour=red#how$/);
});

test('each sign-in has a fresh state, nonce and S256 challenge', async ({ page }) => {
  const seen = { state: new Set(), nonce: new Set(), code_challenge: new Set() };
  for (let turn = 0; turn < 3; turn++) {
    await page.goto('/');
    await hydrated(page);
    await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Choose an account' })).toBeVisible();
    const query = new URL(page.url()).searchParams;
    expect(query.get('response_type')).toBe('code');
    expect(query.get('code_challenge_method')).toBe('S256');
    for (const [name, values] of Object.entries(seen)) {
      expect(query.get(name)!.length).toBeGreaterThanOrEqual(20);
      values.add(query.get(name));
    }
  }
  for (const values of Object.values(seen)) expect(values.size).toBe(3);
});

test('code and state do not stay in the address or in the history', async ({ page }) => {
  const addresses: string[] = [];
  page.on('framenavigated', (frame) => addresses.push(frame.url()));
  await signIn(page, 'Ada Lovelace');
  await expect(page).toHaveURL(/\/$/);
  expect(addresses.some((address) => /\/callback\?.*code=/.test(address))).toBe(true);
  await page.goBack();
  await expect(page).not.toHaveURL(/callback.*[?&](code|state)=/);
});

test('a reload keeps the person signed in', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await page.goto('/profile');
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
});

test('signing out removes our values and nothing else', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await page.evaluate(() => localStorage.setItem('theirs', 'kept'));
  await signOut(page);
  await expect(page).toHaveURL(/\/$/);
  expect(await storedKeys(page)).toEqual(['theirs']);
});

test('no token and no code is ever logged', async ({ page, server }) => {
  const secrets: string[] = [];
  page.on('framenavigated', (frame) => {
    const code = new URL(frame.url()).searchParams.get('code');
    if (code) secrets.push(code);
  });
  await signIn(page, 'Ada Lovelace');
  await page.goto('/items');
  await expect(page.locator('.cards li')).toHaveCount(12);
  const kept = await page.evaluate(() => ['access_token', 'id_token', 'refresh_token'].map((key) => JSON.parse(localStorage.getItem(key)!)));
  secrets.push(...kept);
  expect(secrets).toHaveLength(4);
  for (const secret of secrets) {
    const signature = secret.split('.').pop()!;
    expect(server.log()).not.toContain(signature);
  }
  expect(server.log()).not.toContain('ada@example.com');
});
