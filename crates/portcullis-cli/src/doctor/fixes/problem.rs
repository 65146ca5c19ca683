//! What can be wrong.

/// What is wrong at a provider, in a configuration or in a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The provider does not respond.
    Unreachable,
    /// It responds, but not with a discovery document.
    NoDocument,
    /// Its document lacks an endpoint, or has one that is not safe.
    Endpoints,
    /// The issuer differs in the slash at its end.
    IssuerSlash,
    /// The issuer differs in upper and lower case.
    IssuerCase,
    /// The issuer differs in http and https.
    IssuerScheme,
    /// The document's issuer has a placeholder for a tenant (Entra).
    IssuerTemplate,
    /// The document has a different issuer.
    IssuerOther,
    /// There is no usable key.
    NoKeys,
    /// All keys are for other algorithms.
    Algorithms,
    /// The clocks differ.
    Clock,
    /// Pages of the site may not read the provider's responses.
    Cors,
    /// The client or its redirect URI is not registered.
    RedirectUri,
    /// The client needs a secret, which a browser cannot keep.
    Confidential,
    /// The client must prove that it holds a key (RFC 9449).
    DpopRequired,
    /// The client must push its authorization requests (RFC 9126).
    ParRequired,
    /// The client is disabled.
    ClientDisabled,
    /// The provider does not send people back after they sign out.
    PostLogoutUri,
    /// The provider has no authorization code flow.
    NoCodeFlow,
    /// The provider has no PKCE with S256.
    NoPkce,
    /// The provider does not list some scopes.
    ScopesNotListed,
    /// The provider rejects some scopes.
    ScopesRefused,
    /// The authorization request names the audience in a way that this provider does not support.
    AudienceParameter,
    /// The provider does not know the API.
    AudienceUnknown,
    /// The audience is the client ID.
    AudienceIsClient,
    /// The token is not a JWT.
    Opaque,
    /// The token is encrypted (JWE).
    Encrypted,
    /// The token is signed with a shared secret.
    Symmetric,
    /// A part of the token is not readable.
    Malformed,
    /// A header member or a claim occurs twice.
    Duplicate,
    /// The token or its header is too long.
    TooLong,
    /// The header has a member that is not accepted.
    Header,
    /// The header's type is not that of an access token.
    TokenType,
    /// The token is from another issuer.
    TokenIssuer,
    /// The provider does not have the key.
    UnknownKey,
    /// The signature is wrong.
    Signature,
    /// The token is an ID token.
    IdToken,
    /// The token is a refresh token, a logout token or the like.
    OtherToken,
    /// The token is not valid yet.
    NotActive,
    /// The token is expired.
    Expired,
    /// The audience is missing or wrong.
    Audience,
    /// A claim is missing or has the wrong type.
    Claim,
    /// The token is bound to a key of its sender.
    SenderConstrained,
    /// The claim `client_id`, which `AUTH_STRICT` requires, is missing.
    ClientIdClaim,
    /// The token has no scope of this app.
    NoScopes,
    /// The token has no `sub`.
    NoSubject,
}
