//! Where the known providers have what is to be set. Only what their own documents say; silent where they do not.

use super::Fault;
use crate::doctor::provider::Provider;

/// What is to be said besides, at `provider`; nothing where no more is known.
pub(super) fn words(fault: Fault, provider: Provider) -> &'static str {
    match provider {
        Provider::Auth0 => auth0(fault),
        Provider::Keycloak => keycloak(fault),
        Provider::Entra => entra(fault),
        Provider::Okta => okta(fault),
        Provider::Google => google(fault),
        Provider::Zitadel => zitadel(fault),
        Provider::Development => development(fault),
        Provider::Unknown => "",
    }
}

fn auth0(fault: Fault) -> &'static str {
    match fault {
        Fault::IssuerSlash | Fault::IssuerOther | Fault::IssuerCase | Fault::NoDocument | Fault::TokenIssuer => {
            "Auth0's issuer is https://TENANT.REGION.auth0.com/ (or your custom domain), with the slash at its end."
        }
        Fault::Cors => "Auth0: in the application's settings, Allowed Web Origins and Allowed Origins (CORS).",
        Fault::RedirectUri => "Auth0: in the application's settings, Allowed Callback URLs.",
        Fault::PostLogoutUri => "Auth0: in the application's settings, Allowed Logout URLs.",
        Fault::Confidential => "Auth0: the application's type must be Single Page Application.",
        Fault::ScopesNotListed => {
            "Auth0 lists the scopes of OpenID Connect only: those of your API are under its Permissions."
        }
        Fault::ScopesRefused => "Auth0: Applications, APIs, your API, Permissions.",
        Fault::AudienceParameter | Fault::Opaque | Fault::Encrypted | Fault::Audience => {
            "Auth0 issues a token that only it can read when no audience is asked for: set AUTH_AUDIENCE to the identifier of your API (Applications, APIs) and AUTH_AUDIENCE_PARAMETER=audience."
        }
        Fault::AudienceUnknown => "Auth0: Applications, APIs: the API's Identifier must be {audience}.",
        Fault::Algorithms | Fault::Symmetric => "Auth0: in the API's settings, Signing Algorithm RS256.",
        Fault::TokenType | Fault::Claim => {
            "Auth0: in the API's settings, the JSON Web Token profile RFC 9068 issues at+jwt."
        }
        Fault::NoScopes => {
            "Auth0: in the API's settings, Enable RBAC; then give the user a role with the permissions: scope holds those of them that were asked for. Leave Add Permissions in the Access Token off: permissions holds all of the user's, whichever client asks for whatever scope, and counts only where AUTH_RIGHTS_CLAIMS names it."
        }
        _ => "",
    }
}

fn keycloak(fault: Fault) -> &'static str {
    match fault {
        Fault::IssuerSlash | Fault::IssuerCase | Fault::NoDocument => {
            "Keycloak's issuer is https://HOST/realms/NAME, without a slash at its end; before version 17 it was https://HOST/auth/realms/NAME."
        }
        Fault::IssuerScheme | Fault::IssuerOther | Fault::Endpoints | Fault::TokenIssuer => {
            "Keycloak names the address by which it was asked, unless its option hostname is set: set it to the public https address, and proxy-headers behind a proxy. With AUTH_INTERNAL_URL also set hostname-backchannel-dynamic=true."
        }
        Fault::Cors => {
            "Keycloak: in the client's settings, Web origins; a + there allows the origins of the redirect URIs."
        }
        Fault::RedirectUri => "Keycloak: in the client's settings, Valid redirect URIs.",
        Fault::Confidential => "Keycloak: in the client's settings, Client authentication off.",
        Fault::DpopRequired => {
            "Keycloak: in the client's settings, Capability config, Require DPoP bound tokens off (in some versions it is under Advanced, Fine grain OpenID Connect configuration)."
        }
        Fault::ParRequired => {
            "Keycloak: in the client's settings, Advanced, Pushed authorization request required off; a client policy may require it, too."
        }
        Fault::ClientDisabled => "Keycloak: the switch Enabled at the top right of the client's settings.",
        Fault::PostLogoutUri => {
            "Keycloak: in the client's settings, Valid post logout redirect URIs; a + there allows the redirect URIs."
        }
        Fault::ClientIdClaim => {
            "Keycloak names the client in azp, not in client_id. In a client scope of the client (its dedicated one will do) add a mapper of type Hardcoded claim: Token Claim Name client_id, Claim value {client}, added to the access token."
        }
        Fault::NoCodeFlow => "Keycloak: in the client's settings, Standard flow on.",
        Fault::ScopesNotListed | Fault::ScopesRefused => {
            "Keycloak: Client scopes, create one for each; then add it to the client, as Optional. It refuses a sign-in that asks for a scope which the client has not."
        }
        Fault::Audience | Fault::AudienceUnknown | Fault::AudienceIsClient => {
            "Keycloak puts an API into aud only by a mapper: in a client scope of the client (its dedicated one will do) add a mapper of type Audience with Included Custom Audience {audience}, added to the access token."
        }
        Fault::AudienceParameter => "Keycloak: AUTH_AUDIENCE_PARAMETER=none is enough; an audience mapper decides.",
        Fault::Algorithms => {
            "Keycloak: Realm settings, Tokens, Default signature algorithm; a client may have its own under Advanced."
        }
        Fault::Symmetric | Fault::Opaque => {
            "Keycloak's access tokens are JWTs, signed by RS256 if nothing else is set; its refresh tokens are signed with HS."
        }
        Fault::TokenType => "Keycloak: in the client's settings, Advanced, use \"at+jwt\" as access token header type.",
        Fault::NoSubject => {
            "Keycloak (since version 25) puts sub into access tokens by the client scope basic: add it to the client as Default. Lightweight access tokens leave sub out: switch off Always use lightweight access token under Advanced, or switch on Add to lightweight access token in the mapper sub of that scope."
        }
        Fault::NoScopes => {
            "Keycloak: switch on Include in token scope in the client scope. A client scope with roles under its Scope tab is granted only to who has one of them."
        }
        _ => "",
    }
}

