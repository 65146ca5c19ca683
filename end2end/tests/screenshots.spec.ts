// Every page, light and dark, wide and narrow: nothing is cut off, axe finds nothing, and a screenshot is taken.
// PORTCULLIS_IMAGES names the folder for the screenshots.
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { STATES, open } from './pages';

/** What is to be read or pressed and reaches over an edge of the window: it may be cut off without widening the page. */
const cutOff = (page: Page) =>
  page.evaluate(() => {
    const isForTheEar = (one: Element | null): boolean =>
      one !== null && (getComputedStyle(one).clipPath !== 'none' || isForTheEar(one.parentElement));
    const isRead = (one: Element) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim());
    const width = document.documentElement.clientWidth;
    return [...document.querySelectorAll('body *')]
      .filter((one) => one.matches('a, button, input, select, textarea') || isRead(one))
      .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !isForTheEar(one))
      .map((one) => ({ what: one.outerHTML.slice(0, 80), box: one.getBoundingClientRect() }))
      // Half a pixel is rounding.
      .filter(({ box }) => box.left < -0.5 || box.right > width + 0.5)
      .map(({ what, box }) => `${what} ${box.left} to ${box.right} of ${width}`);
  });

/** Asserts that axe finds nothing wrong with the page. */
async function expectAccessible(page: Page): Promise<void> {
  const { violations, passes } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  expect(found).toEqual([]);
  // It has looked: at the least, at the contrast of the text.
  expect(passes.map(({ id }) => id)).toContain('color-contrast');
  await expect(page.locator('h1')).toHaveCount(1);
}

for (const [name, state] of Object.entries(STATES)) {
  for (const [width, suffix] of [[1920, ''], [360, '-narrow']] as const) {
    test(`${name}, ${width} pixels: nothing is cut off, and axe finds nothing`, async ({ page }, info) => {
      await open(page, state, width);
      // Each page is loaded once: its themes differ only in CSS.
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        expect(content).toBeLessThanOrEqual(window);
        expect(await cutOff(page)).toEqual([]);
        const folder = process.env.PORTCULLIS_IMAGES ?? info.outputPath();
        const path = join(folder, `${name}-${scheme}${suffix}.png`);
        await page.screenshot({ path, animations: 'disabled', fullPage: !state.top });
        await expectAccessible(page);
      }
    });
  }
}
