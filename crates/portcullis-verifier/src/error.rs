//! Why an access token is rejected.

use std::sync::Arc;

/// Why an access token is rejected. The messages are those of Express's JWT middleware, which clients match on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No `Authorization` header, or an empty one.
    #[error("No authorization token was found")]
    CredentialsRequired,
    /// Two words, but the first is not `Bearer`.
    #[error("Format is Authorization: Bearer [token]")]
    BadScheme,
    /// Not two words.
    #[error("Format is Authorization: Bearer [token]")]
    BadFormat,
    /// The token was sent in more than one way, or more than once (RFC 6750 §3.1, `invalid_request`).
    #[error("The access token was sent in more than one way, or more than once")]
    Ambiguous,
    /// Not a JWT in its compact form.
    #[error("jwt malformed")]
    Malformed,
    /// More bytes than [`crate::jws::MAX_TOKEN_BYTES`].
    #[error("jwt too long. maximum: 16 KiB")]
    TooLong,
    /// A header longer than [`crate::jws::MAX_HEADER_CHARS`].
    #[error("jwt header too long. maximum: 4 KiB")]
    HeaderTooLong,
    /// Five parts: a JWE (RFC 7516 §7.1).
    #[error("jwt is encrypted. expected: a signed jwt")]
    Encrypted,
    /// A member that occurs twice, at any depth (RFC 7515 §4, RFC 7519 §4): a header member, or a claim.
    #[error("jwt has a duplicate {0}")]
    Duplicate(&'static str),
    /// The named header member is missing or has the wrong type.
    #[error("invalid {0} value in the jwt header")]
    HeaderMember(&'static str),
    /// A `typ` of another kind of token.
    #[error("jwt type invalid. expected: {0}")]
    Type(&'static str),
    /// A `crit` header: no critical extension is supported (RFC 7515 §4.1.11).
    #[error("jwt has critical extensions that are not supported")]
    Critical,
    /// The named header member contains a key or its URL (RFC 8725 §3.10).
    #[error("jwt header must not hold {0}")]
    EmbeddedKey(&'static str),
    /// The algorithm is not allowed, or is not that of the key.
    #[error("invalid algorithm")]
    Algorithm,
    /// The provider has no such key.
    #[error("signing key not found")]
    UnknownKey,
    /// The last fetched key set has no such key, and the next fetch is not allowed yet.
    #[error("The signing key of this token is not known yet. Try again in a moment")]
    KeyNotYetKnown,
    /// The signature is wrong.
    #[error("invalid signature")]
    Signature,
    /// The named claim is missing or has the wrong type.
    #[error("invalid {0} value")]
    Claim(&'static str),
    /// `nbf` lies in the future.
    #[error("jwt not active")]
    NotActive,
    /// `exp` has passed.
    #[error("jwt expired")]
    Expired,
    /// `aud` is missing or not accepted.
    #[error("jwt audience invalid. expected: {0}")]
    Audience(Arc<str>),
    /// `iss` is missing or not trusted.
    #[error("jwt issuer invalid. expected: {0}")]
    Issuer(Arc<str>),
    /// An ID token, which is for the client and not for an API (RFC 9068 §5).
    #[error("jwt is an ID token, not an access token")]
    IdToken,
    /// `cnf`: the token is bound to a key of its sender. Proof of possession is not supported.
    #[error("jwt is bound to a key (cnf), and proof of possession is not supported")]
    SenderConstrained,
    /// There are no signing keys yet.
    #[error("The identity provider's signing keys are not available. Try again later")]
    KeysUnavailable,
}
