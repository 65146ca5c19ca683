// The keyboard, the focus, reduced motion and print. What axe finds is in screenshots.spec.ts, for every page.
import type { Locator, Page } from '@playwright/test';
import { expect, firstItem, fromMenu, holdBack, hydrated, signIn, test } from './fixtures';
import { STATES, open } from './pages';

test('the skip link is the first stop and leads past the bar', async ({ page }) => {
  await page.goto('/');
  await hydrated(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Open the guarded items' })).toBeFocused();
});

test('a navigation moves the focus to the heading and sets the title', async ({ page }) => {
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

test('a late heading does not take the focus from where the user has moved it', async ({ page }) => {
  await signIn(page, 'Ada Lovelace');
  await page.getByRole('link', { name: 'Items', exact: true }).click();
  const release = await holdBack(page, '**/rpc/items/get', 'continue');
  await page.getByRole('link', { name: 'Brass compass' }).click();
  await expect(page.locator('main')).toBeFocused();
  const brand = page.getByRole('link', { name: 'Portcullis' });
  await brand.focus();
  release();
  await expect(page.getByRole('heading', { name: 'Brass compass', level: 1 })).toBeVisible();
  await expect(brand).toBeFocused();
});

test('the menu works with the keyboard alone', async ({ page }) => {
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

test('every control is at least 44 by 44 pixels or part of a text', async ({ page }) => {
  const tooSmall = (within: Page) =>
    // A theme is chosen by its label, which its radio button lies over; an item by its whole card.
    within.locator('button, a, input:not([type=radio]), textarea, select, .theme label').evaluateAll((all) =>
      all
        .filter((one) => one.checkVisibility() && !one.matches('p:not(.actions, .crumbs) a, td a, .cards h2 a'))
        .map((one) => ({ what: one.outerHTML.slice(0, 80), box: one.getBoundingClientRect() }))
        .filter(({ box }) => box.height < 44 || box.width < 44)
        .map(({ what, box }) => `${what} ${box.width}×${box.height}`),
    );
  await page.setViewportSize({ width: 360, height: 760 });
  await page.goto('/');
  await hydrated(page);
  expect(await tooSmall(page)).toEqual([]);
  await signIn(page, 'Ada Lovelace');
  await page.locator('.account .who').click();
  for (const path of ['/profile', '/access', '/items', await firstItem(page), '/items/new']) {
    await page.goto(path);
    await expect(page.locator('h1')).toBeVisible();
    await page.locator('.account .who').click();
    expect(await tooSmall(page), path).toEqual([]);
  }
});

test('reduced motion turns animations off', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await signIn(page, 'Ada Lovelace');
  await page.route('**/rpc/items/list', () => {});
  await page.goto('/items');
  await expect(page.locator('.skeleton span').first()).toHaveCSS('animation-name', 'none');
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await expect(page.locator('.skeleton span').first()).toHaveCSS('animation-name', 'breathe');
});

/** How long `one` takes to move at the most, in seconds. */
const moves = (one: Locator) =>
  one.evaluate((element) => {
    const { animationDuration, transitionDuration } = getComputedStyle(element);
    return Math.max(...`${animationDuration},${transitionDuration}`.split(',').map((time) => parseFloat(time) || 0));
  });

test('reduced motion also applies to elements without a rule of their own', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn(page, 'Ada Lovelace');
  await page.goto('/items');
  const card = page.locator('.cards .card').first();
  const expectMoves = async (one: Locator) => {
    await expect(one).toBeVisible();
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await moves(one)).toBeGreaterThan(0.1);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await moves(one)).toBeLessThan(0.001);
  };
  await expectMoves(card);
  await expectMoves(page.locator('main .button').first());
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  // It stays as long as the focus is on it.
  await page.getByRole('button', { name: 'Dismiss' }).focus();
  await expectMoves(page.locator('.toast'));
});

test('a dialog traps the focus, and Escape returns to the form', async ({ page }) => {
  await open(page, STATES['item-conflict']!);
  const reached = new Set<string>();
  const look = async () => {
    const [isInside, id] = await page.evaluate(() => {
      const at = document.activeElement!;
      // Between its last stop and its first the focus is the browser's own, and on nothing of the page.
      return [at === document.body || at.closest('dialog') !== null, at.id] as const;
    });
    expect(isInside, id).toBe(true);
    reached.add(id);
  };
  await look();
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let press = 0; press < 6; press++) {
      await page.keyboard.press(key);
      await look();
    }
  }
  expect([...reached]).toEqual(expect.arrayContaining(['conflict-edit', 'conflict-save', 'conflict-discard']));
  await page.locator('#conflict-edit').focus();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByLabel('Name')).toBeFocused();
});

/** That the page as it is printed is dark on white. */
async function expectDarkOnWhite(page: Page): Promise<void> {
  await expect(page.locator('body')).toHaveCSS('background-color', 'rgb(255, 255, 255)');
  await expect(page.locator('body')).toHaveCSS('color', 'rgb(22, 29, 43)');
  const bright = await page.locator('main :is(h1, h2, p, a, code, li, th, td, dt, dd)').evaluateAll((all) =>
    all
      .filter((one) => one.checkVisibility())
      .map((one) => ({ what: one.outerHTML.slice(0, 80), colour: getComputedStyle(one).color }))
      .filter(({ colour }) => colour.match(/[\d.]+/g)!.slice(0, 3).reduce((sum, part) => sum + Number(part), 0) > 3 * 128)
      .map(({ what, colour }) => `${what} ${colour}`),
  );
  expect(bright).toEqual([]);
}

for (const name of ['home', 'list', 'item', 'access', 'profile']) {
  test(`print shows dark content on white and no controls: ${name}`, async ({ page }) => {
    await open(page, STATES[name]!, 1920, 'dark');
    await page.emulateMedia({ media: 'print' });
    await expect(page.locator('h1')).toBeVisible();
    const pressed = page.locator('button, input, select, textarea, nav, .button').filter({ visible: true });
    await expect(pressed).toHaveCount(0);
    await expectDarkOnWhite(page);
    for (const theme of ['light', 'dark']) {
      await page.evaluate((chosen) => (document.documentElement.dataset.theme = chosen), theme);
      await expectDarkOnWhite(page);
    }
  });
}

test('print does not show overlays', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn(page, 'Ada Lovelace');
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  const expectOnScreenAlone = async (one: Locator) => {
    await expect(one).toBeVisible();
    await page.emulateMedia({ media: 'print' });
    await expect(one).toBeHidden();
    await page.emulateMedia({ media: 'screen' });
  };
  await expectOnScreenAlone(page.locator('.toast'));
  await fromMenu(page, 'Sign out');
  await expectOnScreenAlone(page.locator('.session-notice'));
});

test('print shows the address of each item after its name', async ({ page }) => {
  await open(page, STATES.list!);
  await page.emulateMedia({ media: 'print' });
  const name = page.locator('.cards h2 a').first();
  const [content, position] = await name.evaluate((link) => {
    const after = getComputedStyle(link, '::after');
    return [after.content, after.position];
  });
  expect(content).toContain('/item/');
  expect(position).toBe('static');
});
