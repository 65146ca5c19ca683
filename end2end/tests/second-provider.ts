// The OpenID-certified `oidc-provider`, so that nothing fits only our own: on a free port, with two accounts.
import { type Server, createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export const AUDIENCE = 'https://api.portcullis.example';
export const CLIENT_ID = 'portcullis';
/** What each account may do. */
const SCOPES: Record<string, string> = { grace: 'read:items', linus: '' };

export interface SecondProvider {
  issuer: string;
  /** Tells the provider where the application is, and opens it for business. */
  open(application: string): void;
  stop(): Promise<void>;
}

/** Starts to listen; what is asked before `open` waits for it. */
export async function startSecondProvider({ renews = false } = {}): Promise<SecondProvider> {
  let answer: (handler: ReturnType<Provider['callback']>) => void = () => {};
  const opened = new Promise<ReturnType<Provider['callback']>>((resolve) => (answer = resolve));
  const server: Server = createServer(async (request, response) => (await opened)(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    open: (application) => answer(configure(issuer, application, renews).callback()),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function configure(issuer: string, application: string, renews: boolean): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT_ID,
        token_endpoint_auth_method: 'none',
        redirect_uris: [`${application}/callback`],
        post_logout_redirect_uris: [`${application}/`],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    clientBasedCORS: (_context, origin) => origin === application,
    // Its userinfo endpoint refuses access tokens for another audience: the ID token says who it is.
    conformIdTokenClaims: false,
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: id === 'grace' ? 'Grace Hopper' : 'Linus Pauling', email: `${id}@example.org` }),
    }),
    features: {
      devInteractions: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (context) => {
          const account = context.oidc.session?.accountId ?? context.oidc.account?.accountId ?? '';
          return {
            scope: SCOPES[account] ?? 'read:items',
            audience: AUDIENCE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: 600,
            jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
    },
    cookies: { keys: ['only for this test run'] },
    pkce: { required: () => true },
    // Without `offline_access`, which would ask for consent at every sign-in.
    issueRefreshToken: async () => renews,
  });
}
