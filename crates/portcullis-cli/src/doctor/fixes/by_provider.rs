//! Where to change something at the known providers, as far as their own documentation says.

use super::Problem;
use crate::doctor::provider::ProviderKind;

/// Returns what to do about `problem` at `provider` in particular, or an empty text if nothing is known.
pub(super) fn words(problem: Problem, provider: ProviderKind) -> &'static str {
    match provider {
        ProviderKind::Auth0 => auth0(problem),
        ProviderKind::Keycloak => keycloak(problem),
        ProviderKind::Entra => entra(problem),
        ProviderKind::Okta => okta(problem),
        ProviderKind::Google => google(problem),
        ProviderKind::Zitadel => zitadel(problem),
        ProviderKind::Development => development(problem),
        ProviderKind::Unknown => "",
    }
}

fn auth0(problem: Problem) -> &'static str {
    match problem {
        Problem::IssuerSlash
        | Problem::IssuerOther
        | Problem::IssuerCase
        | Problem::NoDocument
        | Problem::TokenIssuer => {
            "Auth0's issuer is https://TENANT.REGION.auth0.com/ (or your custom domain), with the slash at its end."
        }
        Problem::Cors => "Auth0: in the application's settings, Allowed Web Origins and Allowed Origins (CORS).",
        Problem::RedirectUri => "Auth0: in the application's settings, Allowed Callback URLs.",
        Problem::PostLogoutUri => "Auth0: in the application's settings, Allowed Logout URLs.",
        Problem::Confidential => "Auth0: the application's type must be Single Page Application.",
        Problem::ScopesNotListed => {
            "Auth0 lists the scopes of OpenID Connect only: those of your API are under its Permissions."
        }
        Problem::ScopesRefused => "Auth0: Applications, APIs, your API, Permissions.",
        Problem::AudienceParameter | Problem::Opaque | Problem::Encrypted | Problem::Audience => {
            "If no audience is requested, Auth0 issues a token that only it can read: set AUTH_AUDIENCE to the identifier of your API (Applications, APIs) and AUTH_AUDIENCE_PARAMETER=audience."
        }
        Problem::AudienceUnknown => "Auth0: Applications, APIs: the API's Identifier must be {audience}.",
        Problem::Algorithms | Problem::Symmetric => "Auth0: in the API's settings, Signing Algorithm RS256.",
        Problem::TokenType | Problem::Claim => {
            "Auth0: in the API's settings, the JSON Web Token Profile RFC 9068 issues at+jwt."
        }
        Problem::NoScopes => {
            "Auth0: in the API's settings, Enable RBAC; then give the user a role with the permissions: scope then contains those that were requested. Leave Add Permissions in the Access Token off: permissions contains all permissions of the user, whatever the client requests, and counts only if AUTH_RIGHTS_CLAIMS names it."
        }
        _ => "",
    }
}

fn keycloak(problem: Problem) -> &'static str {
    match problem {
        Problem::IssuerSlash | Problem::IssuerCase | Problem::NoDocument => {
            "Keycloak's issuer is https://HOST/realms/NAME, without a slash at its end; before version 17 it was https://HOST/auth/realms/NAME."
        }
        Problem::IssuerScheme | Problem::IssuerOther | Problem::Endpoints | Problem::TokenIssuer => {
            "Keycloak uses the address of each request, unless its option hostname is set: set it to the public https address, and proxy-headers behind a proxy. With AUTH_INTERNAL_URL also set hostname-backchannel-dynamic=true."
        }
        Problem::Cors => {
            "Keycloak: in the client's settings, Web origins; a + there allows the origins of the redirect URIs."
        }
        Problem::RedirectUri => "Keycloak: in the client's settings, Valid redirect URIs.",
        Problem::Confidential => "Keycloak: in the client's settings, Client authentication off.",
        Problem::DpopRequired => {
            "Keycloak: in the client's settings, Capability config, Require DPoP bound tokens off (in some versions it is under Advanced, Fine grain OpenID Connect configuration)."
        }
        Problem::ParRequired => {
            "Keycloak: in the client's settings, Advanced, Pushed authorization request required off; a client policy may also require it."
        }
        Problem::ClientDisabled => "Keycloak: the switch Enabled at the top right of the client's settings.",
        Problem::PostLogoutUri => {
            "Keycloak: in the client's settings, Valid post logout redirect URIs; a + there allows the redirect URIs."
        }
        Problem::ClientIdClaim => {
            "Keycloak names the client in azp, not in client_id. In a client scope of the client (its dedicated one will do) add a mapper of type Hardcoded claim: Token Claim Name client_id, Claim value {client}, added to the access token."
        }
        Problem::NoCodeFlow => "Keycloak: in the client's settings, Standard flow on.",
        Problem::ScopesNotListed | Problem::ScopesRefused => {
            "Keycloak: Client scopes, create one for each; then add it to the client, as Optional. Keycloak refuses a sign-in that requests a scope which the client does not have."
        }
        Problem::Audience | Problem::AudienceUnknown | Problem::AudienceIsClient => {
            "Keycloak adds an API to aud only by a mapper: in a client scope of the client (its dedicated one will do) add a mapper of type Audience with Included Custom Audience {audience}, added to the access token."
        }
        Problem::AudienceParameter => {
            "Keycloak: AUTH_AUDIENCE_PARAMETER=none is enough; an audience mapper sets the audience."
        }
        Problem::Algorithms => {
            "Keycloak: Realm settings, Tokens, Default signature algorithm; a client may have its own under Advanced."
        }
        Problem::Symmetric | Problem::Opaque => {
            "Keycloak's access tokens are JWTs, signed with RS256 by default; its refresh tokens are signed with HS algorithms."
        }
        Problem::TokenType => {
            "Keycloak: in the client's settings, Advanced, use \"at+jwt\" as access token header type."
        }
        Problem::NoSubject => {
            "Keycloak (since version 25) adds sub to access tokens by the client scope basic: add it to the client as Default. Lightweight access tokens omit sub: turn off Always use lightweight access token under Advanced, or turn on Add to lightweight access token in the mapper sub of that scope."
        }
        Problem::NoScopes => {
            "Keycloak: turn on Include in token scope in the client scope. A client scope with roles under its Scope tab is granted only to users who have one of them."
        }
        _ => "",
    }
}

