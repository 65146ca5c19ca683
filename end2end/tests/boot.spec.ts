// A page that does not start says so, and a page that extensions or proxies have changed still starts.
import type { Page, Route } from '@playwright/test';
import { expect, hydrated, signIn, test } from './fixtures';

const GLUE = '**/pkg/portcullis.js';
const WASM = '**/pkg/portcullis.wasm';

/** What is said of a page that does not start. */
const said = (page: Page) => page.locator('#boot');

/** Loads `path` with its HTML changed on the way, as a proxy or an extension that is early changes it. */
async function openChanged(page: Page, path: string, change: (html: string) => string): Promise<void> {
  await page.route(path, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: change(await response.text()) });
  });
  await page.goto(path);
  await page.unroute(path);
}

/** Runs `change` in the page when its HTML is there and its client is not yet; then lets the client come. */
async function openMeddled(page: Page, path: string, change: () => void): Promise<void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const hold = async (route: Route) => {
    await held;
    await route.continue();
  };
  await page.route(WASM, hold);
  await page.goto(path, { waitUntil: 'domcontentloaded' });
  await page.evaluate(change);
  release();
  await hydrated(page);
  await page.unroute(WASM, hold);
}

/** The page lives: it navigates, and says what goes wrong. */
async function expectAlive(page: Page): Promise<void> {
  await hydrated(page);
  await expect(said(page)).toHaveCount(0);
  await page.getByRole('link', { name: 'Items', exact: true }).click();
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  await expect(page.locator('.top')).toHaveCount(1);
  await expect(page.locator('footer')).toHaveCount(1);
}

/** Puts a `<font>` in the place of each text, as page translators do; `keeps` leaves the text itself in it. */
function translate(keeps: boolean): void {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  for (const text of texts) {
    if (!text.data.trim() || text.parentElement!.closest('script, noscript, font')) continue;
    const [outer, inner] = [document.createElement('font'), document.createElement('font')];
    outer.append(inner);
    if (keeps) {
      text.before(outer);
      inner.append(text);
    } else {
      inner.textContent = `[${text.data}]`;
      text.replaceWith(outer);
    }
  }
}

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  for (const path of ['/', '/items']) {
    test(`${path} asks for JavaScript`, async ({ page }) => {
      await page.goto(path);
      // The search for texts skips what is within <noscript>.
      await expect(said(page)).toBeVisible();
      await expect(said(page)).toHaveText('This page needs JavaScript, and it is turned off. Turn it on, then reload.');
      await expect(page.locator('.skeleton')).toHaveCount(path === '/' ? 0 : 1);
      await expect(page.locator('.skeleton')).not.toBeVisible();
    });
  }
});

