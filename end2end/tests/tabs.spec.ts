// Two tabs (two pages of one context): both show the same user, and one of them refreshes for both.
import type { Page } from '@playwright/test';
import { digest } from './fixtures';
import {
  ENDED_KEYS, enter, expect, expectSignedIn, fromMenu, kept, noTimeLimits, notice, record, refreshes, storedKeys, withFaultyProvider,
} from './faulty';

const test = withFaultyProvider();

const signedIn = expectSignedIn;
const signedOut = (page: Page) => expect(page.locator('.account').getByRole('button', { name: 'Sign in' })).toBeVisible();
const mine = (page: Page) => page.evaluate(() => Object.keys(sessionStorage).sort());

/** The access token that the tab sends when it calls our server now. */
async function sent(tab: Page): Promise<string> {
  const call = tab.waitForRequest('**/rpc/items/list');
  await tab.getByRole('link', { name: 'Items', exact: true }).click();
  const token = (await (await call).headerValue('authorization'))!.replace('Bearer ', '');
  await fromMenu(tab, 'Profile');
  return token;
}

/** Lets the tab hear now that the session of this record was ended by its person. */
function hearSignOut(tab: Page, { sign_in, issuer, subject, id_subject }: Record<string, string>): Promise<boolean> {
  return tab.evaluate((value) => {
    const event = { key: 'portcullis_signal', newValue: JSON.stringify(value), storageArea: localStorage };
    return window.dispatchEvent(new StorageEvent('storage', event));
  }, `signed_out ${digest(sign_in!)} ${digest([issuer, subject, id_subject, ''].join('\n'))}`);
}

/** What keeps other tabs from renewing now. */
function lockedBy(tab: Page): Promise<string> {
  return tab.evaluate(async () => {
    const held = (await navigator.locks?.query())?.held ?? [];
    if (localStorage.getItem('portcullis_refresh')) return 'a browser without Web Locks';
    return held.some((lock) => lock.name === 'portcullis_refresh') ? 'Web Locks' : 'nothing';
  });
}

/** Two tabs with one clock that the test moves, both signed in. */
async function twoTabs(page: Page): Promise<Page> {
  const other = await page.context().newPage();
  await page.clock.install();
  await enter(page);
  await other.goto('/profile');
  await expect(other.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  return other;
}

for (const [what, prepare] of [
  ['Web Locks', async () => {}],
  [
    'a browser without Web Locks',
    async (page: Page) => page.context().addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })),
  ],
] as const) {
  test(`${what}: two tabs that refresh at once share one request and its result`, async ({ page, provider }) => {
    await prepare(page);
    const other = await page.context().newPage();
    await enter(page);
    await other.goto('/profile');
    await signedIn(other);
    for (const turn of [1, 2]) {
      const access = await kept(page, 'access_token');
      let answer = () => {};
      provider.does.until = new Promise<void>((resolve) => (answer = resolve));
      // Both are due and look at the same moment, and the answer is held until both have had time to ask.
      await page.evaluate(() => localStorage.setItem('renew_at', '1000'));
      const look = (tab: Page) => tab.evaluate(() => window.dispatchEvent(new Event('focus')));
      await Promise.all([page, other].map(look));
      await expect.poll(() => refreshes(provider)).toBe(turn);
      await Promise.all([page, other].map(look));
      expect(await lockedBy(page)).toBe(what);
      answer();
      await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
      // Who asks before the one that renews is done joins it, and asks again five seconds later.
      await expect.poll(() => lockedBy(page)).toBe('nothing');
      for (const tab of [page, other]) {
        await signedIn(tab);
        await expect(tab.locator('.session-notice')).toHaveCount(0);
      }
    }
    for (const tab of [page, other]) expect(await sent(tab)).toBe(await kept(page, 'access_token'));
    expect(refreshes(provider)).toBe(2);
    expect(provider.reused).toBe(0);
  });
}

