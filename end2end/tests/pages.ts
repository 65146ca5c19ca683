// Every page in every state, for the accessibility tests and the screenshots.
import type { Page } from '@playwright/test';
import { type Account, expect, expectSignedIn, firstItem, hydrated, signIn } from './fixtures';

export interface State {
  /** Who is signed in; nobody where it is left out. */
  as?: Account;
  /** Opens the page and waits until it is whole. */
  open: (page: Page) => Promise<void>;
  /** What is to be seen is at the top: the picture ends with the window. */
  top?: true;
  /** It belongs to the development provider and follows the system's theme alone. */
  foreign?: true;
}

export const STATES: Record<string, State> = {
  home: {
    open: async (page) => {
      await page.goto('/');
      await hydrated(page);
    },
  },
  'home-signed-in': {
    as: 'Ada Lovelace',
    open: async (page) => {
      await page.goto('/');
      await expectSignedIn(page);
    },
  },
  'sign-in-needed': {
    open: async (page) => {
      await page.goto('/profile');
      await expect(page.getByText('That page needs a sign-in.')).toBeVisible();
    },
  },
  list: {
    as: 'Ada Lovelace',
    open: async (page) => {
      await page.goto('/items');
      await expect(page.locator('.cards li')).toHaveCount(12);
    },
  },
  'list-loading': {
    as: 'Ada Lovelace',
    open: async (page) => {
      // Never answered: the page stays as it is while it waits.
      await page.route('**/rpc/items/list', () => {});
      await page.goto('/items');
      await expect(page.locator('.skeleton.card').first()).toBeVisible();
    },
  },
  'list-empty': {
    as: 'Ada Lovelace',
    open: async (page) => {
      await page.route('**/rpc/items/list', (route) => route.fulfill({ json: { items: [], next: null } }));
      await page.goto('/items');
      await expect(page.getByText('There are no items yet.')).toBeVisible();
    },
  },
  item: {
    as: 'Ada Lovelace',
    open: async (page) => {
      await page.goto(await firstItem(page));
      await expect(page.getByRole('heading', { name: 'Brass compass' })).toBeVisible();
    },
  },
  'item-read-only': {
    as: 'Ben Franklin',
    open: async (page) => {
      await page.goto(await firstItem(page));
      await expect(page.getByText('Needs the scope write:items')).toBeVisible();
    },
  },
  'item-new': {
    as: 'Ada Lovelace',
    open: async (page) => {
      await page.goto('/items/new');
      await page.getByLabel('Price').fill('much');
      await page.getByRole('button', { name: 'Create item' }).click();
      await expect(page.getByText('An item needs a name')).toBeVisible();
    },
  },
  'list-failed': {
    as: 'Ada Lovelace',
    open: async (page) => {
      const message = 'The store is not available. Try again later';
      await page.route('**/rpc/items/list', (route) =>
        route.fulfill({
          status: 503,
          json: { name: 'ServiceUnavailableError', message, code: 'store_unavailable', status: 503, inner: { message } },
        }),
      );
      await page.goto('/items');
      await expect(page.getByRole('heading', { name: 'Not available at the moment' })).toBeVisible();
    },
  },
  'item-change': {
    as: 'Ada Lovelace',
    open: async (page) => {
      await page.goto(`${await firstItem(page)}?change=yes`);
      await expect(page.getByRole('heading', { name: 'Edit item' })).toBeVisible();
    },
  },
  'item-not-saved': {
    as: 'Ada Lovelace',
    top: true,
    open: async (page) => {
      const inner = { message: 'Insufficient scope', missing_scopes: ['write:items'] };
      await page.route('**/rpc/items/update', (route) =>
        route.fulfill({
          status: 403,
          json: { name: 'ForbiddenError', message: inner.message, code: 'insufficient_scope', status: 403, inner },
        }),
      );
      await page.goto(`${await firstItem(page)}?change=yes`);
      await page.getByLabel('Name').fill('Brass compass, polished');
      await page.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByRole('button', { name: 'Ask for access' })).toBeVisible();
    },
  },
  'session-ended': {
    as: 'Ada Lovelace',
    top: true,
    open: async (page) => {
      await page.goto('/items');
      await expect(page.locator('.cards li')).toHaveCount(12);
      await page.evaluate(() => {
        localStorage.removeItem('refresh_token');
        localStorage.setItem('expires_at', '1');
        window.dispatchEvent(new Event('focus'));
      });
      await expect(page.getByText('Your session has ended.')).toBeVisible();
    },
  },
  'item-conflict': {
    as: 'Ada Lovelace',
    top: true,
    open: async (page) => {
      await page.goto(await firstItem(page));
      await expect(page.getByRole('heading', { name: 'Brass compass' })).toBeVisible();
      // As if another user had saved the item. The request does not reach the store.
      await page.route('**/rpc/items/get', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), name: 'Compass', description: 'Points north.', version: 'newer' } });
      });
      const message = 'The item has been changed meanwhile';
      await page.route('**/rpc/items/update', (route) =>
        route.fulfill({
          status: 412,
          json: { name: 'PreconditionFailedError', message, code: 'precondition_failed', status: 412, inner: { message } },
        }),
      );
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByLabel('Name').fill('Brass compass, polished');
      await page.getByLabel('Price').fill('52');
      await page.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
    },
  },
  'item-deleted-while-editing': {
    as: 'Ada Lovelace',
    top: true,
    open: async (page) => {
      await page.goto(`${await firstItem(page)}?change=yes`);
      await page.getByLabel('Name').fill('Brass compass, polished');
      // As if another user had deleted it. The request does not reach the store.
      const message = 'Item not found';
      await page.route('**/rpc/items/{update,get,restore}', (route) =>
        route.fulfill({
          status: 404,
          json: { name: 'NotFoundError', message, code: 'not_found', status: 404, inner: { message } },
        }),
      );
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
      await expect(page.getByRole('dialog').getByRole('button', { name: 'Create as a new item' })).toBeVisible();
    },
  },
  'item-draft': {
    as: 'Ada Lovelace',
    open: async (page) => {
      const item = await firstItem(page);
      await page.goto(`${item}?change=yes`);
      await page.getByLabel('Name').fill('Brass compass, polished');
      await page.goto(item);
      await expect(page.getByText('You have an unsaved draft.')).toBeVisible();
    },
  },
  'item-draft-restored': {
    as: 'Ada Lovelace',
    open: async (page) => {
      await page.goto('/items/new');
      await page.getByLabel('Name').fill('Half a lamp');
      await page.reload();
      await expect(page.getByText('Draft restored')).toBeVisible();
    },
  },
  'item-deleted': {
    as: 'Ada Lovelace',
    top: true,
    open: async (page) => {
      // As if it were gone; nothing of it reaches the store.
      await page.route('**/rpc/items/delete', (route) => route.fulfill({ json: null }));
      await page.route('**/rpc/items/list', async (route) => {
        const response = await route.fetch();
        const { items, next } = await response.json();
        await route.fulfill({ response, json: { items: items.slice(1), next } });
      });
      await page.goto(await firstItem(page));
      await page.getByRole('button', { name: 'Delete' }).click();
      await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
    },
  },
  'item-missing': {
    as: 'Ada Lovelace',
    open: async (page) => {
      await page.goto('/item/000000000000000000000000');
      await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
    },
  },
  profile: {
    as: 'Ada Lovelace',
    open: async (page) => {
      await page.goto('/profile');
      await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
    },
  },
  access: {
    as: 'Ben Franklin',
    open: async (page) => {
      await page.goto('/access');
      await expect(page.getByText('pages and endpoints are open to you')).toBeVisible();
    },
  },
  'access-without-scopes': {
    as: 'Eve Moneypenny',
    open: async (page) => {
      await page.goto('/access');
      await expect(page.getByText('Missing read:items').first()).toBeVisible();
    },
  },
  menu: {
    top: true,
    as: 'Ada Lovelace',
    open: async (page) => {
      await page.goto('/profile');
      await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
      await page.locator('.account button').click();
      await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
    },
  },
  'missing-scope': {
    as: 'Eve Moneypenny',
    open: async (page) => {
      await page.goto('/items');
      await expect(page.getByRole('heading', { name: "You can't open this page" })).toBeVisible();
    },
  },
  'not-found': {
    open: async (page) => {
      await page.goto('/nothing/here');
      await hydrated(page);
    },
  },
  'failed-sign-in': {
    open: async (page) => {
      await page.goto('/');
      await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('button', { name: 'Deny access' }).click();
      await expect(page.getByRole('heading', { name: 'Access was denied' })).toBeVisible();
    },
  },
  'choose-account': {
    foreign: true,
    open: async (page) => {
      await page.goto('/');
      await page.locator('.account').getByRole('button', { name: 'Sign in' }).click();
      await expect(page.getByRole('heading', { name: 'Choose an account' })).toBeVisible();
      await expect(page).toHaveTitle('Choose an account');
    },
  },
};

export type Theme = 'light' | 'dark';

/** Opens `state` in a window of `width` pixels, on a system with the theme `scheme`. */
export async function open(page: Page, state: State, width = 1920, scheme: Theme = 'light'): Promise<void> {
  await page.setViewportSize({ width, height: width > 1000 ? 1080 : 760 });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  if (state.as) await signIn(page, state.as);
  await state.open(page);
}
