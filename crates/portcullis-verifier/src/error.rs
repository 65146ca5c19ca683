//! Why a request is refused.

use std::sync::Arc;

/// Why a request is refused. The texts are those of Express's JWT middleware, which clients match on.
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
    /// The token came by more than one way, or one of them twice (RFC 6750 §3.1, `invalid_request`).
    #[error("The access token was sent in more than one way, or more than once")]
    Ambiguous,
    /// Not a JWT in its compact form.
    #[error("jwt malformed")]
    Malformed,
    /// More bytes than [`crate::jws::MAX_TOKEN_BYTES`]: whole or cut short, it is not parsed.
    #[error("jwt too long. maximum: 16 KiB")]
    TooLong,
    /// A header longer than [`crate::jws::MAX_HEADER_CHARS`].
    #[error("jwt header too long. maximum: 4 KiB")]
    HeaderTooLong,
    /// Five parts: a JWE (RFC 7516 §7.1), which only its audience could read.
    #[error("jwt is encrypted. expected: a signed jwt")]
    Encrypted,
    /// A member that occurs twice, at any depth (RFC 7515 §4, RFC 7519 §4): a header member, or a claim.
    #[error("jwt has a duplicate {0}")]
    Duplicate(&'static str),
    /// A header member that is missing or of a wrong type; it is named.
    #[error("invalid {0} value in the jwt header")]
    HeaderMember(&'static str),
    /// A `typ` that is not an access token's.
    #[error("jwt type invalid. expected: {0}")]
    Type(&'static str),
    /// A `crit` header: extensions that must be understood, and none is (RFC 7515 §4.1.11).
    #[error("jwt has critical extensions that are not supported")]
    Critical,
    /// A header that brings a key, or says where one is (RFC 8725 §3.10); the member is named.
    #[error("jwt header must not hold {0}")]
    EmbeddedKey(&'static str),
    /// An algorithm that is not allowed, or not that of the key.
    #[error("invalid algorithm")]
    Algorithm,
    /// The provider has no such key.
    #[error("signing key not found")]
    UnknownKey,
    /// The provider had no such key when it was last asked, and cannot be asked again at once.
    #[error("The signing key of this token is not known yet. Try again in a moment")]
    KeyNotYetKnown,
    /// The signature does not fit.
    #[error("invalid signature")]
    Signature,
    /// A claim that is missing or of a wrong type; it is named.
    #[error("invalid {0} value")]
    Claim(&'static str),
    /// `nbf` lies in the future.
    #[error("jwt not active")]
    NotActive,
    /// `exp` has passed.
    #[error("jwt expired")]
    Expired,
    /// `aud` is missing or another.
    #[error("jwt audience invalid. expected: {0}")]
    Audience(Arc<str>),
    /// `iss` is missing or another.
    #[error("jwt issuer invalid. expected: {0}")]
    Issuer(Arc<str>),
    /// An ID token, which is for the client and not for us (RFC 9068 §5).
    #[error("jwt is an ID token, not an access token")]
    IdToken,
    /// `cnf`: the token is bound to a key of its sender, and no proof of possession is supported.
    #[error("jwt is bound to a key (cnf), and proof of possession is not supported")]
    SenderConstrained,
    /// There are no signing keys to check with.
    #[error("The identity provider's signing keys are not available. Try again later")]
    KeysUnavailable,
}