test('concurrent calls refresh once', async ({ page, provider }) => {
  const other = await page.context().newPage();
  await enter(page);
  await other.goto('/profile');
  await signedIn(other);
  // It would hear of it, and leave its own renewal behind half done.
  await other.goto('about:blank');
  await page.evaluate(() => localStorage.setItem('expires_at', '1000'));
  await Promise.all([page, other].map((tab) => tab.goto('/items')));
  for (const tab of [page, other]) await expect(tab.getByText('There are no items yet.')).toBeVisible();
  expect(refreshes(provider)).toBe(1);
  expect(provider.reused).toBe(0);
});

test('a refresh in one tab shows in the other', async ({ page, provider }) => {
  const other = await page.context().newPage();
  await enter(page);
  provider.does.lifetime = 3600;
  await other.goto('/profile');
  await expect(other.locator('.countdown')).toHaveText(/^1[45] min/);
  // Due in the one that looks at it now.
  await page.evaluate(() => {
    localStorage.setItem('renew_at', '1');
    window.dispatchEvent(new Event('focus'));
  });
  await expect(other.locator('.countdown')).toHaveText(/^(59 min|1 h)/);
  expect(refreshes(provider)).toBe(1);
  expect(await sent(other)).toBe(await kept(page, 'access_token'));
});

test('a sign-in in one tab signs the others in', async ({ page }) => {
  const other = await page.context().newPage();
  await other.goto('/');
  await signedOut(other);
  await enter(page);
  await signedIn(other);
});

test('a sign-out in one tab signs the others out and clears every storage', async ({ page }) => {
  const other = await page.context().newPage();
  await enter(page);
  await other.goto('/profile');
  await signedIn(other);
  for (const tab of [page, other]) {
    await tab.evaluate(() => {
      for (const key of ['sign_in', 'silent', 'draft', 'sign_out']) sessionStorage.setItem(`portcullis_${key}`, '[]');
      localStorage.setItem('portcullis_refresh', '"1 1"');
      localStorage.setItem('theirs', 'kept');
      sessionStorage.setItem('theirs', 'kept');
    });
  }
  await fromMenu(page, 'Sign out');
  await signedOut(other);
  await expect(other.getByText('That page needs a sign-in.')).toBeVisible();
  await expect(other.getByText('ada of the provider')).toHaveCount(0);
  await expect(notice(page, 'You are signed out')).toBeVisible();
  expect(await storedKeys(page)).toEqual(['theirs']);
  for (const tab of [page, other]) expect(await mine(tab)).toEqual(['theirs']);
});

