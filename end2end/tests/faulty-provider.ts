// An identity provider that does what a test tells it, right or wrong: it signs in whoever it is told to, at once and
// without a page, and counts what it is asked.
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export const AUDIENCE = 'https://api.portcullis.example';
export const CLIENT_ID = 'portcullis';

/** What it does; a test changes what it wants. */
export interface Behaviour {
  /** Who signs in. */
  subject: string;
  /** Whether it says yes. */
  approves: boolean;
  /** Whether it knows the person without asking (`prompt=none`). */
  knows: boolean;
  /** Of the scopes that are asked for, those that it grants. */
  grants: (scope: string) => boolean;
  /** How long tokens live, in seconds. */
  lifetime: number;
  /** How far its clock is ahead, in seconds. */
  ahead: number;
  /** Whether it gives refresh tokens. */
  refreshes: boolean;
  /** What it puts in place of claims of the ID token; undefined leaves one out. A function is asked for each token. */
  claims: Record<string, unknown> | (() => Record<string, unknown>);
  /** How it signs ID tokens: rightly, not at all (`alg` is `none`), or with a key that it does not publish. */
  signs: 'rightly' | 'not at all' | 'wrongly';
  /** Whether access tokens are opaque texts. */
  opaque: boolean;
  /** What it makes of a token answer before it sends it: another object, or a text. */
  answer: (tokens: Record<string, unknown>) => unknown;
  /** The type that it gives token answers. */
  contentType: string;
  /** The same for access tokens. */
  accessClaims: Record<string, unknown>;
  /** The same for userinfo; a text is sent as it is. */
  userinfo: Record<string, unknown> | string;
  /** What the token endpoint answers instead of tokens. */
  refusal: undefined | { status: number; body: string; retryAfter?: number };
  /** What the revocation endpoint does. */
  revokes: 'at once' | 'never' | 'with an error';
  /** Whom it says it is in the answer of a sign-in; itself, or nobody where it does not advertise that (RFC 9207). */
  iss: undefined | string;
  /** What an answer waits for. */
  until: Promise<unknown>;
  /** Whether pages may read its answers (CORS). */
  readable: boolean;
  /** Whether it breaks off what it is asked at the token endpoint. */
  dead: boolean;
}

const RIGHT: Behaviour = {
  subject: 'ada',
  approves: true,
  knows: true,
  grants: () => true,
  lifetime: 900,
  ahead: 0,
  refreshes: true,
  claims: {},
  signs: 'rightly',
  opaque: false,
  answer: (tokens) => tokens,
  contentType: 'application/json',
  accessClaims: {},
  userinfo: {},
  refusal: undefined,
  revokes: 'at once',
  iss: undefined,
  until: Promise.resolve(),
  readable: true,
  dead: false,
};

/** What it was asked in a test. */
interface Asked {
  /** The parameters of every authorization request. */
  asked: URLSearchParams[];
  /** The parameters of every token request. */
  exchanged: URLSearchParams[];
  /** The parameters of every request to end a session. */
  ended: URLSearchParams[];
  /** The parameters of every request to revoke a token. */
  revoked: URLSearchParams[];
  /** How often a refresh token that was used up came again. */
  reused: number;
}

export interface FaultyProvider extends Readonly<Asked> {
  issuer: string;
  does: Behaviour;
  /** Does everything right again, and forgets what it has counted. */
  reset(): void;
  stop(): Promise<void>;
}

interface Grant {
  subject: string;
  scope: string;
  nonce: string | null;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function startFaultyProvider({ endsSessions = true, namesItself = true, revokesTokens = true, port = 0 } = {}): Promise<FaultyProvider> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' };
  const unpublished = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const sign = (typ: string, claims: object, signs: Behaviour['signs'] = 'rightly') => {
    if (signs === 'not at all') return `${encode({ alg: 'none', typ })}.${encode(claims)}.`;
    const text = `${encode({ alg: 'RS256', kid: 'k', typ })}.${encode(claims)}`;
    const key = signs === 'wrongly' ? unpublished : privateKey;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
  };
  const codes = new Map<string, Grant>();
  const refreshTokens = new Map<string, Grant>();
  const used = new Set<string>();
  const subjects = new Map<string, string>();

