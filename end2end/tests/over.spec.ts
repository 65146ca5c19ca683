// Toasts and the session notice, which never cover each other.
import { expect, signIn, test } from './fixtures';
import { STATES } from './pages';

for (const [width, height] of [[360, 640], [360, 400], [1100, 800]] as const) {
  test(`toasts do not cover the notice of the session at ${width} by ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await signIn(page, 'Ada Lovelace');
    await STATES['item-not-saved']!.open(page);
    const save = page.getByRole('button', { name: 'Save' });
    for (const count of [2, 3, 4]) {
      await save.evaluate((button: HTMLElement) => button.click());
      await expect(page.locator('.toast')).toHaveCount(count);
    }
    await page.evaluate(() => {
      localStorage.removeItem('refresh_token');
      localStorage.setItem('expires_at', '1');
      window.dispatchEvent(new Event('focus'));
    });
    const notice = page.locator('.session-notice');
    const button = notice.getByRole('button');
    await expect(button).toBeVisible();
    await expect(page.locator('.toast').first()).toBeVisible();
    const [region, below] = [(await page.locator('.toasts').boundingBox())!, (await notice.boundingBox())!];
    // The region has a margin for outlines, which holds nothing.
    expect(region.y + region.height - 8).toBeLessThanOrEqual(below.y);
    expect(region.y).toBeGreaterThanOrEqual(0);
    expect(below.y + below.height).toBeLessThanOrEqual(height);
    // In each corner of the button there is the button.
    const free = await button.evaluate((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const corners = [[left + 4, top + 4], [right - 4, top + 4], [left + 4, bottom - 4], [right - 4, bottom - 4]] as const;
      return corners.every(([x, y]) => document.elementFromPoint(x, y) === element);
    });
    expect(free).toBe(true);
    await button.click({ trial: true });
  });
}
