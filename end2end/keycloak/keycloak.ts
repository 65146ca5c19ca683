// A real Keycloak on a free port, with the realm of realm.json and a database of its own; ended by its process. The
// realm is for tests: the password of each account is its user name.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What realm.json calls its realm, its client and its API. */
export const REALM = 'portcullis';
export const CLIENT_ID = 'portcullis';
export const AUDIENCE = 'https://api.portcullis.example';
/** The origin of the application in realm.json; each test run puts its own in its place. */
const ORIGIN = 'http://127.0.0.1:3000';

/** The administrator of this run. */
const ADMIN = { username: 'admin', password: 'only-for-this-test-run' };
/** How long it may take to answer, on a busy machine. */
const PATIENCE = 180_000;

export interface Keycloak {
  issuer: string;
  /** Waits until it answers. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Asks its admin REST interface; `path` is seen from the realm. */
  admin(method: string, path: string, body?: object): Promise<Response>;
  /** Ends it, and removes its database. */
  remove(): Promise<void>;
}

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A Keycloak that is still to be started, whose client is the applications at `origins`. */
export async function createKeycloak(origins: string[]): Promise<Keycloak> {
  const installed = process.env.PORTCULLIS_KEYCLOAK;
  if (!installed) throw new Error('run `cargo xtask test keycloak`, which names a prepared Keycloak in PORTCULLIS_KEYCLOAK');
  const home = await mkdtemp(join(tmpdir(), 'portcullis-keycloak-'));
  // Its programs are shared, its data are this run's.
  for (const part of ['lib', 'conf', 'providers', 'themes']) await symlink(join(installed, part), join(home, part));
  await mkdir(join(home, 'data/import'), { recursive: true });
  await writeFile(join(home, 'data/import/realm.json'), await realmFor(origins));

  const base = `http://127.0.0.1:${await freePort()}`;
  const issuer = `${base}/realms/${REALM}`;
  let child: ChildProcess | undefined;
  // A worker that is stopped by force must not leave it behind.
  process.once('exit', () => child?.kill('SIGKILL'));

  async function start(): Promise<void> {
    const lines: string[] = [];
    child = spawn(java(), parameters(home, base), {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username, KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password },
    });
    for (const output of [child.stdout!, child.stderr!]) output.on('data', (text) => lines.push(String(text)));
    const ended = once(child, 'exit').then(() => true);
    const started = Date.now();
    for (;;) {
      const isUp = await fetch(`${issuer}/.well-known/openid-configuration`).then((answer) => answer.ok, () => false);
      if (isUp) return;
      const hasEnded = await Promise.race([ended, new Promise<false>((resolve) => setTimeout(resolve, 200, false))]);
      if (hasEnded || Date.now() - started > PATIENCE) throw new Error(`Keycloak does not answer:\n${lines.join('')}`);
    }
  }

  async function stop(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  async function admin(method: string, path: string, body?: object): Promise<Response> {
    // An administrator's token is good for a minute only.
    const answer = await fetch(`${base}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...ADMIN }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    return fetch(`${base}/admin/realms/${REALM}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
  }

  async function remove(): Promise<void> {
    await stop();
    await rm(home, { recursive: true, force: true });
  }

  return { issuer, start, stop, admin, remove };
}

/** The realm file, with the addresses of the applications at `origins`. */
async function realmFor(origins: string[]): Promise<string> {
  const realm = JSON.parse(await readFile(join(import.meta.dirname, 'realm.json'), 'utf8'));
  const everywhere = (address: string) => origins.map((origin) => address.replace(ORIGIN, origin));
  for (const client of realm.clients) {
    client.redirectUris = client.redirectUris.flatMap(everywhere);
    const signedOut = client.attributes['post.logout.redirect.uris'];
    client.attributes['post.logout.redirect.uris'] = everywhere(signedOut).join('##');
  }
  return JSON.stringify(realm);
}

function java(): string {
  return process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin/java') : 'java';
}

/** As bin/kc.sh starts it, but without a shell between that would have to pass signals on. */
function parameters(home: string, base: string): string[] {
  const opened = ['java.util', 'java.util.concurrent', 'java.security'];
  return [
    '-Xms64m', '-Xmx512m',
    // It lives for a minute or two: compiling its code well costs more than it gains.
    '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC',
    ...opened.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
    '-Dfile.encoding=UTF-8', '-Duser.language=en', `-Dkc.home.dir=${home}`, `-Djboss.server.config.dir=${join(home, 'conf')}`,
    '-Djava.util.logging.manager=org.jboss.logmanager.LogManager', '-Dpicocli.disable.closures=true',
    '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
    '-cp', join(home, 'lib/quarkus-run.jar'), 'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
    'start', '--optimized', '--import-realm', '--cache=local', '--http-enabled=true', '--http-host=127.0.0.1',
    `--http-port=${new URL(base).port}`, `--hostname=${base}`, '--hostname-backchannel-dynamic=true',
  ];
}
