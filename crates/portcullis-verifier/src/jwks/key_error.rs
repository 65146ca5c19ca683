//! Why a member of a key set may not sign our tokens. The token check ignores such a key and logs it; the doctor says
//! the same.

use jsonwebtoken::Algorithm;

use super::key::MAX_KEYS;

/// Why a key is not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No JWK, or of a type that is not known.
    #[error("it cannot be read as a JWK of a known type")]
    Unreadable,
    /// Its `use` is not `sig` (RFC 7517 §4.2).
    #[error("its use is not sig")]
    Use,
    /// Its `key_ops` lack `verify` (RFC 7517 §4.3).
    #[error("its key_ops do not hold verify")]
    Operations,
    /// A secret, which a public document does not keep (RFC 8725 §2.1).
    #[error("it is a symmetric key, which must never be published")]
    Symmetric,
    /// A private key, which the whole world can sign with (RFC 7517 §9.2).
    #[error("its private half is published with it")]
    Published,
    /// An RSA key of so few bits (RFC 7518 §3.3).
    #[error("it has {0} bits; at least 2048 are required")]
    Weak(usize),
    /// A curve for which there is no algorithm here.
    #[error("its curve is not one of P-256, P-384 and Ed25519")]
    Curve,
    /// Its `alg` is no signature algorithm of its type.
    #[error("its alg is no signature algorithm for a key of its type")]
    Algorithm,
    /// It could be used for these, none of which is allowed.
    #[error("it is for {}, which AUTH_ALGORITHMS does not allow", names(.0))]
    NotAllowed(Vec<Algorithm>),
    /// Its numbers make no key.
    #[error("its numbers make no public key")]
    Broken,
    /// There are more usable keys than are kept.
    #[error("it comes after the first {MAX_KEYS} keys that could be used")]
    TooMany,
}

/// A member of a key set, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExaminedKey {
    /// Its `kid`, where it has one.
    pub id: Option<String>,
    /// The algorithm that it is bound to.
    pub usable: Result<Algorithm, KeyError>,
}

fn names(algorithms: &[Algorithm]) -> String {
    let names: Vec<String> = algorithms.iter().map(|algorithm| format!("{algorithm:?}")).collect();
    names.join(" or ")
}