test('a sign-in as another user removes the first one from all tabs', async ({ page, provider }) => {
  const other = await page.context().newPage();
  await enter(page);
  await other.goto('/profile');
  await expect(other.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  // Straight from one person to the next: somebody chooses another account when asked for more.
  provider.does.subject = 'eve';
  await page.goto('/items');
  await page.evaluate(() => localStorage.setItem('scopes', '"openid"'));
  await page.reload();
  const loaded = other.waitForEvent('load');
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await loaded;
  await expect(other.getByRole('heading', { name: 'eve of the provider' })).toBeVisible();
  await expect(other.getByText('ada of the provider')).toHaveCount(0);
});

test('a session that ends in one tab keeps the pages of all tabs', async ({ page, provider }) => {
  const other = await twoTabs(page);
  provider.does.refusal = { status: 400, body: '{"error":"invalid_grant"}' };
  await page.clock.fastForward('11:20');
  for (const tab of [page, other]) await expect(notice(tab, 'Your session has ended.')).toBeVisible();
  await expect(other.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  // Whoever signs in again in one of them has signed in in both.
  provider.does.refusal = undefined;
  await page.getByRole('button', { name: 'Sign in to go on' }).click();
  await signedIn(page);
  await signedIn(other);
  await expect(other.locator('.session-notice')).toHaveCount(0);
});

test('a tab that sees the tokens gone before the end of the session keeps its page', async ({ page, provider }) => {
  const other = await page.context().newPage();
  await other.addInitScript(() => window.addEventListener('storage', (event) => event.stopImmediatePropagation(), true));
  await enter(page);
  await other.goto('/profile');
  await expect(other.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  provider.does.refusal = { status: 400, body: '{"error":"invalid_grant"}' };
  await page.evaluate(() => {
    localStorage.setItem('renew_at', '1');
    window.dispatchEvent(new Event('focus'));
  });
  await expect(notice(page, 'Your session has ended.')).toBeVisible();
  await expect.poll(() => storedKeys(other)).toEqual(ENDED_KEYS);
  await other.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(notice(other, 'Your session has ended.')).toBeVisible();
  await expect(other.getByRole('heading', { name: 'ada of the provider' })).toBeVisible();
  // What remains names nobody, and goes with the next sign-in.
  expect(await kept(page, ENDED_KEYS[0]!)).toMatch(/^ended [0-9a-f]{16} [0-9a-f]{16}$/);
  provider.does.refusal = undefined;
  await page.getByRole('button', { name: 'Sign in to go on' }).click();
  await signedIn(page);
  expect(await kept(page, ENDED_KEYS[0]!)).toBeNull();
});

test('a late sign-out message does not end a newer session', async ({ page }) => {
  const other = await page.context().newPage();
  await enter(page);
  await other.goto('/');
  await signedIn(other);
  const first = await record(page);
  const back = page.waitForURL(/state=/);
  await fromMenu(page, 'Sign out');
  await back;
  for (const tab of [page, other]) await signedOut(tab);
  await enter(page);
  await signedIn(other);
  // A tab that was frozen is given its storage events when it wakes up.
  await hearSignOut(other, first);
  for (const tab of [page, other]) {
    await tab.evaluate(() => window.dispatchEvent(new Event('focus')));
    await signedIn(tab);
    await expect(tab.locator('.session-notice')).toHaveCount(0);
  }
  expect(await kept(other, 'access_token')).not.toBeNull();
});

test('a tab waits for a late storage write of another tab before it refreshes', async ({ page, provider }) => {
  const other = await page.context().newPage();
  // Two processes of a browser share localStorage, but not at the same moment.
  await other.addInitScript(() => {
    const read = Storage.prototype.getItem;
    let old: Record<string, string> | undefined;
    Storage.prototype.getItem = function (key) {
      return old && this === localStorage ? (old[key] ?? null) : read.call(this, key);
    };
    window.addEventListener('storage', (event) => old && event.stopImmediatePropagation(), true);
    const copy = () => Object.fromEntries(Object.entries<string>(localStorage));
    Object.assign(window, { seeOld: (is: boolean) => void (old = is ? { ...copy(), renew_at: '1' } : undefined) });
    // It waits for two seconds, and the test may look late: time stands still for it all the while.
    for (const clock of [Date, Performance.prototype]) {
      const now = clock.now;
      let began = 0;
      Object.defineProperty(clock, 'now', {
        value() {
          if (!old) return (began = now.call(this));
          return began;
        },
      });
    }
  });
  await enter(page);
  await other.goto('/');
  await signedIn(other);
  const look = (tab: Page) => tab.evaluate(() => window.dispatchEvent(new Event('focus')));
  const seeOld = (is: boolean) => other.evaluate((value) => (window as unknown as { seeOld(is: boolean): void }).seeOld(value), is);
  for (const turn of [1, 2]) {
    const access = await kept(page, 'access_token');
    await seeOld(true);
    await page.evaluate(() => localStorage.setItem('renew_at', '1'));
    await look(page);
    await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
    await expect.poll(() => lockedBy(page)).toBe('nothing');
    await look(other);
    await expect.poll(() => lockedBy(page)).toBe('Web Locks');
    await seeOld(false);
    await expect.poll(() => lockedBy(page)).toBe('nothing');
    await signedIn(other);
    expect([refreshes(provider), provider.reused]).toEqual([turn, 0]);
  }
});

test('another tab sees a valid session at every step of a refresh', async ({ page, provider }) => {
  await enter(page);
  const seen = await page.evaluate(() => ({ ...localStorage }) as Record<string, string>);
  const access = await kept(page, 'access_token');
  await page.evaluate(() => {
    const [write, remove] = [Storage.prototype.setItem, Storage.prototype.removeItem];
    const writes: [string, string?][] = [];
    Storage.prototype.setItem = function (key, value) {
      writes.push([key, value]);
      return write.call(this, key, value);
    };
    Storage.prototype.removeItem = function (key) {
      writes.push([key]);
      return remove.call(this, key);
    };
    Object.assign(window, { writes });
    localStorage.setItem('renew_at', '1');
    window.dispatchEvent(new Event('focus'));
  });
  await expect.poll(() => kept(page, 'access_token')).not.toBe(access);
  await expect.poll(() => lockedBy(page)).toBe('nothing');
  const writes = await page.evaluate(() => (window as unknown as { writes: [string, string?][] }).writes.slice(1));
  for (const [key, value] of writes) {
    if (value === undefined) delete seen[key];
    else seen[key] = value;
    // Long enough good for a tab that is opened at this moment not to refresh itself.
    const values = { ...seen, renew_at: '9999999999', expires_at: '9999999999' };
    const other = await page.context().newPage();
    await other.addInitScript((all) => {
      Storage.prototype.getItem = (name) => all[name as keyof typeof all] ?? null;
    }, values);
    await other.goto('/');
    await signedIn(other);
    await expect(other.locator('.session-notice')).toHaveCount(0);
    await other.close();
  }
  expect([refreshes(provider), provider.reused]).toEqual([1, 0]);
});

test('tokens that a refresh stores after a sign-out are removed', async ({ page, provider }) => {
  const other = await page.context().newPage();
  await enter(page);
  await other.goto('/');
  await signedIn(other);
  const access = await kept(page, 'access_token');
  await other.evaluate(() => {
    localStorage.setItem('renew_at', '1');
    window.dispatchEvent(new Event('focus'));
  });
  await expect.poll(() => kept(other, 'access_token')).not.toBe(access);
  expect(refreshes(provider)).toBe(1);
  // The tab that signed out had cleared the storage; this one had not seen it yet, and wrote.
  const refresh = await kept(other, 'refresh_token');
  await hearSignOut(other, await record(other));
  for (const tab of [page, other]) await signedOut(tab);
  expect(await storedKeys(other)).toEqual([]);
  await expect.poll(() => provider.revoked.map((form) => form.get('token'))).toEqual([refresh]);
});

test('a sign-out in one tab holds for a sign-in that another tab is finishing', async ({ page, provider }) => {
  provider.does.grants = (scope) => !scope.endsWith(':items');
  await enter(page);
  const other = await page.context().newPage();
  await other.goto('/');
  await signedIn(other);
  await page.goto('/items');
  let answer = () => {};
  provider.does.until = new Promise<void>((resolve) => (answer = resolve));
  await page.evaluate(noTimeLimits);
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await expect.poll(() => provider.exchanged.length).toBe(2);
  await fromMenu(other, 'Sign out');
  await expect(notice(other, 'You are signed out')).toBeVisible();
  const revoked = provider.revoked.length;
  answer();
  await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
  await expect(page).toHaveURL(/\/\?return_to=%2Fitems$/);
  for (const tab of [page, other]) await signedOut(tab);
  expect(await storedKeys(page)).toEqual([]);
  // The new session is of no use to anybody.
  await expect.poll(() => provider.revoked.length).toBe(revoked + 1);
});

test('a page that is left signed out is loaded again for another user', async ({ page, provider }) => {
  const other = await page.context().newPage();
  await enter(page);
  await page.goto('/items/new');
  // The server answers once nobody waits for it any more.
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  const sent: (string | undefined)[] = [];
  await page.route('**/rpc/items/create', async (route) => {
    sent.push(route.request().headers().authorization);
    await held;
    const error = { name: 'UnauthorizedError', message: 'jwt expired', code: 'invalid_token', status: 401, inner: { message: 'jwt expired' } };
    await route.fulfill({ status: 401, json: error }).catch(() => {});
  });
  await page.getByLabel('Name').fill('of the first user');
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect.poll(() => sent.length).toBe(1);
  await other.goto('/');
  await fromMenu(other, 'Sign out');
  await expect(notice(other, 'You are signed out')).toBeVisible();
  await signedOut(page);
  provider.does.subject = 'eve';
  const loaded = page.waitForEvent('load');
  await enter(other);
  await loaded;
  await signedIn(page);
  answer();
  await expect(page.getByText('of the first user')).toHaveCount(0);
  expect(sent).toHaveLength(1);
});
