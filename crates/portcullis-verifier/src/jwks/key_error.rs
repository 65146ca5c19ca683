//! Why a member of a key set is not usable. The key cache ignores and logs such a key, and the doctor reports it.

use jsonwebtoken::Algorithm;

use super::key::MAX_KEYS;

/// Why a key is not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is not a JWK, or of an unknown type.
    #[error("it cannot be read as a JWK of a known type")]
    Unreadable,
    /// Its `use` is not `sig` (RFC 7517 §4.2).
    #[error("its use is not sig")]
    Use,
    /// Its `key_ops` lack `verify` (RFC 7517 §4.3).
    #[error("its key_ops do not hold verify")]
    Operations,
    /// A symmetric key in a public document is no secret (RFC 8725 §2.1).
    #[error("it is a symmetric key, which must never be published")]
    Symmetric,
    /// A published private key: anyone can sign with it (RFC 7517 §9.2).
    #[error("its private half is published with it")]
    Published,
    /// An RSA key of fewer than 2048 bits (RFC 7518 §3.3).
    #[error("it has {0} bits; at least 2048 are required")]
    Weak(usize),
    /// Its curve is not supported.
    #[error("its curve is not one of P-256, P-384 and Ed25519")]
    Curve,
    /// Its `alg` is not a signature algorithm for its type.
    #[error("its alg is no signature algorithm for a key of its type")]
    Algorithm,
    /// It is for these algorithms, and none of them is allowed.
    #[error("it is for {}, which AUTH_ALGORITHMS does not allow", names(.0))]
    NotAllowed(Vec<Algorithm>),
    /// Its numbers are not a valid key.
    #[error("its numbers make no public key")]
    Broken,
    /// There are more than [`MAX_KEYS`] usable keys.
    #[error("it comes after the first {MAX_KEYS} keys that could be used")]
    TooMany,
}

/// A member of a key set, and whether it is usable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExaminedKey {
    /// Its `kid`, if it has one.
    pub id: Option<String>,
    /// The algorithm that it is bound to.
    pub usable: Result<Algorithm, KeyError>,
}

fn names(algorithms: &[Algorithm]) -> String {
    let names: Vec<String> = algorithms.iter().map(|algorithm| format!("{algorithm:?}")).collect();
    names.join(" or ")
}
