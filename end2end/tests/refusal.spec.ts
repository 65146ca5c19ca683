// Rejections: a 401 causes one refresh and one retry, a 403 names the scope and offers to request it. Never a loop.
import type { Page } from '@playwright/test';
import { enter, expect, expectSignedIn, kept, refreshes, thereAndBack, withFaultyProvider, writeAsApp } from './faulty';

const test = withFaultyProvider();

/** Counts the calls of the pages' server functions, and the visits of pages. */
function count(page: Page) {
  const seen = { calls: 0, pages: 0 };
  page.on('request', (request) => {
    seen.calls += Number(request.url().includes('/rpc/items/'));
    seen.pages += Number(request.isNavigationRequest());
  });
  return seen;
}

/** The list is there, with or without the items that another test of this worker has created. */
async function expectList(page: Page): Promise<void> {
  await expect(page.locator('.cards li').first().or(page.getByText('There are no items yet.'))).toBeVisible();
}

/** Makes the access token one that the server does not accept. */
async function spoil(page: Page): Promise<void> {
  const token: string = await kept(page, 'access_token');
  await writeAsApp(page, { access_token: `${token.slice(0, -8)}AAAAAAAA` });
}

test('a 401 causes one refresh and one retry', async ({ page, provider }) => {
  await enter(page);
  await spoil(page);
  const seen = count(page);
  await page.goto('/items');
  await expectList(page);
  expect(seen.calls).toBe(2);
  expect(refreshes(provider)).toBe(1);
});

test('a second 401 asks for a sign-in without another refresh or retry', async ({ page, provider }) => {
  await enter(page);
  await spoil(page);
  // What is renewed is not accepted either.
  provider.does.accessClaims = { aud: 'https://elsewhere.example' };
  const seen = count(page);
  await page.goto('/items?from=mail');
  await expect(page.getByRole('heading', { name: 'Your session is not accepted any more' })).toBeVisible();
  expect(seen.calls).toBe(2);
  expect(refreshes(provider)).toBe(1);
  provider.does.accessClaims = {};
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await expectList(page);
  await expect(page).toHaveURL(/\/items\?from=mail$/);
});

test('a 401 without a refresh token asks for a sign-in at once', async ({ page, provider }) => {
  provider.does.refreshes = false;
  await enter(page);
  await spoil(page);
  const seen = count(page);
  await page.goto('/items');
  await expect(page.getByRole('button', { name: /^Sign in/ }).first()).toBeVisible();
  await expect(page.locator('.cards li').or(page.getByText('There are no items yet.'))).toHaveCount(0);
  expect(seen.calls).toBe(1);
});

test('a missing scope is named, requested and granted, and the page opens', async ({ page, provider }) => {
  provider.does.grants = (scope) => !scope.endsWith(':items');
  await enter(page);
  await page.goto('/items?from=mail#top');
  await expect(page.getByRole('heading', { name: "You can't open this page" })).toBeVisible();
  await expect(page.locator('.scopes')).toHaveText('read:items');
  provider.does.grants = () => true;
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await expectList(page);
  await expect(page).toHaveURL(/\/items\?from=mail#top$/);
  expect(provider.asked).toHaveLength(2);
  expect(provider.asked[1]!.get('prompt')).toBe('consent');
  expect(provider.asked[1]!.get('scope')!.split(' ')).toContain('read:items');
});

test('a scope that the provider does not grant is reported without a loop', async ({ page, provider }) => {
  provider.does.grants = (scope) => !scope.endsWith(':items');
  await enter(page);
  await page.goto('/items');
  const seen = count(page);
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'did not grant it' })).toBeVisible();
  await expect(page).toHaveURL(/\/items$/);
  expect(provider.asked).toHaveLength(2);
  // There and back: the provider's page and the callback.
  expect(seen.pages).toBe(2);
  expect(seen.calls).toBe(0);
});

test('a user who cancels the request for a scope stays signed in', async ({ page, provider }) => {
  provider.does.grants = (scope) => !scope.endsWith(':items');
  await enter(page);
  await page.goto('/items');
  provider.does.approves = false;
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'did not grant it' })).toBeVisible();
  await expect(page).toHaveURL(/\/items$/);
  await expectSignedIn(page);
});

test('a 403 of the server names the scope and offers to request it', async ({ page, provider }) => {
  provider.does.grants = (scope) => !scope.endsWith(':items');
  await enter(page);
  // The client believes that it may; the server knows better.
  await page.evaluate(() => localStorage.setItem('scopes', '"openid read:items"'));
  const seen = count(page);
  await page.goto('/items');
  await expect(page.locator('.scopes')).toHaveText('read:items');
  expect(seen.calls).toBe(1);
  expect(refreshes(provider)).toBe(0);
  provider.does.grants = () => true;
  await page.getByRole('button', { name: 'Ask for access' }).click();
  await expectList(page);
});

/** Types a new item and tries to add it. */
async function add(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Create item' }).click();
}

test('a change that lacks a scope requests it and keeps the text', async ({ page, provider }) => {
  provider.does.grants = (scope) => scope === 'openid' || scope === 'read:items';
  await enter(page);
  // The client believes that it may; the server knows better.
  await page.evaluate(() => localStorage.setItem('scopes', '"openid read:items write:items"'));
  await page.goto('/items/new');
  const seen = count(page);
  await add(page, 'Wanted');
  await expect(page.getByRole('status').getByText("Couldn't create the item: it needs write:items.")).toBeVisible();
  expect(seen.calls).toBe(1);
  expect(refreshes(provider)).toBe(0);
  provider.does.grants = () => true;
  // The address and what was typed are the same before.
  await thereAndBack(page, () => page.getByRole('button', { name: 'Ask for access' }).click());
  await expect(page).toHaveURL(/\/items\/new$/);
  await expect(page.getByLabel('Name')).toHaveValue('Wanted');
  expect(provider.asked.at(-1)!.get('scope')!.split(' ')).toContain('write:items');
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(page.getByRole('heading', { name: 'Wanted', level: 1 })).toBeVisible();
});

test('a change whose token is rejected twice asks for a sign-in and keeps the text', async ({ page, provider }) => {
  await enter(page);
  await page.goto('/items/new');
  await expect(page.getByLabel('Name')).toBeVisible();
  await spoil(page);
  provider.does.accessClaims = { aud: 'https://elsewhere.example' };
  const seen = count(page);
  await add(page, 'Patient');
  await expect(page.getByRole('status').getByText("Couldn't create the item")).toBeVisible();
  expect(seen.calls).toBe(2);
  expect(refreshes(provider)).toBe(1);
  provider.does.accessClaims = {};
  await thereAndBack(page, () => page.getByRole('button', { name: 'Sign in again' }).click());
  await expect(page).toHaveURL(/\/items\/new$/);
  await expect(page.getByLabel('Name')).toHaveValue('Patient');
  await page.getByRole('button', { name: 'Create item' }).click();
  await expect(page.getByRole('heading', { name: 'Patient', level: 1 })).toBeVisible();
});
