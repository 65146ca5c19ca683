// Starts the real server on free ports with its own database, and stops its process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const root = resolve(import.meta.dirname, '../..');
/** The server that is tested. */
export const binary = process.env.PORTCULLIS_SERVER ?? join(root, 'target/release/server');

export interface Running {
  /** The URL of the application. */
  url: string;
  /** The issuer of its development provider, where it has one. */
  issuer: string | undefined;
  /** Everything that it has written so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts `server serve` with `variables`, and gives it back once it says where it listens. */
export async function startServer(variables: Record<string, string>): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-'));
  const child: ChildProcess = spawn(binary, ['serve'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      RUST_LOG: 'debug',
      LEPTOS_SITE_ADDR: '127.0.0.1:0',
      DATABASE_URL: `redb:${join(folder, 'items.redb')}`,
      ...variables,
    },
  });
  const lines: string[] = [];
  const keep = (line: string) => lines.push(line);
  createInterface({ input: child.stderr! }).on('line', keep);
  const output = createInterface({ input: child.stdout! }).on('line', keep);
  const ended = once(child, 'exit');
  const heard = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = lines.map((line) => pattern.exec(line)?.[1]).find(Boolean);
      if (found) return found;
      const more = await Promise.race([once(output, 'line'), ended.then(() => undefined)]);
      if (!more) throw new Error(`the server has stopped:\n${lines.join('\n')}`);
    }
  };
  const url = await heard(/listens on (http:\S+)/);
  const hasProvider = !('AUTH_ISSUER' in variables);
  const issuer = hasProvider ? await heard(/Development provider at (http:\S+)\. /) : undefined;
  return {
    url,
    issuer,
    log: () => lines.join('\n'),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