fn entra(problem: Problem) -> &'static str {
    match problem {
        Problem::IssuerSlash
        | Problem::IssuerTemplate
        | Problem::IssuerOther
        | Problem::IssuerCase
        | Problem::NoDocument => {
            "Entra's issuer is https://login.microsoftonline.com/TENANT-ID/v2.0, without a slash at its end and with the tenant's id, not common or organizations."
        }
        Problem::TokenIssuer => {
            "Entra: a token of sts.windows.net has version 1. In the manifest of the API's app registration set requestedAccessTokenVersion (formerly accessTokenAcceptedVersion) to 2, or set AUTH_ISSUER=https://sts.windows.net/TENANT-ID/ with the slash."
        }
        Problem::Cors | Problem::RedirectUri | Problem::Confidential => {
            "Entra: in the app registration, Authentication, the redirect URI must be under the platform Single-page application, not Web."
        }
        Problem::ScopesNotListed | Problem::ScopesRefused | Problem::NoScopes => {
            "Entra: in the API's app registration, Expose an API; set their full names in AUTH_SCOPES, such as api://CLIENT-ID/NAME. Application permissions are in the claim roles: add it to AUTH_RIGHTS_CLAIMS, as in \"scp roles\"."
        }
        Problem::Audience | Problem::AudienceUnknown | Problem::AudienceIsClient => {
            "Entra derives the audience from the scopes: request a scope of your own API, and none of Microsoft Graph except openid, profile and email. In tokens of version 2 aud is the client id of the API's app registration, in version 1 its Application ID URI."
        }
        Problem::AudienceParameter => {
            "Entra: AUTH_AUDIENCE_PARAMETER=none; the scopes decide, and Entra refuses resource."
        }
        Problem::Signature | Problem::Opaque => {
            "Entra: only Microsoft can check tokens for Microsoft Graph and its other APIs. Request a scope of your own API."
        }
        Problem::Encrypted => "Entra: the API's app registration has a key for token encryption; remove it.",
        Problem::UnknownKey => {
            "Entra: an app with mapped claims has its own keys: set AUTH_URI=https://login.microsoftonline.com/TENANT-ID/discovery/v2.0/keys?appid=CLIENT-ID"
        }
        _ => "",
    }
}

