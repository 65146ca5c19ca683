//! Members of a key set that may sign tokens: which are accepted, for which algorithms, and how they are bound to one.

use aws_lc_rs::signature::{self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse, RSAKeyParameters,
};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use serde::Deserialize;
use serde_json::Value;

use super::key::SigningKey;
use super::key_error::KeyError;
use super::member::normalize;

/// The shortest RSA modulus that is accepted, in bits (RFC 7518 §3.3).
const MIN_RSA_BITS: usize = 2048;

/// The algorithms for RSA keys.
pub(super) const FOR_RSA: &[Algorithm] =
    &[Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512];

/// All supported signature algorithms. None is symmetric.
pub const SUPPORTED_ALGORITHMS: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// A member of a key set that may sign tokens, not yet bound to an algorithm.
pub(super) struct Candidate {
    /// The normalized member (RFC 7517), so that different spellings of the same key compare equal.
    pub(super) member: Value,
    jwk: Jwk,
    /// The possible algorithms of the key: its `alg`, or all algorithms for its type.
    pub(super) algorithms: Vec<Algorithm>,
}

/// The members of a private key (RFC 7518 §6.2.2, §6.3.2). A key set must contain none of them.
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

impl Candidate {
    /// Reads one member of a key set.
    ///
    /// # Errors
    /// [`KeyError`] if the key must not sign tokens.
    pub(super) fn read(member: Value) -> Result<Self, KeyError> {
        let member = normalize(member);
        let jwk = Jwk::deserialize(&member).map_err(|_| KeyError::Unreadable)?;
        if PRIVATE_MEMBERS.iter().any(|name| member.get(*name).is_some()) {
            return Err(KeyError::Published);
        }
        if jwk.common.public_key_use.as_ref().is_some_and(|of| *of != PublicKeyUse::Signature) {
            return Err(KeyError::Use);
        }
        if jwk.common.key_operations.as_ref().is_some_and(|all| !all.contains(&KeyOperations::Verify)) {
            return Err(KeyError::Operations);
        }
        let is_named = |algorithm: &Algorithm| {
            jwk.common.key_algorithm.is_none_or(|named| named == KeyAlgorithm::from(*algorithm))
        };
        let algorithms: Vec<Algorithm> = algorithms(&jwk.algorithm)?.iter().copied().filter(is_named).collect();
        if algorithms.is_empty() { Err(KeyError::Algorithm) } else { Ok(Self { member, jwk, algorithms }) }
    }

    /// Returns the key, bound to `algorithm`.
    pub(super) fn bind(&self, algorithm: Algorithm) -> Result<SigningKey, KeyError> {
        let key = DecodingKey::from_jwk(&self.jwk).map_err(|_| KeyError::Broken)?;
        let key = parse(&key, algorithm).ok_or(KeyError::Broken)?;
        Ok(SigningKey::new(self.jwk.common.key_id.clone(), algorithm, key, self.member.clone()))
    }

    /// Returns the key, bound to the first of the `allowed` algorithms that fits it.
    pub(super) fn bind_first(&self, allowed: &[Algorithm]) -> Result<SigningKey, KeyError> {
        let algorithm = allowed.iter().find(|algorithm| self.algorithms.contains(algorithm));
        self.bind(*algorithm.ok_or_else(|| KeyError::NotAllowed(self.algorithms.clone()))?)
    }
}

/// Parses `key` for `algorithm`. Returns `None` if it is not a point of its curve, or too weak.
fn parse(key: &DecodingKey, algorithm: Algorithm) -> Option<ParsedPublicKey> {
    let rsa = |parameters: &'static RsaParameters| match key.kind() {
        DecodingKeyKind::RsaModulusExponent { n, e } => {
            RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).ok()
        }
        DecodingKeyKind::SecretOrDer(_) => None,
    };
    let raw = |scheme: &'static dyn VerificationAlgorithm| match key.kind() {
        DecodingKeyKind::SecretOrDer(bytes) => ParsedPublicKey::new(scheme, bytes).ok(),
        DecodingKeyKind::RsaModulusExponent { .. } => None,
    };
    match algorithm {
        Algorithm::RS256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => rsa(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => rsa(&signature::RSA_PSS_2048_8192_SHA512),
        // `FIXED`: r and s have the length of the curve and are concatenated. DER is not allowed (RFC 7518 §3.4).
        Algorithm::ES256 => raw(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => raw(&signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => raw(&signature::ED25519),
        _ => None,
    }
}

/// Returns the possible algorithms for a key of this type.
fn algorithms(key: &AlgorithmParameters) -> Result<&'static [Algorithm], KeyError> {
    match key {
        AlgorithmParameters::RSA(key) => match bits(key) {
            None => Err(KeyError::Broken),
            Some(bits) if bits < MIN_RSA_BITS => Err(KeyError::Weak(bits)),
            Some(_) => Ok(FOR_RSA),
        },
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => Ok(&[Algorithm::ES256]),
            EllipticCurve::P384 => Ok(&[Algorithm::ES384]),
            _ => Err(KeyError::Curve),
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Ok(&[Algorithm::EdDSA]),
        AlgorithmParameters::OctetKeyPair(_) => Err(KeyError::Curve),
        // A symmetric key in a public document is not secret (RFC 8725 §2.1).
        AlgorithmParameters::OctetKey(_) => Err(KeyError::Symmetric),
        _ => Err(KeyError::Unreadable),
    }
}

/// Returns the length of the modulus in bits, without leading zeros.
fn bits(key: &RSAKeyParameters) -> Option<usize> {
    let modulus = URL_SAFE_NO_PAD.decode(&key.n).ok()?;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros).map_or(0, |byte| byte.leading_zeros() as usize);
    Some((modulus.len() - zeros) * 8 - first)
}
