// What an administrator does: Keycloak gets a new key, and is stopped and started. Last by its name, as it disturbs.
import { kept, notice } from '../tests/faulty';
import { signOut } from '../tests/fixtures';
import { enter, expect, expectList, header, renew, test } from './fixtures';

test('a token of a new key is accepted, and one of the old key still is', async ({ page, deployment }) => {
  await enter(page, 'ada');
  await expectList(page);
  const before = await kept(page, 'access_token');
  const created = await deployment.keycloak.admin('POST', '/components', {
    name: 'rotated',
    providerId: 'rsa-generated',
    providerType: 'org.keycloak.keys.KeyProvider',
    config: { priority: ['200'], enabled: ['true'], active: ['true'], algorithm: ['RS256'], keySize: ['2048'] },
  });
  expect(created.status).toBe(201);
  await renew(page);
  await expect.poll(() => kept(page, 'access_token')).not.toBe(before);
  expect(header(await kept(page, 'access_token')).kid).not.toBe(header(before).kid);

  await page.reload();
  // The audit before this has spent what may be fetched at once: the page asks again 12 s later, by itself.
  await expectList(page, 40_000);
  for (const token of [before, await kept(page, 'access_token')]) {
    const answer = await page.request.get('/api/items', { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status()).toBe(200);
  }
});

test('the page works while Keycloak is stopped, and is renewed once it is back', async ({ page, deployment }) => {
  test.setTimeout(240_000);
  await enter(page, 'ada');
  await expectList(page);
  const access = await kept(page, 'access_token');
  await deployment.keycloak.stop();
  await renew(page);
  await page.goto('/items/new');
  await page.getByLabel('Name').fill('Astrolabe');
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(page.getByRole('heading', { name: 'Astrolabe', level: 1 })).toBeVisible();
  expect(await kept(page, 'access_token')).toBe(access);

  await deployment.keycloak.start();
  await renew(page);
  await expect.poll(() => kept(page, 'access_token'), { timeout: 90_000 }).not.toBe(access);
  await expect(page.locator('.session-notice')).toHaveCount(0);
  await page.goto('/items');
  await expectList(page);
  await signOut(page);
  await expect(notice(page, 'You are signed out, here and at your identity provider.')).toBeVisible();
});
