// Signing in at Keycloak: four accounts with their scopes, and a scope that is asked for later.
import { fromMenu } from '../tests/fixtures';
import { kept } from '../tests/faulty';
import { ACCOUNTS, enter, expect, expectList, logIn, roles, test } from './fixtures';

for (const [username, { name, scopes }] of Object.entries(ACCOUNTS)) {
  test(`${name} signs in with ${scopes.length === 0 ? 'no scope' : scopes.join(', ')}`, async ({ page }) => {
    await enter(page, username);
    if (scopes.includes('read:items')) {
      await expectList(page);
    } else {
      await expect(page.getByRole('heading', { name: "You can't open this page" })).toBeVisible();
      await expect(page.locator('.scopes')).toHaveText('read:items');
    }
    await fromMenu(page, 'Profile');
    await expect(page.getByRole('heading', { name })).toBeVisible();
    await expect(page.locator('.card.person').getByText(`${username}@example.com`)).toBeVisible();
    // What the API decides by, and not what was asked for.
    const answer = await page.request.post('/rpc/session/identify', {
      headers: { authorization: `Bearer ${await kept(page, 'access_token')}` },
      form: {},
    });
    const { subject, scopes: granted } = await answer.json();
    expect(subject).toBeTruthy();
    expect(granted.filter((scope: string) => scope.endsWith(':items')).sort()).toEqual([...scopes].sort());
  });
}

test('Ada creates an item, which Ben sees and cannot change', async ({ page, browser, deployment }) => {
  await enter(page, 'ada');
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Sextant');
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(page.getByRole('heading', { name: 'Sextant', level: 1 })).toBeVisible();
  const address = page.url();

  const context = await browser.newContext({ baseURL: deployment.app.url });
  const other = await context.newPage();
  await enter(other, 'ben');
  await other.goto(address);
  await expect(other.getByRole('heading', { name: 'Sextant', level: 1 })).toBeVisible();
  await expect(other.getByText('Needs the scope write:items')).toBeVisible();
  await context.close();
});

test('Cy asks for the scope that a page needs, and gets it without a second password', async ({ page, deployment }) => {
  await enter(page, 'cy', deployment.modest.url);
  await expectList(page);
  await page.goto(`${deployment.modest.url}/items/new`);
  await expect(page.locator('.scopes')).toHaveText('write:items');
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await expect(page).toHaveURL(/\/items\/new$/);
  await page.getByLabel('Name').fill('Octant');
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(page.getByRole('heading', { name: 'Octant', level: 1 })).toBeVisible();
});

test('a token names the roles of its scopes alone, as full scope is not allowed', async ({ page, deployment }) => {
  await enter(page, 'ada', deployment.modest.url);
  await expectList(page);
  expect(roles(await kept(page, 'access_token'))).toEqual(['items-read']);
});

test('Ben asks for a scope that his roles do not give, and is told so', async ({ page, deployment }) => {
  await enter(page, 'ben', deployment.modest.url);
  await page.goto(`${deployment.modest.url}/items/new`);
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'did not grant it' })).toBeVisible();
});

test('a user without a last name is stopped at a form of Keycloak', async ({ page, deployment }) => {
  const created = await deployment.keycloak.admin('POST', '/users', {
    username: 'una',
    email: 'una@example.com',
    firstName: 'Una',
    enabled: true,
    credentials: [{ type: 'password', value: 'una' }],
  });
  expect(created.status).toBe(201);
  await page.goto('/items');
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await logIn(page, 'una');
  await expect(page.locator('#lastName')).toBeVisible();
  await page.locator('#lastName').fill('Unnamed');
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page).toHaveURL(`${deployment.app.url}/items`);
});
