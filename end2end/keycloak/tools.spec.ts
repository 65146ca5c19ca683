// `server doctor` and `server audit` with a Keycloak that is set up as the README says, and with one that is not.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { kept } from '../tests/faulty';
import { binary, root, startServer } from '../tests/servers';
import { ACCOUNTS, enter, expect, ready, test } from './fixtures';

/** Runs `server` with `variables` and `input` to its end. */
async function run(parameters: string[], variables: Record<string, string>, input = ''): Promise<{ code: number; output: string }> {
  const child = spawn(binary, parameters, { cwd: root, env: { PATH: process.env.PATH, ...variables } });
  // A command that reads nothing may have ended by now.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = once(child, 'exit');
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await ended) as [number];
  // Lines are wrapped where they end, which differs from port to port.
  return { code, output: (output + errors).replace(/\s+/g, ' ') };
}

test('the doctor finds nothing wrong with Keycloak, nor with a token of it', async ({ page, deployment }) => {
  const whole = await run(['doctor'], deployment.variables);
  expect(whole.output).toContain('Keycloak');
  expect(whole.code, whole.output).toBe(0);

  await enter(page, 'ada');
  const token = await run(['doctor', '--token', '-'], deployment.variables, await kept(page, 'access_token'));
  expect(token.code, token.output).toBe(0);
  expect(token.output).toContain('read:items');
  const identity = await run(['doctor', '--token', '-'], deployment.variables, await kept(page, 'id_token'));
  expect(identity.code, identity.output).toBe(1);
});

test('the doctor says when Keycloak does not know the redirect URI', async ({ deployment }) => {
  const elsewhere = await run(['doctor'], { ...deployment.variables, LEPTOS_SITE_ADDR: '127.0.0.1:1' });
  expect(elsewhere.code, elsewhere.output).toBe(1);
  expect(elsewhere.output).toContain('Valid redirect URIs');
});

test('the doctor says that tokens have no subject without the scope basic', async ({ page, deployment }) => {
  const { keycloak } = deployment;
  const [client] = await (await keycloak.admin('GET', '/clients?clientId=portcullis')).json();
  const scopes: { id: string; name: string }[] = await (await keycloak.admin('GET', '/client-scopes')).json();
  const basic = `/clients/${client.id}/default-client-scopes/${scopes.find(({ name }) => name === 'basic')!.id}`;
  expect((await keycloak.admin('DELETE', basic)).status).toBe(204);
  try {
    await enter(page, 'ada');
    const token = await run(['doctor', '--token', '-'], deployment.variables, await kept(page, 'access_token'));
    expect(token.output).toContain('client scope basic');
  } finally {
    await keycloak.admin('PUT', basic);
  }
});

test('a server that reaches Keycloak at an internal address tells browsers the public one', async ({ page, deployment }) => {
  const { issuer } = deployment.keycloak;
  const internal = issuer.replace('127.0.0.1', 'localhost');
  const document = await (await fetch(`${internal}/.well-known/openid-configuration`)).json();
  expect(document).toMatchObject({
    issuer,
    authorization_endpoint: `${issuer}/protocol/openid-connect/auth`,
    token_endpoint: `${internal}/protocol/openid-connect/token`,
    jwks_uri: `${internal}/protocol/openid-connect/certs`,
  });
  const server = await startServer({ ...deployment.variables, LEPTOS_SITE_ADDR: '127.0.0.1:0', AUTH_INTERNAL_URL: internal });
  try {
    await ready(server);
    const home = await (await fetch(server.url)).text();
    for (const endpoint of ['auth', 'token']) expect(home).toContain(`${issuer}/protocol/openid-connect/${endpoint}`);
    expect(home).not.toContain(internal);
    await enter(page, 'ada');
    const headers = { authorization: `Bearer ${await kept(page, 'access_token')}` };
    expect((await fetch(`${server.url}/api/items`, { headers })).status).toBe(200);
  } finally {
    await server.stop();
  }
});

test('an audit with the tokens of all accounts finds no hole', async ({ browser, deployment }) => {
  const samples: string[] = [];
  for (const username of Object.keys(ACCOUNTS)) {
    const context = await browser.newContext({ baseURL: deployment.app.url });
    const page = await context.newPage();
    await enter(page, username);
    samples.push(await kept(page, 'access_token'));
    if (username === 'ada') samples.push(await kept(page, 'id_token'));
    await context.close();
  }
  const audit = await run(['audit', '--against', deployment.app.url, '--token', '-'], deployment.variables, samples.join('\n'));
  expect(audit.code, audit.output).toBe(0);
  for (const token of samples) expect(audit.output).not.toContain(token);
});