fn entra(fault: Fault) -> &'static str {
    match fault {
        Fault::IssuerSlash | Fault::IssuerTemplate | Fault::IssuerOther | Fault::IssuerCase | Fault::NoDocument => {
            "Entra's issuer is https://login.microsoftonline.com/TENANT-ID/v2.0, without a slash at its end and with the tenant's id, not common or organizations."
        }
        Fault::TokenIssuer => {
            "Entra: a token of sts.windows.net is of version 1. In the manifest of the API's app registration set requestedAccessTokenVersion (formerly accessTokenAcceptedVersion) to 2, or set AUTH_ISSUER=https://sts.windows.net/TENANT-ID/ with the slash."
        }
        Fault::Cors | Fault::RedirectUri | Fault::Confidential => {
            "Entra: in the app registration, Authentication, the redirect URI must stand under the platform Single-page application, not Web."
        }
        Fault::ScopesNotListed | Fault::ScopesRefused | Fault::NoScopes => {
            "Entra: in the API's app registration, Expose an API; in AUTH_SCOPES name its scopes in full, such as api://CLIENT-ID/NAME. Application permissions come in the claim roles: name it in AUTH_RIGHTS_CLAIMS, as in \"scp roles\"."
        }
        Fault::Audience | Fault::AudienceUnknown | Fault::AudienceIsClient => {
            "Entra chooses the audience by the scopes: ask for a scope of your own API, and for none of Microsoft Graph but openid, profile and email. In tokens of version 2 aud is the client id of the API's app registration, in version 1 its Application ID URI."
        }
        Fault::AudienceParameter => "Entra: AUTH_AUDIENCE_PARAMETER=none; the scopes decide, and resource is refused.",
        Fault::Signature | Fault::Opaque => {
            "Entra: tokens for Microsoft Graph and other APIs of Microsoft are not for others to check. Ask for a scope of your own API."
        }
        Fault::Encrypted => "Entra: the API's app registration has a key for token encryption; remove it.",
        Fault::UnknownKey => {
            "Entra: an app with mapped claims has keys of its own: AUTH_URI=https://login.microsoftonline.com/TENANT-ID/discovery/v2.0/keys?appid=CLIENT-ID"
        }
        _ => "",
    }
}