test.describe('a missing requirement', () => {
  // The browser says it in its console too.
  test.use({ expected: /./ });

  const cases: [string, string, (page: Page) => Promise<unknown>][] = [
    ['no WebAssembly', 'This page needs WebAssembly', (page) =>
      page.addInitScript(() => Reflect.deleteProperty(window, 'WebAssembly'))],
    ['WebAssembly blocked by a policy', 'This page needs WebAssembly', (page) =>
      page.route('/items', async (route) => {
        const response = await route.fetch();
        const policy = response.headers()['content-security-policy']!.replace("'wasm-unsafe-eval'", '');
        await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } });
      })],
    ['WebAssembly that is none', 'This page needs WebAssembly', (page) =>
      page.route(WASM, (route) => route.fulfill({ contentType: 'application/wasm', body: 'nothing' }))],
    ['no connection for the WebAssembly', 'could not be downloaded', (page) => page.route(WASM, (route) => route.abort())],
    ['WebAssembly that is not found', 'could not be downloaded', (page) => page.route(WASM, (route) => route.fulfill({ status: 404 }))],
    ['WebAssembly that is not available', 'could not be downloaded', (page) => page.route(WASM, (route) => route.fulfill({ status: 503 }))],
    ['no script', 'could not be downloaded', (page) => page.route(GLUE, (route) => route.abort())],
    ['a page of a release that is gone', 'could not be downloaded', (page) => page.route('**/pkg/*', (route) => route.fulfill({ status: 404 }))],
    ['a client that breaks at its start', 'could not start', (page) =>
      page.addInitScript(() => {
        Document.prototype.createElement = new Proxy(Document.prototype.createElement, {
          apply: (target, self, [tag]) => {
            if (tag === 'main') throw new Error('broken');
            return Reflect.apply(target, self, [tag]);
          },
        });
      })],
    ['no modules', 'does not support them', async (page) => {
      await page.addInitScript(() => Reflect.deleteProperty(HTMLScriptElement.prototype, 'noModule'));
      await page.route('/items', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: (await response.text()).replaceAll('type="module"', 'type="other"') });
      });
    }],
  ];
  for (const [what, words, prepare] of cases) {
    test(`${what} is reported`, async ({ page }) => {
      await prepare(page);
      await page.goto('/items');
      await expect(page.getByRole('alert').filter({ hasText: words })).toBeVisible();
      await expect(page.locator('.skeleton')).toBeHidden();
      const loads = page.waitForRequest((request) => request.isNavigationRequest());
      await page.getByRole('button', { name: 'Reload' }).click();
      await loads;
    });
  }

  test('a page that stops working shows an error', async ({ page }) => {
    await page.goto('/');
    await hydrated(page);
    await expect(said(page)).toHaveCount(0);
    // As a panic leaves WebAssembly, in a listener and in a task.
    for (const task of [false, true]) {
      await page.evaluate((inTask) => {
        const panic = () => { throw new WebAssembly.RuntimeError('unreachable'); };
        if (inTask) void Promise.resolve().then(panic);
        else setTimeout(panic);
      }, task);
      await expect(page.getByRole('alert').filter({ hasText: 'this page stopped working' })).toBeVisible();
      // The page that has stopped looks as if it were hydrated.
      await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Reload' }).click()]);
      await hydrated(page);
      await expect(said(page)).toHaveCount(0);
    }
  });
});

test('a slow page shows that it is loading, offers a reload and then works', async ({ page }) => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(WASM, async (route) => {
    await held;
    await route.continue();
  });
  // Only the test moves this clock: the machine may be slow, too.
  await page.clock.install({ time: 0 });
  await page.clock.pauseAt(1_000);
  await page.goto('/', { waitUntil: 'domcontentloaded' });
  await page.clock.fastForward(1_000);
  await expect(said(page)).toHaveCount(0);
  await page.clock.fastForward(5_000);
  await expect(said(page)).toHaveText('Still loading…');
  await expect(said(page)).toHaveRole('status');
  await page.clock.fastForward(40_000);
  await expect(said(page)).toHaveText('Still loading…');
  await page.clock.fastForward(20_000);
  await expect(said(page)).toContainText('taking very long to load');
  await expect(page.getByRole('button', { name: 'Reload' })).toBeVisible();
  release();
  await hydrated(page);
  await expect(said(page)).toHaveCount(0);
});

test('a browser without AbortSignal.timeout signs in', async ({ page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(AbortSignal, 'timeout'));
  await signIn(page, 'Ada Lovelace');
  // And what it stands for ends a request in time.
  const ended = page.evaluate(() => fetch('/healthz', { signal: AbortSignal.timeout(0) }).then(() => 'answered', (error) => error.name));
  expect(['AbortError', 'answered']).toContain(await ended);
  expect(await page.evaluate(() => new Promise((done) => {
    AbortSignal.timeout(1).addEventListener('abort', () => done('aborted'));
  }))).toBe('aborted');
});

test('a page without the comments of the server works', async ({ page }) => {
  await openChanged(page, '/', (html) => html.replace(/<!--[^]*?-->|<!>/g, ''));
  await expectAlive(page);
});

test('a page in one line works', async ({ page }) => {
  await openChanged(page, '/', (html) => html.replace(/>\s+</g, '><'));
  await expectAlive(page);
});

const meddlings: [string, () => void][] = [
  ['a style before', () => {
    const style = document.createElement('style');
    style.nonce = document.querySelector<HTMLScriptElement>('script[nonce]')!.nonce;
    document.body.prepend(style);
  }],
  ['a text before', () => document.body.prepend('text')],
  ['an element before', () => document.body.prepend(document.createElement('aside'))],
  ['an element after the content', () => document.querySelector('main')!.after(document.createElement('aside'))],
  ['a text before the content', () => document.querySelector('main')!.before('text')],
  ['an element in the content', () => document.querySelector('main')!.prepend(document.createElement('aside'))],
  ['an element after', () => document.body.append(document.createElement('aside'))],
  ['a text after', () => document.body.append('text')],
  ['no footer', () => document.querySelector('footer')!.remove()],
  ['nothing of ours', () => document.body.replaceChildren()],
  ['attributes', () => {
    document.documentElement.setAttribute('data-extension', 'on');
    document.documentElement.lang = 'de';
    document.body.className = 'extension';
    document.body.setAttribute('data-x', 'y');
  }],
];
for (const [what, change] of meddlings) {
  test(`a page that an extension left with ${what} works`, async ({ page }) => {
    await openMeddled(page, '/', change);
    await expectAlive(page);
  });
}