  const nothing = (): Asked => ({ asked: [], exchanged: [], ended: [], revoked: [], reused: 0 });
  let inThisTest = nothing();
  // The browser of each test has connections of its own: what still comes from the test before is not counted for this.
  const tests = new WeakMap<Socket, Asked>();
  const countsOf = ({ socket }: IncomingMessage) => tests.get(socket) ?? inThisTest;

  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, provider.issuer);
    if (provider.does.readable) response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'authorization, content-type');
    response.setHeader('access-control-expose-headers', 'retry-after');
    if (request.method === 'OPTIONS') return void response.end();
    await (routes[url.pathname] ?? notFound)(url, request, response);
  });
  const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const redirect = (response: ServerResponse, to: string, query: Record<string, string | null>) => {
    const address = new URL(to);
    for (const [name, value] of Object.entries(query)) if (value !== null) address.searchParams.set(name, value);
    response.writeHead(303, { location: address.href });
    response.end();
  };
  const notFound = (_url: URL, _request: IncomingMessage, response: ServerResponse) => json(response, 404, {});

  function tokens(grant: Grant): Record<string, unknown> {
    const does = provider.does;
    const iat = Math.floor(Date.now() / 1000) + does.ahead;
    const times = { iat, exp: iat + does.lifetime };
    const base = { iss: provider.issuer, sub: grant.subject, ...times };
    const jwt = sign('at+jwt', {
      ...base, aud: AUDIENCE, client_id: CLIENT_ID, jti: randomUUID(), scope: grant.scope, ...does.accessClaims,
    });
    const access_token = does.opaque ? randomUUID() : jwt;
    const claims = typeof does.claims === 'function' ? does.claims() : does.claims;
    subjects.set(access_token, grant.subject);
    const answer: Record<string, unknown> = {
      access_token, token_type: 'Bearer', expires_in: does.lifetime, scope: grant.scope,
      id_token: sign('JWT', { ...base, aud: CLIENT_ID, nonce: grant.nonce, ...claims }, does.signs),
    };
    if (does.refreshes) {
      const token = randomUUID();
      refreshTokens.set(token, grant);
      answer.refresh_token = token;
    }
    return answer;
  }

  const routes: Record<string, (url: URL, request: IncomingMessage, response: ServerResponse) => unknown> = {
    '/.well-known/openid-configuration': (_url, _request, response) =>
      json(response, 200, {
        issuer: provider.issuer,
        authorization_endpoint: `${provider.issuer}/authorize`,
        token_endpoint: `${provider.issuer}/token`,
        userinfo_endpoint: `${provider.issuer}/userinfo`,
        jwks_uri: `${provider.issuer}/jwks`,
        ...(endsSessions ? { end_session_endpoint: `${provider.issuer}/end` } : {}),
        ...(revokesTokens ? { revocation_endpoint: `${provider.issuer}/revoke` } : {}),
        authorization_response_iss_parameter_supported: namesItself,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      }),
    '/jwks': (_url, _request, response) => json(response, 200, { keys: [jwk] }),
    '/authorize': (url, request, response) => {
      const query = url.searchParams;
      countsOf(request).asked.push(query);
      const does = provider.does;
      const back = { state: query.get('state'), iss: does.iss ?? (namesItself ? provider.issuer : null) };
      const to = query.get('redirect_uri')!;
      if (query.get('prompt') === 'none' && !does.knows) return redirect(response, to, { ...back, error: 'login_required' });
      if (!does.approves) return redirect(response, to, { ...back, error: 'access_denied' });
      const code = randomUUID();
      const scope = query.get('scope')!.split(' ').filter(does.grants).join(' ');
      codes.set(code, { subject: does.subject, scope, nonce: query.get('nonce') });
      redirect(response, to, { ...back, code });
    },
    '/token': async (_url, request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const form = new URLSearchParams(body);
      countsOf(request).exchanged.push(form);
      const does = provider.does;
      if (does.dead) return void request.socket.destroy();
      await does.until;
      if (does.refusal) {
        const { status, body, retryAfter } = does.refusal;
        return json(response, status, body, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
      }
      const code = form.get('code') ?? '';
      const token = form.get('refresh_token') ?? '';
      const grant = codes.get(code) ?? refreshTokens.get(token);
      codes.delete(code);
      if (used.has(token)) {
        // Somebody has a copy: nobody may go on with any of them (RFC 9700 §4.14.2).
        countsOf(request).reused += 1;
        refreshTokens.clear();
      }
      if (refreshTokens.delete(token)) used.add(token);
      if (!grant || used.has(code)) return json(response, 400, { error: 'invalid_grant' });
      json(response, 200, does.answer(tokens(grant)), { 'content-type': does.contentType });
    },
    '/userinfo': async (_url, request, response) => {
      const token = request.headers.authorization?.split(' ')[1] ?? '';
      const sub = subjects.get(token);
      if (!sub) return json(response, 401, {});
      const says = provider.does.userinfo;
      const type = typeof says === 'string' && says.startsWith('ey') ? 'application/jwt' : 'application/json';
      const answer = typeof says === 'string' ? says : { sub, name: `${sub} of the provider`, ...says };
      json(response, 200, answer, { 'content-type': type });
    },
    '/revoke': async (_url, request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const form = new URLSearchParams(body);
      countsOf(request).revoked.push(form);
      if (provider.does.revokes === 'never') return;
      if (provider.does.revokes === 'with an error') return json(response, 503, {});
      refreshTokens.delete(form.get('token') ?? '');
      json(response, 200, '');
    },
    '/end': (url, request, response) => {
      // As most servers do.
      if (url.href.length > 8_000) return json(response, 414, {});
      countsOf(request).ended.push(url.searchParams);
      redirect(response, url.searchParams.get('post_logout_redirect_uri')!, { state: url.searchParams.get('state') });
    },
  };

  server.on('connection', (socket) => tests.set(socket, inThisTest));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const provider: FaultyProvider = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    does: { ...RIGHT },
    get asked() {
      return inThisTest.asked;
    },
    get exchanged() {
      return inThisTest.exchanged;
    },
    get ended() {
      return inThisTest.ended;
    },
    get revoked() {
      return inThisTest.revoked;
    },
    get reused() {
      return inThisTest.reused;
    },
    reset() {
      provider.does = { ...RIGHT };
      inThisTest = nothing();
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return provider;
}
