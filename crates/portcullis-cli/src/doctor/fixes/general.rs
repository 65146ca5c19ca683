//! What to do about each problem at every provider.

use super::Problem;

/// Returns what to do about `problem` at every provider. Names in braces are placeholders.
pub(super) fn words(problem: Problem) -> &'static str {
    match problem {
        Problem::Unreachable => {
            "Check that AUTH_ISSUER names the right host, and that this machine can reach it: name server, firewall, proxy, certificates."
        }
        Problem::NoDocument => {
            "Open this address in a browser: it must show JSON with \"issuer\". AUTH_ISSUER is that address without /.well-known/openid-configuration."
        }
        Problem::Endpoints => {
            "The document must have issuer, jwks_uri, authorization_endpoint and token_endpoint, each with https. If a proxy terminates TLS, configure the public https address at the provider."
        }
        Problem::IssuerSlash => "They differ only in the slash at the end. Set AUTH_ISSUER={found}",
        Problem::IssuerCase => "They differ only in upper and lower case, which matters. Set AUTH_ISSUER={found}",
        Problem::IssuerScheme => {
            "They differ only in http and https. If a proxy terminates TLS in front of the provider, configure the public https address at the provider. Otherwise set AUTH_ISSUER={found}"
        }
        Problem::IssuerTemplate => {
            "This address is for many tenants, and its tokens name the tenant. Put the ID of your tenant into AUTH_ISSUER."
        }
        Problem::IssuerOther => {
            "If this is your provider, set AUTH_ISSUER={found} ; otherwise AUTH_ISSUER points to a different provider."
        }
        Problem::NoKeys => {
            "The provider must publish at least one public signing key: RSA with at least 2048 bits, P-256, P-384 or Ed25519."
        }
        Problem::Algorithms => "Set AUTH_ALGORITHMS={algorithms}, or let the provider sign with an allowed algorithm.",
        Problem::Clock => {
            "Compare both clocks with a third one, and synchronize this machine's by NTP (on Linux: timedatectl status). Otherwise valid tokens look expired or not valid yet."
        }
        Problem::Cors => {
            "Allow the origin {origin} for this client at the provider (CORS). It must match exactly: scheme, host and port, without a slash at the end."
        }
        Problem::RedirectUri => {
            "In the client's settings at the provider, check that the client ID is {client}, and register exactly this redirect URI: {origin}/callback"
        }
        Problem::Confidential => {
            "Check that {client} is the ID of a client at this provider, and make it a public client (single-page application): authorization code with PKCE, no secret."
        }
        Problem::DpopRequired => {
            "Turn off DPoP (sender-constrained tokens) for the client {client}: this app sends access tokens as bearer tokens, without a proof."
        }
        Problem::ParRequired => {
            "Do not require pushed authorization requests (PAR) for the client {client}: this app sends the authorization request in the browser's URL."
        }
        Problem::ClientDisabled => "Enable the client {client} at the provider.",
        Problem::PostLogoutUri => {
            "Register exactly this post-logout redirect URI for the client {client}, with the slash at the end: {origin}/"
        }
        Problem::NoCodeFlow => {
            "Turn on the authorization code flow for this client. The provider must support response_type code."
        }
        Problem::NoPkce => "The provider must support PKCE with S256 (RFC 7636). A newer version may do so.",
        Problem::ScopesNotListed => {
            "A provider need not list every scope. Check that {scopes} exist there and that the client may request them, or remove them from AUTH_SCOPES."
        }
        Problem::ScopesRefused => {
            "Create the scopes of AUTH_SCOPES at the provider and let this client request them, or remove from AUTH_SCOPES those that do not exist."
        }
        Problem::AudienceParameter => {
            "Name the audience in the way that the provider supports, with AUTH_AUDIENCE_PARAMETER: audience, resource (RFC 8707) or none."
        }
        Problem::AudienceUnknown => {
            "Register an API (resource) with the identifier {audience} at the provider and let the client use it, or set AUTH_AUDIENCE to the identifier of the existing API."
        }
        Problem::AudienceIsClient => {
            "Give the API an audience of its own. The client ID is the audience of ID tokens, which must not give access to an API."
        }
        Problem::Opaque => {
            "Send the complete access token (the member access_token of the token response). The provider must issue it as a JWT."
        }
        Problem::Encrypted => "The provider must issue access tokens that are signed but not encrypted.",
        Problem::Symmetric => {
            "The provider must sign with a private key: RS256 or another algorithm of AUTH_ALGORITHMS. With HS256, everyone who can check a token can forge one."
        }
        Problem::Malformed => {
            "Check that the token is complete: copied to its end, without line breaks, quotes or padding."
        }
        Problem::Duplicate => {
            "The provider must issue every header member and every claim once. Look for a claim mapper that adds a claim which the token already has."
        }
        Problem::TooLong => {
            "Send only the access token. If it is that long, let the provider put fewer groups, roles and other claims into access tokens."
        }
        Problem::Header => {
            "Use a token as the provider issues it: an access token for an API does not have such a header."
        }
        Problem::TokenType => {
            "Send an access token, whose type is at+jwt or JWT. With AUTH_STRICT=true only at+jwt is accepted."
        }
        Problem::TokenIssuer => {
            "If this is your provider, set AUTH_ISSUER={found} ; otherwise use a token from {issuer}."
        }
        Problem::UnknownKey => {
            "Use a fresh token, because the key may have been replaced. If that does not help, the token is from another tenant or realm. The command `doctor` lists the keys that are ignored, and why."
        }
        Problem::Signature => {
            "Get a new token and copy it completely: this one was changed, cut off, or signed by someone else."
        }
        Problem::IdToken => {
            "Send the member access_token of the token response, not id_token: an ID token tells a client who signed in, and gives no access to an API."
        }
        Problem::OtherToken => {
            "Send the member access_token of the token response. This is a refresh token, a logout token or the like, or with AUTH_STRICT=true a token without the type at+jwt."
        }
        Problem::NotActive => "If the token is fresh, a clock is wrong: the command `doctor` compares them.",
        Problem::Expired => {
            "Sign in again for a fresh token. If it is fresh, a clock is wrong: the command `doctor` compares them."
        }
        Problem::Audience => {
            "The token must be for this API: its aud must contain {audience}. Let the provider add it, or set AUTH_AUDIENCE to the API's identifier. For a provider that issues no aud, such as Cognito, set AUTH_AUDIENCE=client_id=CLIENT-ID."
        }
        Problem::Claim => {
            "The provider must issue this claim in the form that RFC 9068 defines. Without AUTH_STRICT=true only iss, aud and exp are required."
        }
        Problem::SenderConstrained => {
            "Let the provider issue plain bearer tokens to this client: turn off sender-constrained tokens (DPoP, certificate-bound), which are not supported."
        }
        Problem::ClientIdClaim => {
            "With AUTH_STRICT=true access tokens need the claim client_id (RFC 9068). Let the provider add it, or remove AUTH_STRICT."
        }
        Problem::NoScopes => "Request {scopes} at sign-in (AUTH_SCOPES), and let the provider grant them to this user.",
        Problem::NoSubject => {
            "Let the provider add sub to the access tokens of this client, as RFC 9068 requires. Without it the token can read, but cannot create or own anything."
        }
    }
}
