// Screenshots of every page, light and dark, wide and narrow. PORTCULLIS_IMAGES names the folder for them.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { LOOKS, STATES, open } from './pages';

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

for (const [name, state] of Object.entries(STATES)) {
  for (const look of LOOKS) {
    test(`${name}, ${look.look}: nothing is wider than the window`, async ({ page }, info) => {
      await open(page, state, look);
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(content).toBeLessThanOrEqual(window);
      expect(await cutOff(page)).toEqual([]);
      const folder = process.env.PORTCULLIS_IMAGES ?? info.outputPath();
      await page.screenshot({ path: join(folder, `${name}-${look.look}.png`), animations: 'disabled', fullPage: !state.top });
    });
  }
}
