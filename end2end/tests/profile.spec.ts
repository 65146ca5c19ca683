// The pages about the signed-in user: the claims of the tokens, and what the scopes allow.
import { type Account, choose, expect, fromMenu, signIn, test, writeAsApp } from './fixtures';

test('the profile explains each claim of the access token as unverified', async ({ page, server }) => {
  await signIn(page, 'Ben Franklin');
  await fromMenu(page, 'Profile');
  const card = page.getByRole('region', { name: 'Access token' });
  await expect(card.getByText('not verified')).toBeVisible();
  const token: string = await page.evaluate(() => JSON.parse(localStorage.getItem('access_token')!));
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
  await expect(card.getByRole('rowheader')).toHaveText(Object.keys(claims));
  const row = (name: string) => card.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  await expect(row('iss')).toContainText(server.issuer!);
  await expect(row('iss')).toContainText('Who issued the token');
  await expect(row('exp')).toContainText(new Date(claims.exp * 1000).toISOString().slice(0, 19).replace('T', ' ') + ' UTC');
  await expect(row('scope')).toContainText('read:items');
  await expect(card.getByText("The provider's own.")).toHaveCount(0);
  // Of the token itself nothing is shown.
  await expect(page.locator('body')).not.toContainText(token.split('.')[2]!);
});

test('an access token that is no JWT is described as opaque', async ({ page }) => {
  await signIn(page, 'Ben Franklin');
  await writeAsApp(page, { access_token: 'opaque' });
  await page.goto('/profile');
  await expect(page.getByText('This access token is no JWT')).toBeVisible();
});

test('copy as curl copies a working command and announces it', async ({ page, context, server, request }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn(page, 'Ben Franklin');
  await fromMenu(page, 'Profile');
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Copied.' })).toBeVisible();
  // Before it goes by itself.
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByText('Copied.')).toHaveCount(0);
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const [, address = '', header = ''] = /^curl -i '([^']*)' -H 'Authorization: ([^']*)'$/.exec(command)!;
  expect(address).toBe(`${server.url}/api/items`);
  expect((await request.get(address, { headers: { Authorization: header } })).status()).toBe(200);
});

test('a browser without a clipboard shows a message', async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await signIn(page, 'Ben Franklin');
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Nothing was copied' })).toBeVisible();
});

test('a toast closes by itself, but not while it is hovered or focused', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.clock.install();
  await signIn(page, 'Ben Franklin');
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  await page.getByRole('button', { name: 'Dismiss' }).focus();
  await page.clock.fastForward('01:00');
  await expect(page.getByText('Copied.')).toBeVisible();
  await page.getByRole('button', { name: 'Copy as curl' }).focus();
  await page.clock.fastForward('00:10');
  await expect(page.getByText('Copied.')).toHaveCount(0);
});

test('Access lists what is allowed and what is missing', async ({ page }) => {
  await signIn(page, 'Eve Moneypenny');
  await fromMenu(page, 'Access');
  const items = page.getByRole('region', { name: 'items' });
  const row = (path: string) => page.getByRole('row').filter({ has: page.getByText(path, { exact: true }) });
  await expect(row('/api/items').first()).toContainText('Missing read:items');
  await expect(row('/profile')).toContainText('Open');
  await expect(row('/rpc/session/identify')).toContainText('a sign-in ReadIdentity');
  await expect(items.getByRole('row').filter({ hasText: 'Open' })).toHaveCount(0);
  await expect(items.getByRole('link')).toHaveCount(0);

  await page.evaluate(() => localStorage.clear());
  await signIn(page, 'Ben Franklin');
  await fromMenu(page, 'Access');
  await expect(row('/api/items').first()).toContainText('Open');
  // What the page says of an endpoint is what the server does.
  const token: string = await page.evaluate(() => JSON.parse(localStorage.getItem('access_token')!));
  const answer = await page.request.get('/api/items', { headers: { Authorization: `Bearer ${token}` } });
  expect(answer.status()).toBe(200);
});

test('Access counts what it lists', async ({ page }) => {
  const counts: Record<string, [number, number]> = {};
  for (const account of ['Eve Moneypenny', 'Ben Franklin', 'Ada Lovelace'] as Account[]) {
    await signIn(page, account);
    await page.goto('/access');
    const said = page.getByRole('region', { name: 'Summary' }).locator('strong');
    await expect(said).toHaveText(/^\d+ of \d+$/);
    const [open, all] = (await said.innerText()).split(' of ').map(Number);
    await expect(page.locator('.opens tbody tr')).toHaveCount(all!);
    await expect(page.locator('.opens .badge.good')).toHaveCount(open!);
    await expect(page.locator('.opens .badge.bad')).toHaveCount(all! - open!);
    counts[account] = [open!, all!];
    await page.evaluate(() => localStorage.clear());
  }
  const [eve, ben, ada] = Object.values(counts);
  expect(eve![0]).toBeLessThan(ben![0]);
  expect(ben![0]).toBeLessThan(ada![0]);
  expect(ada![0]).toBe(ada![1]);
});

test('Access offers to request missing scopes and says if they are not granted', async ({ page }) => {
  await signIn(page, 'Eve Moneypenny');
  await page.goto('/access');
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await choose(page, 'Eve Moneypenny');
  await expect(page).toHaveURL(/\/access$/);
  await expect(page.getByRole('alert').filter({ hasText: 'did not grant it' })).toBeVisible();

  await page.evaluate(() => localStorage.clear());
  await signIn(page, 'Ada Lovelace');
  await page.goto('/access');
  await expect(page.getByText('pages and endpoints are open to you')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Ask for access' })).toHaveCount(0);
});

test('pages contact only this server and the provider', async ({ page, server }) => {
  const asked = new Set<string>();
  page.on('request', (request) => asked.add(new URL(request.url()).origin));
  await signIn(page, 'Ada Lovelace');
  for (const path of ['/', '/items', '/profile', '/access']) {
    await page.goto(path);
    await expect(page.locator('h1')).toBeVisible();
  }
  expect([...asked].sort()).toEqual([server.url, server.issuer!].sort());
  await expect(page.locator('img:not([src^="/"])')).toHaveCount(0);
});
