//! The fix of every fault in plain words: what holds everywhere, and where to set it at a known provider.

mod by_provider;

use super::provider::Provider;

/// What may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The provider does not answer.
    Unreachable,
    /// It answers, but not with its document.
    NoDocument,
    /// Its document lacks an address, or names one that is not safe.
    Endpoints,
    /// The issuer differs by its last slash.
    IssuerSlash,
    /// The issuer differs by capital letters.
    IssuerCase,
    /// The issuer differs by http and https.
    IssuerScheme,
    /// The document's issuer has a place for a tenant (Entra).
    IssuerTemplate,
    /// The issuer is another.
    IssuerOther,
    /// There is no usable key at all.
    NoKeys,
    /// There are keys, but for other algorithms.
    Algorithms,
    /// The clocks are apart.
    Clock,
    /// A browser may not read the provider's answers.
    Cors,
    /// The client or its redirect URI is not registered.
    RedirectUri,
    /// The client must show a secret, which a browser cannot keep.
    Confidential,
    /// The client must prove that it holds a key (RFC 9449).
    DpopRequired,
    /// The client must push its authorization requests (RFC 9126).
    ParRequired,
    /// The client is switched off.
    ClientDisabled,
    /// The provider does not lead people back after they have signed out.
    PostLogoutUri,
    /// No authorization code flow.
    NoCodeFlow,
    /// No PKCE with S256.
    NoPkce,
    /// Scopes that are not in the provider's list.
    ScopesNotListed,
    /// Scopes that the provider refuses.
    ScopesRefused,
    /// The sign-in names the audience in a way that this provider does not take.
    AudienceParameter,
    /// The provider knows no such API.
    AudienceUnknown,
    /// The audience is the client's id.
    AudienceIsClient,
    /// Not a JWT.
    Opaque,
    /// A JWE.
    Encrypted,
    /// Signed with a shared secret.
    Symmetric,
    /// Three parts, but they hold no token.
    Malformed,
    /// A header member or a claim occurs twice.
    Duplicate,
    /// Longer than any token or header is read.
    TooLong,
    /// A header with what is not taken.
    Header,
    /// The header's type is not an access token's.
    TokenType,
    /// The token is of another issuer.
    TokenIssuer,
    /// The provider has no such key.
    UnknownKey,
    /// The signature does not fit.
    Signature,
    /// An ID token.
    IdToken,
    /// A refresh token, a logout token or the like.
    OtherToken,
    /// Not yet valid.
    NotActive,
    /// Expired.
    Expired,
    /// The audience is missing or another.
    Audience,
    /// A claim is missing, or of a wrong type.
    Claim,
    /// Bound to a key of its sender.
    SenderConstrained,
    /// The claim `client_id`, which AUTH_STRICT demands, is missing.
    ClientIdClaim,
    /// No scope that opens anything.
    NoScopes,
    /// No `sub`.
    NoSubject,
}

/// What a fix may name; what is not known is empty.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// `AUTH_ISSUER`.
    pub issuer: String,
    /// What the provider or the token says instead.
    pub found: String,
    /// `AUTH_AUDIENCE`.
    pub audience: String,
    /// `AUTH_CLIENT_ID`.
    pub client: String,
    /// The site's origin.
    pub origin: String,
    /// The scopes that it is about.
    pub scopes: String,
    /// The algorithms to allow.
    pub algorithms: String,
}

impl Fault {
    /// What to do about it, where the issuer is `provider`.
    #[must_use]
    pub fn fix(self, provider: Provider, facts: &Facts) -> String {
        let text = match (self.anywhere(), by_provider::words(self, provider)) {
            (general, "") => general.to_owned(),
            // What holds for the providers of others does not for our own.
            (_, special) if provider == Provider::Development => special.to_owned(),
            (general, special) => format!("{general} {special}"),
        };
        let known =
            |value: &str, otherwise: &str| if value.is_empty() { otherwise.to_owned() } else { value.to_owned() };
        [
            ("{issuer}", known(&facts.issuer, "the issuer")),
            ("{found}", known(&facts.found, "what the provider says")),
            ("{audience}", known(&facts.audience, "your AUTH_AUDIENCE")),
            ("{client}", known(&facts.client, "your AUTH_CLIENT_ID")),
            ("{origin}", known(&facts.origin, "the site's origin")),
            ("{scopes}", known(&facts.scopes, "the scopes")),
            ("{algorithms}", known(&facts.algorithms, "the provider's algorithm")),
        ]
        .into_iter()
        .fold(text, |text, (place, value)| text.replace(place, &value))
    }