test('elements that an extension added beside the page stay', async ({ page }) => {
  await openMeddled(page, '/', () => {
    const [before, after] = [document.createElement('aside'), document.createElement('aside')];
    before.id = 'before';
    after.id = 'after';
    document.body.prepend(before);
    document.body.append(after);
  });
  await expect(page.locator('body > #before')).toHaveCount(1);
  await expect(page.locator('body > #after')).toHaveCount(1);
});

test('hydration keeps the focus and the scroll position', async ({ page }) => {
  await page.setViewportSize({ width: 1100, height: 300 });
  await openMeddled(page, '/', () => {
    document.querySelector<HTMLElement>('.hero .button')!.focus({ preventScroll: true });
    scrollTo(0, 250);
  });
  await expect(page.locator('.hero .button')).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(250);
});

for (const [how, keeps] of [['in the place of texts', false], ['around texts', true]] as const) {
  test.describe(`a translator that works ${how}`, () => {
    const read = (text: string) => (keeps ? text : `[${text}]`);

    test('works before the client starts', async ({ page }) => {
      await page.addInitScript(`window.translate = ${translate}`);
      await openMeddled(page, '/', keeps
        ? () => (window as unknown as { translate(keeps: boolean): void }).translate(true)
        : () => (window as unknown as { translate(keeps: boolean): void }).translate(false));
      await expect(page.locator('.hero h1')).toBeVisible();
      await expectAlive(page);
    });

    test('keeps counts and toasts correct', async ({ page }) => {
      await signIn(page, 'Cy Field');
      await page.getByRole('link', { name: 'Items', exact: true }).click();
      const count = page.locator('main [role="status"]').first();
      await expect(count).toHaveText('12 items');
      await page.evaluate(translate, keeps);
      await expect(count).toHaveText(read('12 items'));
      await page.getByRole('searchbox').fill('brass');
      await expect(count).toHaveText('1 item');
      await page.evaluate(translate, keeps);
      await expect(count).toHaveText(read('1 item'));
      await page.getByRole('searchbox').fill('zzzz');
      await expect(count).toHaveText('0 items');
      await page.getByRole('searchbox').fill('');
      await expect(count).toHaveText('12 items');
      await expect(page.locator('.cards li')).toHaveCount(12);
    });

    test('keeps pages and menus correct', async ({ page }) => {
      await signIn(page, 'Ada Lovelace');
      await page.evaluate(translate, keeps);
      for (let round = 0; round < 2; round++) {
        await page.locator('.top nav a[href="/items"]').click();
        await expect(page.locator('main h1')).toHaveText('Items');
        await expect(page.locator('main .cards li')).toHaveCount(12);
        await expect(page.locator('main .hero')).toHaveCount(0);
        await page.evaluate(translate, keeps);
        await page.locator('.cards a').first().click();
        await expect(page.locator('main h1')).toHaveText('Brass compass');
        await page.evaluate(translate, keeps);
        await page.locator('.account .who').click();
        await page.locator('.menu a[href="/profile"]').click();
        await expect(page.locator('main h1')).toHaveText('Profile');
        await expect(page.locator('main h2').first()).toHaveText('Ada Lovelace');
        await expect(page.getByText('Brass compass')).toHaveCount(0);
        await page.evaluate(translate, keeps);
        await page.locator('.brand').click();
        await expect(page.locator('main .hero')).toHaveCount(1);
        await page.evaluate(translate, keeps);
      }
      await page.locator('.account .who').click();
      await page.locator('.menu .leave').click();
      await expect(page.locator('.account').getByRole('button', { name: 'Sign in' })).toBeVisible();
      await expect(page.getByText('Ada Lovelace')).toHaveCount(0);
      await expect(page.locator('.session-notice')).toBeVisible();
    });
  });
}
