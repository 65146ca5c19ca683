// What the tests with a real Keycloak start from: one for all of them, and three servers that trust it.
import type { Page } from '@playwright/test';
import { type Account, expect, quiet } from '../tests/fixtures';
import { type Running, startServer } from '../tests/servers';
import { AUDIENCE, CLIENT_ID, type Keycloak, createKeycloak, freePort } from './keycloak';

/** Who is in realm.json, with what they may do; a password is the user name. */
export const ACCOUNTS: Record<string, { name: Account; scopes: string[] }> = {
  ada: { name: 'Ada Lovelace', scopes: ['read:items', 'write:items', 'delete:items', 'admin:items'] },
  ben: { name: 'Ben Franklin', scopes: ['read:items'] },
  cy: { name: 'Cy Field', scopes: ['read:items', 'write:items', 'delete:items'] },
  eve: { name: 'Eve Moneypenny', scopes: [] },
};

export interface Deployment {
  keycloak: Keycloak;
  /** Asks for every scope. */
  app: Running;
  /** Asks for `read:items` alone. */
  modest: Running;
  /** Keeps tokens in memory. */
  forgetful: Running;
  /** The environment of `app`. */
  variables: Record<string, string>;
}

export const test = quiet.extend<object, { deployment: Deployment }>({
  deployment: [
    async ({}, use) => {
      const addresses = (await Promise.all([freePort(), freePort(), freePort()])).map((port) => `127.0.0.1:${port}`);
      const keycloak = await createKeycloak(addresses.map((address) => `http://${address}`));
      const running: Running[] = [];
      try {
        await keycloak.start();
        const differences: Record<string, string>[] = [
          {},
          { AUTH_SCOPES: 'openid profile email read:items' },
          { AUTH_TOKEN_STORE: 'memory' },
        ];
        const environments = differences.map((difference, index) => ({
          AUTH_ISSUER: keycloak.issuer,
          AUTH_AUDIENCE: AUDIENCE,
          AUTH_CLIENT_ID: CLIENT_ID,
          AUTH_AUDIENCE_PARAMETER: 'none',
          LEPTOS_SITE_ADDR: addresses[index]!,
          ...difference,
        }));
        for (const environment of environments) running.push(await startServer(environment));
        await Promise.all(running.map(ready));
        const [app, modest, forgetful] = running as [Running, Running, Running];
        await use({ keycloak, app, modest, forgetful, variables: environments[0]! });
      } finally {
        await Promise.all(running.map((server) => server.stop()));
        await keycloak.remove();
      }
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  baseURL: async ({ deployment }, use) => use(deployment.app.url),
});

export { expect };

/** Waits until the server has read Keycloak's documents. */
export async function ready(server: Running): Promise<void> {
  await expect.poll(async () => (await (await fetch(server.url)).text()).includes('authorization_endpoint')).toBe(true);
  await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status).toBe(200);
}

/** Fills in Keycloak's form. */
export async function logIn(page: Page, username: string): Promise<void> {
  await page.locator('#username').fill(username);
  await page.locator('#password').fill(username);
  await page.locator('#kc-login').click();
}

/** Opens the list of the items at `origin`, and signs in on the way. */
export async function enter(page: Page, username: string, origin = ''): Promise<void> {
  await page.goto(`${origin}/items`);
  await page.getByRole('button', { name: 'Sign in and go there' }).click();
  await logIn(page, username);
  await expect(page).toHaveURL(/\/items$/);
}

/** Waits for the list of the items, no longer than `timeout` milliseconds. */
export async function expectList(page: Page, timeout?: number): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Items', exact: true })).toBeVisible();
  await expect(page.locator('.cards li').first().or(page.getByText('There are no items yet.'))).toBeVisible({ timeout });
}

/** Lets the page find that a renewal is due. */
export async function renew(page: Page): Promise<void> {
  await page.evaluate(() => {
    localStorage.setItem('renew_at', '1');
    window.dispatchEvent(new Event('focus'));
  });
}

/** The header of a JWT. */
export function header(token: string): { kid: string } {
  return part(token, 0);
}

/** The realm roles in an access token. */
export function roles(token: string): string[] {
  return part(token, 1).realm_access.roles;
}

function part(token: string, index: number) {
  return JSON.parse(Buffer.from(token.split('.')[index]!, 'base64url').toString());
}
