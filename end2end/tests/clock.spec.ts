// The device's clock may be wrong, and may be set while a page is open: our server's clock and the tokens' own times
// decide when a session is over.
import { ENDED_KEYS, enter, expect, expectSignedIn, kept, refreshes, storedKeys, withFaultyProvider } from './faulty';

const test = withFaultyProvider();

const HOURS = 3_600_000;

for (const [what, off] of [
  ['three hours fast', 3 * HOURS],
  ['three hours slow', -3 * HOURS],
  ['four minutes fast', 240_000],
  ['two years slow', -2 * 365 * 24 * HOURS],
] as const) {
  test(`a device whose clock is ${what} signs in and refreshes in time`, async ({ page, provider }) => {
    await page.clock.install({ time: Date.now() + off });
    await enter(page);
    await page.goto('/profile');
    await expect(page.locator('.countdown')).toHaveText(/^1[45] min/);
    expect(refreshes(provider)).toBe(0);
    const access = await kept(page, 'access_token');
    await page.clock.fastForward('11:20');
    await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
    expect(refreshes(provider)).toBe(1);
    await expect(page.locator('.session-notice')).toHaveCount(0);
  });
}

for (const [what, off] of [
  ['forward', 3 * HOURS],
  ['back', -3 * HOURS],
] as const) {
  test(`a clock set ${what} while the page is open does not affect the session`, async ({ page, provider }) => {
    provider.does.refreshes = false;
    await page.clock.install();
    await enter(page);
    await page.goto('/profile');
    await expect(page.locator('.countdown')).toHaveText(/^1[45] min/);
    const asked = page.waitForResponse('**/healthz');
    await page.clock.setSystemTime(Date.now() + off);
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await asked;
    await page.clock.runFor(2_000);
    await expect(page.locator('.countdown')).toHaveText(/^1[45] min/);
    await expect(page.locator('.session-notice')).toHaveCount(0);
    await expectSignedIn(page);
  });
}

test('a clock that is hours slow does not keep an expired session', async ({ page, provider }) => {
  provider.does.refreshes = false;
  await page.clock.install({ time: Date.now() - 3 * HOURS });
  await enter(page);
  // Over by the server's clock, and for hours to come not by the device's.
  await page.evaluate((end) => localStorage.setItem('expires_at', String(end)), Math.floor(Date.now() / 1000) - 1);
  await page.goto('/items');
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  // The page before may have ended it as it was left; then the next page has nothing to tell anybody.
  expect(ENDED_KEYS).toEqual(expect.arrayContaining(await storedKeys(page)));
});

for (const [what, ahead] of [
  ['ahead', 240],
  ['behind', -240],
] as const) {
  test(`a provider whose clock is four minutes ${what} grants the whole lifetime`, async ({ page, provider }) => {
    provider.does.ahead = ahead;
    await enter(page);
    await page.goto('/profile');
    await expect(page.locator('.countdown')).toHaveText(/^1[45] min/);
  });
}

test('a missing lifetime is read from the token itself', async ({ page, provider }) => {
  provider.does.lifetime = 1800;
  await page.route('**/token', async (route) => {
    const response = await route.fetch();
    const { expires_in, ...rest } = await response.json();
    expect(expires_in).toBe(1800);
    await route.fulfill({ response, json: rest });
  });
  await enter(page);
  await page.goto('/profile');
  await expect(page.locator('.countdown')).toHaveText(/^(29|30) min/);
});

test('a clock that is set forward does not break the next call', async ({ page, provider }) => {
  await page.clock.install();
  await enter(page);
  await page.clock.setSystemTime(Date.now() + 3 * HOURS);
  await page.getByRole('link', { name: 'Items', exact: true }).click();
  await expect(page.getByText('There are no items yet.')).toBeVisible();
  await expectSignedIn(page);
  await expect(page.locator('.session-notice')).toHaveCount(0);
  expect(refreshes(provider)).toBe(0);
});
