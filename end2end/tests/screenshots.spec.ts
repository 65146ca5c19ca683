// Pictures of every page, light and dark, wide and narrow. PORTCULLIS_IMAGES names the folder to keep those of the docs in.
import { join } from 'node:path';
import { expect, test } from './fixtures';
import { LOOKS, STATES, open } from './pages';

for (const [name, state] of Object.entries(STATES)) {
  for (const look of LOOKS) {
    test(`${name}, ${look.look}: nothing is wider than the window`, async ({ page }, info) => {
      await open(page, state, look);
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(content).toBeLessThanOrEqual(window);
      const folder = process.env.PORTCULLIS_IMAGES ?? info.outputPath();
      await page.screenshot({ path: join(folder, `${name}-${look.look}.png`), animations: 'disabled', fullPage: !state.top });
    });
  }
}
