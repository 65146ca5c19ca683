// Light and dark: the system setting, until the user chooses. The choice applies to every tab and is stored.
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, hydrated, test } from './fixtures';

const DARK = 'rgb(14, 19, 26)';
const LIGHT = 'rgb(245, 247, 250)';

const background = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const choose = (page: Page, name: string) => page.locator('.bottom').getByRole('radio', { name }).check();

test('without a choice the theme follows the system and its changes', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto('/');
  await hydrated(page);
  expect(await background(page)).toBe(DARK);
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await background(page)).toBe(LIGHT);
  await expect(page.locator('.bottom').getByRole('radio', { name: 'System' })).toBeChecked();
});

test('a theme choice is stored, applied before the first paint and can be reset', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  await hydrated(page);
  await choose(page, 'Dark');
  expect(await background(page)).toBe(DARK);
  // Without the client's code: what shows the theme then is the script in the head.
  await page.route('**/pkg/*.wasm', () => {});
  await page.goto('/', { waitUntil: 'domcontentloaded' });
  expect(await background(page)).toBe(DARK);
  await page.unroute('**/pkg/*.wasm');
  await page.goto('/');
  await hydrated(page);
  await expect(page.locator('.bottom').getByRole('radio', { name: 'Dark' })).toBeChecked();
  await choose(page, 'System');
  expect(await background(page)).toBe(LIGHT);
  expect(await page.evaluate(() => localStorage.getItem('theme'))).toBeNull();
});

test('the theme script blocks the first paint and runs before anything is styled', async ({ request }) => {
  const html = await (await request.get('/')).text();
  const script = /<script\b[^>]*\bsrc="\/theme\.js"[^>]*>/.exec(html)!;
  expect(script).not.toBeNull();
  expect(script[0]).not.toMatch(/\s(defer|async|type)\b/);
  const sheet = html.search(/<link\b[^>]*\brel="stylesheet"/);
  expect(sheet).toBeGreaterThan(script.index);
  expect(html.indexOf('<body')).toBeGreaterThan(sheet);
});

test('all tabs show the same theme', async ({ page, context }) => {
  const other = await context.newPage();
  for (const tab of [page, other]) {
    await tab.emulateMedia({ colorScheme: 'light' });
    await tab.goto('/');
    await hydrated(tab);
  }
  await choose(page, 'Dark');
  await expect(other.locator('.bottom').getByRole('radio', { name: 'Dark' })).toBeChecked();
  expect(await background(other)).toBe(DARK);
  await choose(other, 'System');
  await expect(page.locator('.bottom').getByRole('radio', { name: 'System' })).toBeChecked();
  expect(await background(page)).toBe(LIGHT);
});

test('the arrow keys choose the theme', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  await hydrated(page);
  await page.locator('.bottom').getByRole('radio', { name: 'System' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.bottom').getByRole('radio', { name: 'Dark' })).toBeFocused();
  expect(await background(page)).toBe(DARK);
});

test('a browser without storage still shows the chosen theme', async ({ page }) => {
  await page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException('denied', 'SecurityError'); } });
    }
  });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  await hydrated(page);
  await choose(page, 'Dark');
  expect(await background(page)).toBe(DARK);
});

/** The style sheets, without their comments, by their paths. */
async function sheets(): Promise<Map<string, string>> {
  const folder = resolve(import.meta.dirname, '../../style');
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.css'));
  const read = async (path: string) =>
    [path, (await readFile(join(folder, path), 'utf8')).replace(/\/\*[\s\S]*?\*\//g, '')] as const;
  return new Map(await Promise.all(paths.map(read)));
}

test('each color is defined once, as a token', async () => {
  const literal = /#[0-9a-f]{3,8}\b|\b(rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|light-dark)\(|(?<![\w-])(white|black|gr[ae]y|silver|red|green|blue|yellow|orange|purple)(?![\w-])/i;
  const found: string[] = [];
  for (const [path, text] of await sheets()) {
    const declarations = [...text.matchAll(/([\w-]+)\s*:\s*([^;{}]+)(?=[;}])/g)];
    const colours = declarations.filter(([, , value]) => literal.test(value!)).map(([declaration]) => `${path}: ${declaration}`);
    // On paper it is black on white whatever was chosen.
    if (path === 'tokens.css') expect(colours.length).toBeGreaterThan(10);
    else if (path !== 'print.css') found.push(...colours);
  }
  expect(found).toEqual([]);
});

test('every token that is used is defined', async () => {
  const all = await sheets();
  const defined = (text: string) => [...text.matchAll(/(--[\w-]+)\s*:/g)].map(([, name]) => name);
  const tokens = defined(all.get('tokens.css')!);
  const missing: string[] = [];
  for (const [path, text] of all) {
    const here = new Set([...tokens, ...defined(text)]);
    const used = [...text.matchAll(/var\(\s*(--[\w-]+)/g)].map(([, name]) => name);
    missing.push(...used.filter((name) => !here.has(name)).map((name) => `${path}: ${name}`));
  }
  expect(missing).toEqual([]);
});