fn okta(problem: Problem) -> &'static str {
    match problem {
        Problem::IssuerSlash | Problem::IssuerOther | Problem::IssuerCase | Problem::NoDocument => {
            "Okta's issuer is https://DOMAIN/oauth2/default, or the id of another custom authorization server, without a slash at its end."
        }
        Problem::TokenIssuer
        | Problem::UnknownKey
        | Problem::TokenType
        | Problem::Opaque
        | Problem::AudienceParameter => {
            "Okta: tokens whose issuer is only the domain come from the org authorization server and are for Okta itself. Use a custom authorization server (Security, API): AUTH_ISSUER=https://DOMAIN/oauth2/default and AUTH_AUDIENCE_PARAMETER=none."
        }
        Problem::Cors => "Okta: Security, API, Trusted Origins: add the origin for CORS.",
        Problem::RedirectUri => "Okta: in the application's settings, Sign-in redirect URIs.",
        Problem::PostLogoutUri => {
            "Okta: in the application's settings, Sign-out redirect URIs. Okta's end-session endpoint also refuses requests without an ID token, such as the doctor's."
        }
        Problem::DpopRequired => {
            "Okta: in the application's settings, Proof of possession, Require Demonstrating Proof of Possession (DPoP) header off."
        }
        Problem::Confidential => "Okta: create the application as an OIDC Single-Page Application.",
        Problem::ScopesNotListed | Problem::ScopesRefused | Problem::NoScopes => {
            "Okta: Security, API, Authorization Servers, your server: add them under Scopes, and add an access policy that grants them to this client."
        }
        Problem::Audience | Problem::AudienceUnknown | Problem::AudienceIsClient => {
            "Okta: Security, API, Authorization Servers, your server: its setting Audience becomes aud."
        }
        _ => "",
    }
}

fn google(problem: Problem) -> &'static str {
    match problem {
        Problem::IssuerSlash
        | Problem::IssuerOther
        | Problem::IssuerCase
        | Problem::NoDocument
        | Problem::TokenIssuer => "Google's issuer is https://accounts.google.com, without a slash at its end.",
        Problem::Cors => "Google: in the OAuth client, Authorized JavaScript origins.",
        Problem::RedirectUri => "Google: in the OAuth client, Authorized redirect URIs.",
        Problem::Opaque
        | Problem::Confidential
        | Problem::Audience
        | Problem::AudienceParameter
        | Problem::AudienceUnknown
        | Problem::AudienceIsClient
        | Problem::ScopesNotListed
        | Problem::ScopesRefused
        | Problem::NoScopes
        | Problem::IdToken => {
            "Google's access tokens are opaque and for Google's own APIs; it has no scopes or audiences of yours. Put a provider in between that signs people in with Google and issues its own tokens, such as Keycloak, Auth0 or Zitadel."
        }
        _ => "",
    }
}

fn zitadel(problem: Problem) -> &'static str {
    match problem {
        Problem::IssuerSlash
        | Problem::IssuerOther
        | Problem::IssuerCase
        | Problem::NoDocument
        | Problem::TokenIssuer => {
            "Zitadel's issuer is the instance's domain, such as https://INSTANCE.zitadel.cloud, without a slash at its end."
        }
        Problem::Opaque => "Zitadel: in the application's token settings, Auth Token Type JWT.",
        Problem::Cors => {
            "Zitadel: the application's type must be User Agent; add other origins than those of its redirect URIs as additional origins."
        }
        Problem::RedirectUri => {
            "Zitadel: in the application's redirect settings; an address with http needs the development mode."
        }
        Problem::Confidential => "Zitadel: an application of type User Agent with the authentication method PKCE.",
        Problem::Audience | Problem::AudienceUnknown | Problem::AudienceIsClient => {
            "Zitadel: the audience is the project's id. Set AUTH_AUDIENCE to it and add urn:zitadel:iam:org:project:id:PROJECT-ID:aud to AUTH_SCOPES."
        }
        Problem::AudienceParameter => {
            "Zitadel: AUTH_AUDIENCE_PARAMETER=none; the scope urn:zitadel:iam:org:project:id:PROJECT-ID:aud sets the audience."
        }
        Problem::ScopesNotListed | Problem::ScopesRefused | Problem::NoScopes => {
            "Zitadel has roles, but no scopes of your own. Let an action before the creation of the access token add a claim permissions with the names of the roles, and set AUTH_RIGHTS_CLAIMS=permissions."
        }
        _ => "",
    }
}

fn development(problem: Problem) -> &'static str {
    match problem {
        Problem::Unreachable | Problem::NoDocument => {
            "Without AUTH_ISSUER the provider is the development provider, which is part of the command `serve`: start that first. Or set AUTH_ISSUER to your own provider."
        }
        Problem::IssuerOther | Problem::IssuerSlash => "Another program listens at DEV_PROVIDER_ADDR.",
        Problem::RedirectUri | Problem::Cors => {
            "The development provider knows only the origin of LEPTOS_SITE_ADDR: start the server and the doctor with the same variables."
        }
        Problem::UnknownKey | Problem::Signature => {
            "The development provider generates a new key at every start: use a token from after the last start."
        }
        Problem::NoScopes => {
            "Sign in as another account: the server prints the accounts of the development provider and their scopes when it starts."
        }
        _ => "",
    }
}
