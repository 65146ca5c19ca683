// Items by keyboard only: every focused element shows its focus, and nothing requires a pointer.
import type { Locator, Page } from '@playwright/test';
import { expect, signIn, withServer } from './fixtures';

// These tests write, so their server is their own.
const test = withServer();

test.use({ viewport: { width: 1920, height: 1080 } });

/** More stops than any page here has. */
const STOPS = 60;

/** What has the focus, if it does not show that: with an outline of 2 pixels at the least (WCAG 2.4.13). */
const withoutOutline = (page: Page) =>
  page.evaluate(() => {
    const at = document.activeElement!;
    // Past the last stop the focus is on nothing of the page.
    if (at === document.body) return '';
    // The outline of a radio button is that of the words beside it, which are drawn in its place.
    const drawn = getComputedStyle(at).opacity === '0' ? at.nextElementSibling! : at;
    const { outlineStyle, outlineWidth } = getComputedStyle(drawn);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 ? '' : at.outerHTML.slice(0, 120);
  });

/** Goes on with Tab until `target` has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let stop = 0; stop < STOPS; stop++) {
    await page.keyboard.press('Tab');
    expect(await withoutOutline(page)).toBe('');
    if (await target.evaluate((one) => one === document.activeElement)) return;
  }
  throw new Error(`Tab does not lead to ${target}`);
}

/** Replaces what stands in the field that has the focus. */
async function retype(page: Page, text: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+A');
  if (text) await page.keyboard.type(text);
  else await page.keyboard.press('Delete');
}

test('an item is found, created, changed, deleted and restored', async ({ page }) => {
  await signIn(page, 'Cy Field');
  const heading = (name: string) => page.getByRole('heading', { name, level: 1 });
  const toast = (text: string) => page.locator('.toasts').getByText(text);
  const names = page.locator('.cards h2');

  await tabTo(page, page.getByRole('link', { name: 'Items', exact: true }));
  await page.keyboard.press('Enter');
  await expect(heading('Items')).toBeFocused();

  await tabTo(page, page.getByLabel('Search by name'));
  await page.keyboard.type('bras');
  await expect(page).toHaveURL(/\/items\?search=bras$/);
  await expect(names).toHaveText(['Brass compass']);
  await retype(page, '');
  await expect(names.nth(1)).toHaveText('Field notebook');

  await tabTo(page, page.getByLabel('Order'));
  // The first letter of its words chooses the order "By name".
  await page.keyboard.press('b');
  await expect(page).toHaveURL(/\/items\?sort=name$/);
  await expect(names.nth(1)).toHaveText('Canvas satchel');

  await tabTo(page, page.getByRole('link', { name: 'New item' }));
  await page.keyboard.press('Enter');
  await expect(heading('New item')).toBeFocused();
  for (const [field, text] of [['Name', 'Hourglass'], ['Price', '12'], ['Currency', 'eur']] as const) {
    await tabTo(page, page.getByLabel(field));
    await page.keyboard.type(text);
  }
  await tabTo(page, page.getByRole('button', { name: 'Create item' }));
  await page.keyboard.press('Enter');
  await expect(heading('Hourglass')).toBeFocused();
  await expect(page.getByText('12.00 EUR')).toBeVisible();

  await tabTo(page, page.getByRole('button', { name: 'Edit' }));
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Name')).toBeFocused();
  await retype(page, 'Hourglass, mended');
  await tabTo(page, page.getByRole('button', { name: 'Save' }));
  await page.keyboard.press('Enter');
  await expect(heading('Hourglass, mended')).toBeFocused();
  await expect(toast('Your change was saved.')).toBeVisible();

  await tabTo(page, page.getByRole('button', { name: 'Delete' }));
  await page.keyboard.press('Enter');
  await expect(heading('Items')).toBeFocused();
  await expect(names.first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Hourglass, mended' })).toHaveCount(0);

  await tabTo(page, page.getByRole('button', { name: 'Undo' }));
  await page.keyboard.press('Enter');
  await expect(toast('“Hourglass, mended” restored.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Hourglass, mended' })).toBeVisible();
});

test('at either end of the list the focus stays and the key does nothing', async ({ page }) => {
  await signIn(page, 'Ben Franklin');
  const asked: string[] = [];
  await page.route('**/rpc/items/list', async (route) => {
    asked.push(route.request().postData()!);
    // As if a page held five.
    await route.continue({ postData: `${route.request().postData()}&limit=5` });
  });
  await page.goto('/items');
  const first = page.getByRole('button', { name: 'First page' });
  const next = page.getByRole('button', { name: 'Next page' });
  const top = page.locator('.cards a').first();
  await tabTo(page, next);
  const begin = (await top.getAttribute('href'))!;
  for (let before = begin; (await next.getAttribute('aria-disabled')) === null; before = (await top.getAttribute('href'))!) {
    await page.keyboard.press('Enter');
    await expect(top).not.toHaveAttribute('href', before);
    await expect(next).toBeFocused();
  }
  await expect(first).toBeEnabled();
  const pages = asked.length;
  expect(pages).toBeGreaterThan(2);

  await page.keyboard.press('Enter');
  await page.keyboard.press('Shift+Tab');
  await expect(first).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(top).toHaveAttribute('href', begin);
  await expect(first).toBeFocused();
  await expect(first).toBeDisabled();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(next).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(top).not.toHaveAttribute('href', begin);
  // Of the four presses, the two that lead somewhere.
  expect(asked).toHaveLength(pages + 2);
});
