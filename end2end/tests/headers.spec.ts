// The security headers of pages: no third-party content, only our own scripts, and no text that becomes a script.
import type { Page } from '@playwright/test';
import { choose, expect, firstItem, hydrated, signIn, signOut, test } from './fixtures';

/** Collects what the browser says was against the policy, in the page and in its console. */
async function violations(page: Page): Promise<string[]> {
  const found: string[] = [];
  await page.exposeFunction('violated', (what: string) => found.push(what));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      (window as unknown as { violated(what: string): void }).violated(
        `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`,
      );
    });
  });
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) found.push(message.text());
  });
  return found;
}

test('pages follow their policy and contact only this server and the provider', async ({ page, server }) => {
  const found = await violations(page);
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  await page.goto('/');
  await hydrated(page);
  await page.goto('/profile');
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await choose(page, 'Ada Lovelace');
  await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
  await page.locator('.avatar img').evaluate((image: HTMLImageElement) => image.decode());
  // By links, so that every page is also made in the browser and not by the server.
  await page.getByRole('link', { name: 'Items', exact: true }).click();
  await expect(page.locator('.cards li')).toHaveCount(12);
  await page.getByRole('link', { name: 'Brass compass' }).click();
  await expect(page.getByRole('heading', { name: 'Brass compass' })).toBeVisible();
  await page.locator('.brand').click();
  await expect(page.getByRole('heading', { name: 'No way in but the gate' })).toBeVisible();
  await page.goto('/item/nonsense');
  await expect(page.getByText('The item id must be')).toBeVisible();
  await page.goto('/nothing/here');
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  await page.goto('/callback?state=forged&code=x');
  await expect(page).toHaveURL(/\/$/);
  await page.goto(await firstItem(page));
  await expect(page.getByRole('heading', { name: 'Brass compass' })).toBeVisible();
  await signOut(page);
  await signIn(page, 'Eve Moneypenny');
  await page.goto('/items');
  await expect(page.getByRole('button', { name: 'Ask for access' })).toBeVisible();
  expect(found).toEqual([]);
  expect([...hosts].sort()).toEqual([server.issuer!, new URL(server.url).origin].sort());
});

test.describe('injected scripts', () => {
  // The browser says in its console what it has refused.
  test.use({ expected: /./ });

  test('an injected script does not run', async ({ page }) => {
    await page.goto('/');
    await hydrated(page);
    const ran = await page.evaluate(async () => {
      const marks: string[] = [];
      Object.assign(window, { mark: (what: string) => marks.push(what) });
      const script = document.createElement('script');
      script.setAttribute('type', 'text/javascript');
      script.append(document.createTextNode('mark("element")'));
      document.body.append(script);
      const image = document.createElement('img');
      image.setAttribute('src', '/nothing.png');
      try {
        image.setAttribute('onerror', 'mark("handler")');
      } catch {
        // Trusted Types refuse it already.
      }
      document.body.append(image);
      const tries: [string, () => unknown][] = [
        ['eval', () => (0, eval)('mark("eval")')],
        ['function', () => new Function('mark("function")')()],
        ['markup', () => (document.createElement('div').innerHTML = '<img src=x onerror=mark("markup")>')],
        ['script markup', () => (document.createElement('div').innerHTML = '<script>mark("script")</script>')],
        ['write', () => document.write('<script>mark("write")</script>')],
      ];
      // What is evaluated for a test is above the policy; what a timer runs is not.
      await new Promise((resolve) => setTimeout(resolve));
      const refused: string[] = [];
      for (const [name, attempt] of tries) {
        try {
          attempt();
        } catch {
          refused.push(name);
        }
      }
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return { marks, refused };
    });
    expect(ran.marks).toEqual([]);
    expect(ran.refused).toEqual(['eval', 'function', 'markup', 'script markup', 'write']);
  });

  test('a script without the nonce or of another site does not run', async ({ page }) => {
    await page.route('/', async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      const more = '<script>window.ran = 1</script><script src="https://evil.example/x.js"></script>';
      await route.fulfill({ response, body: html.replace('</body>', `${more}</body>`) });
    });
    const found = await violations(page);
    await page.goto('/');
    await hydrated(page);
    expect(await page.evaluate(() => (window as { ran?: number }).ran)).toBeUndefined();
    await expect.poll(() => found.some((what) => what.startsWith('script-src-elem inline'))).toBe(true);
    await expect.poll(() => found.some((what) => what.includes('https://evil.example/x.js'))).toBe(true);
  });
});

test('every page has a fresh nonce in its policy and on each inline script', async ({ request }) => {
  const nonces = new Set<string>();
  for (const path of ['/', '/callback', '/profile', '/items', '/nothing/here', '/callback?code=x&state=y']) {
    const response = await request.get(path);
    const policy = response.headers()['content-security-policy']!;
    const nonce = /'nonce-([\w-]{22,})'/.exec(policy)![1]!;
    nonces.add(nonce);
    for (const part of [
      "default-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
      "require-trusted-types-for 'script'", "'wasm-unsafe-eval'",
    ]) {
      expect(policy, path).toContain(part);
    }
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
    const html = await response.text();
    const scripts = [...html.matchAll(/<(script|style)\b([^>]*)>/g)].filter(([, , at]) => !at!.includes('application/json'));
    expect(scripts.length).toBeGreaterThan(0);
    for (const [tag] of scripts) expect(tag).toContain(`nonce="${nonce}"`);
    expect(html).not.toMatch(/\son\w+=|\sstyle="/);
    expect(response.headers()['referrer-policy']).toBe('no-referrer');
    expect(response.headers()['x-content-type-options']).toBe('nosniff');
    expect(response.headers()['x-frame-options']).toBe('DENY');
    expect(response.headers()['cross-origin-opener-policy']).toBe('same-origin');
    expect(response.headers()['cross-origin-resource-policy']).toBe('same-origin');
    expect(response.headers()['permissions-policy']).toContain('camera=()');
    // Only https may promise https.
    expect(response.headers()['strict-transport-security']).toBeUndefined();
  }
  expect(nonces.size).toBe(6);
});

test('a style sheet cannot read the nonce', async ({ request }) => {
  const response = await request.get('/');
  const nonce = /'nonce-([\w-]+)'/.exec(response.headers()['content-security-policy']!)![1]!;
  const html = await response.text();
  // Browsers hide the attribute `nonce`, and no other.
  expect(html.split(nonce).length - 1).toBe(html.split(`nonce="${nonce}"`).length - 1);
});

test('responses that are no pages have a policy that allows nothing', async ({ request }) => {
  for (const path of ['/api/items', '/healthz', '/rpc/items/list', '/.well-known/oauth-protected-resource', '/favicon.svg']) {
    const policy = (await request.get(path)).headers()['content-security-policy']!;
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).not.toContain('script-src');
  }
});