fn okta(fault: Fault) -> &'static str {
    match fault {
        Fault::IssuerSlash | Fault::IssuerOther | Fault::IssuerCase | Fault::NoDocument => {
            "Okta's issuer is https://DOMAIN/oauth2/default, or the id of another custom authorization server, without a slash at its end."
        }
        Fault::TokenIssuer | Fault::UnknownKey | Fault::TokenType | Fault::Opaque | Fault::AudienceParameter => {
            "Okta: tokens whose issuer is the domain alone are of the org authorization server, for Okta itself. Use a custom authorization server (Security, API): AUTH_ISSUER=https://DOMAIN/oauth2/default and AUTH_AUDIENCE_PARAMETER=none."
        }
        Fault::Cors => "Okta: Security, API, Trusted Origins: add the origin for CORS.",
        Fault::RedirectUri => "Okta: in the application's settings, Sign-in redirect URIs.",
        Fault::PostLogoutUri => {
            "Okta: in the application's settings, Sign-out redirect URIs. Okta's end-session endpoint also refuses requests without an ID token, such as the doctor's."
        }
        Fault::DpopRequired => {
            "Okta: in the application's settings, Proof of possession, Require Demonstrating Proof of Possession (DPoP) header off."
        }
        Fault::Confidential => "Okta: create the application as an OIDC Single-Page Application.",
        Fault::ScopesNotListed | Fault::ScopesRefused | Fault::NoScopes => {
            "Okta: Security, API, Authorization Servers, your server: Scopes; and an access policy there that lets this client have them."
        }
        Fault::Audience | Fault::AudienceUnknown | Fault::AudienceIsClient => {
            "Okta: Security, API, Authorization Servers, your server: its setting Audience is what stands in aud."
        }
        _ => "",
    }
}

fn google(fault: Fault) -> &'static str {
    match fault {
        Fault::IssuerSlash | Fault::IssuerOther | Fault::IssuerCase | Fault::NoDocument | Fault::TokenIssuer => {
            "Google's issuer is https://accounts.google.com, without a slash at its end."
        }
        Fault::Cors => "Google: in the OAuth client, Authorised JavaScript origins.",
        Fault::RedirectUri => "Google: in the OAuth client, Authorised redirect URIs.",
        Fault::Opaque
        | Fault::Confidential
        | Fault::Audience
        | Fault::AudienceParameter
        | Fault::AudienceUnknown
        | Fault::AudienceIsClient
        | Fault::ScopesNotListed
        | Fault::ScopesRefused
        | Fault::NoScopes
        | Fault::IdToken => {
            "Google's access tokens are opaque and for Google's own APIs; it has no scopes or audiences of yours. Put a provider between that signs people in with Google and issues its own tokens, such as Keycloak, Auth0 or Zitadel."
        }
        _ => "",
    }
}

fn zitadel(fault: Fault) -> &'static str {
    match fault {
        Fault::IssuerSlash | Fault::IssuerOther | Fault::IssuerCase | Fault::NoDocument | Fault::TokenIssuer => {
            "Zitadel's issuer is the instance's domain, such as https://INSTANCE.zitadel.cloud, without a slash at its end."
        }
        Fault::Opaque => "Zitadel: in the application's token settings, Auth Token Type JWT.",
        Fault::Cors => {
            "Zitadel: the application's type must be User Agent; origins besides those of its redirect URIs are its additional origins."
        }
        Fault::RedirectUri => {
            "Zitadel: in the application's redirect settings; an address with http needs the development mode."
        }
        Fault::Confidential => "Zitadel: an application of type User Agent with the authentication method PKCE.",
        Fault::Audience | Fault::AudienceUnknown | Fault::AudienceIsClient => {
            "Zitadel: the audience is the project's id. Set AUTH_AUDIENCE to it and add urn:zitadel:iam:org:project:id:PROJECT-ID:aud to AUTH_SCOPES."
        }
        Fault::AudienceParameter => {
            "Zitadel: AUTH_AUDIENCE_PARAMETER=none; the scope urn:zitadel:iam:org:project:id:PROJECT-ID:aud decides."
        }
        Fault::ScopesNotListed | Fault::ScopesRefused | Fault::NoScopes => {
            "Zitadel knows roles and no scopes of your own: an action before the access token is made can append a claim permissions with their names: set AUTH_RIGHTS_CLAIMS=permissions."
        }
        _ => "",
    }
}

fn development(fault: Fault) -> &'static str {
    match fault {
        Fault::Unreachable | Fault::NoDocument => {
            "Without AUTH_ISSUER it is the development provider, which runs within `server serve`: start that first. Or set AUTH_ISSUER to your own provider."
        }
        Fault::IssuerOther | Fault::IssuerSlash => "Something else listens at DEV_PROVIDER_ADDR.",
        Fault::RedirectUri | Fault::Cors => {
            "The development provider knows the origin of LEPTOS_SITE_ADDR alone: start the server and the doctor with the same variables."
        }
        Fault::UnknownKey | Fault::Signature => {
            "The development provider makes a new key at every start: take a token since then."
        }
        Fault::NoScopes => {
            "Sign in as another account: the server prints the accounts of the development provider and their scopes when it starts."
        }
        _ => "",
    }
}