    /// What holds for every provider.
    fn anywhere(self) -> &'static str {
        match self {
            Self::Unreachable => {
                "See that AUTH_ISSUER names the right host, and that this machine may reach it: name server, firewall, proxy, certificates."
            }
            Self::NoDocument => {
                "Open this address in a browser: it must show JSON with \"issuer\". AUTH_ISSUER is that address without /.well-known/openid-configuration."
            }
            Self::Endpoints => {
                "The document must name issuer, jwks_uri, authorization_endpoint and token_endpoint, each with https. Behind a proxy that speaks TLS, tell the provider its public https address."
            }
            Self::IssuerSlash => "They differ by the slash at the end alone. Set AUTH_ISSUER={found}",
            Self::IssuerCase => "They differ by capital letters alone, and these count. Set AUTH_ISSUER={found}",
            Self::IssuerScheme => {
                "They differ by http and https alone. If a proxy speaks TLS before the provider, tell the provider its public https address; else set AUTH_ISSUER={found}"
            }
            Self::IssuerTemplate => {
                "That is an address for many tenants: its tokens name the tenant. Put your tenant's id into AUTH_ISSUER."
            }
            Self::IssuerOther => {
                "If that is your provider, set AUTH_ISSUER={found} ; else AUTH_ISSUER leads to somebody else."
            }
            Self::NoKeys => {
                "The provider must publish at least one public signing key: RSA of 2048 bits or more, P-256, P-384 or Ed25519."
            }
            Self::Algorithms => {
                "Set AUTH_ALGORITHMS={algorithms}, or let the provider sign with an algorithm that is allowed."
            }
            Self::Clock => {
                "Compare both with a third clock, and keep this machine's right by NTP (on Linux: timedatectl status). Tokens look expired, or not yet valid, by as much."
            }
            Self::Cors => {
                "Allow the origin {origin} for this client at the provider (CORS), exactly so: scheme, host and port, no slash at the end."
            }
            Self::RedirectUri => {
                "In the client's settings at the provider see that the client id is {client}, and register exactly this redirect URI: {origin}/callback"
            }
            Self::Confidential => {
                "See that {client} is the id of a client at this provider, and make it a public one (single-page application): no secret, authorization code with PKCE."
            }
            Self::DpopRequired => {
                "Switch off DPoP (sender-constrained tokens) for the client {client}: this app sends access tokens as Bearer alone, without a proof."
            }
            Self::ParRequired => {
                "Do not require pushed authorization requests (PAR) of the client {client}: this app sends the authorization request in the browser's URL."
            }
            Self::ClientDisabled => "Enable the client {client} at the provider.",
            Self::PostLogoutUri => {
                "Register this post-logout redirect URI for the client {client} exactly, including the trailing slash: {origin}/"
            }
            Self::NoCodeFlow => {
                "Switch on the authorization code flow for this client; the provider must offer response_type code."
            }
            Self::NoPkce => "The provider must take PKCE with S256 (RFC 7636); a newer version of it may.",
            Self::ScopesNotListed => {
                "A provider need not list every scope. See that {scopes} exist there and that the client may ask for them, or leave them out of AUTH_SCOPES."
            }
            Self::ScopesRefused => {
                "Declare the scopes of AUTH_SCOPES at the provider and let this client ask for them, or leave out of AUTH_SCOPES those that it has not."
            }
            Self::AudienceParameter => {
                "Name the audience as the provider takes it, with AUTH_AUDIENCE_PARAMETER: audience, resource (RFC 8707) or none."
            }
            Self::AudienceUnknown => {
                "Register an API (resource) with the identifier {audience} at the provider and let the client use it, or set AUTH_AUDIENCE to the one it has."
            }
            Self::AudienceIsClient => {
                "Give the API an audience of its own. The client's id is the audience of ID tokens, which must not open an API."
            }
            Self::Opaque => {
                "Send the access token itself (the member access_token of the token answer), whole; the provider must issue it as a JWT."
            }
            Self::Encrypted => "The provider must issue access tokens that are signed and not encrypted.",
            Self::Symmetric => {
                "The provider must sign with a private key: RS256 or another of AUTH_ALGORITHMS. With HS256, whoever can check a token can forge one."
            }
            Self::Malformed => {
                "See that the token is whole: copied to its end, without line breaks, quotes or padding."
            }
            Self::Duplicate => {
                "The provider must issue every header member and every claim once. Look for a claim mapper that adds a claim which the token already has."
            }
            Self::TooLong => {
                "Send the access token alone. If it is that long, let the provider put fewer groups, roles and other claims into access tokens."
            }
            Self::Header => {
                "Use a token as the provider issues it: such a header is not part of an access token for an API."
            }
            Self::TokenType => {
                "Send an access token, whose type is at+jwt or JWT. With AUTH_STRICT=true only at+jwt will do."
            }
            Self::TokenIssuer => {
                "If that is your provider, set AUTH_ISSUER={found} ; else take the token from {issuer}."
            }
            Self::UnknownKey => {
                "Take a fresh token: the key may have been replaced. If that is no better, the token is of another tenant or realm. `server doctor` tells which keys are ignored, and why."
            }
            Self::Signature => "Take the token anew and whole: it was changed, cut short, or signed by somebody else.",
            Self::IdToken => {
                "Send the member access_token of the token answer, not id_token: an ID token tells a client who signed in, and opens no API."
            }
            Self::OtherToken => {
                "Send the member access_token of the token answer: this is a refresh token, a logout token or the like, or with AUTH_STRICT=true one without the type at+jwt."
            }
            Self::NotActive => "If the token is fresh, a clock is wrong: `server doctor` compares them.",
            Self::Expired => {
                "Sign in again for a fresh token. If it is fresh, a clock is wrong: `server doctor` compares them."
            }
            Self::Audience => {
                "The token must be meant for this API: its aud must hold {audience}. Let the provider put it there, or set AUTH_AUDIENCE to the API's identifier. For a provider that issues no aud, such as Cognito, set AUTH_AUDIENCE=client_id=CLIENT-ID."
            }
            Self::Claim => {
                "The provider must issue this claim, and as RFC 9068 has it; without AUTH_STRICT=true only iss, aud and exp are needed."
            }
            Self::SenderConstrained => {
                "Let the provider issue plain bearer tokens to this client: switch off sender-constrained tokens (DPoP, certificate-bound), which are not supported."
            }
            Self::ClientIdClaim => {
                "With AUTH_STRICT=true access tokens need the claim client_id (RFC 9068). Let the provider put it there, or leave AUTH_STRICT out."
            }
            Self::NoSubject => {
                "Let the provider put sub into the access tokens of this client; RFC 9068 requires it there. Without it the token reads, but creates nothing and owns nothing."
            }
            Self::NoScopes => {
                "Ask for {scopes} at sign-in (AUTH_SCOPES) and let the provider grant them to this person."
            }
        }
    }
}

#[cfg(test)]
mod tests;
