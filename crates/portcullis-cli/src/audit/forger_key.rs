//! The key of a forger, and how forged tokens are signed. Written by hand, because JWT libraries refuse to make most of
//! them.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use rcgen::{PublicKeyData, SignatureAlgorithm, SigningKey};
use serde_json::{Value, json};

use super::certificate;

/// A key pair of the audit, of the same type as a key of the provider.
pub struct ForgerKey {
    algorithm: Algorithm,
    pair: PrivateKey,
    /// The public key as a JWK without `kid`.
    pub jwk: Value,
    /// A self-signed certificate for the key, as DER.
    pub certificate: Vec<u8>,
}

enum PrivateKey {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl PublicKeyData for PrivateKey {
    fn der_bytes(&self) -> &[u8] {
        match self {
            Self::Rsa(pair) => pair.public_key().as_ref(),
            Self::Ec(pair) => pair.public_key().as_ref(),
            Self::Ed(pair) => pair.public_key().as_ref(),
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self {
            Self::Rsa(_) => &rcgen::PKCS_RSA_SHA256,
            Self::Ec(pair) if pair.algorithm() == &signature::ECDSA_P384_SHA384_FIXED_SIGNING => {
                &rcgen::PKCS_ECDSA_P384_SHA384
            }
            Self::Ec(_) => &rcgen::PKCS_ECDSA_P256_SHA256,
            Self::Ed(_) => &rcgen::PKCS_ED25519,
        }
    }
}

impl SigningKey for PrivateKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let sign = || match self {
            Self::Rsa(pair) => rsa_signature(pair, &signature::RSA_PKCS1_SHA256, message),
            Self::Ec(pair) => {
                // Certificates have ECDSA signatures as ASN.1 (RFC 5758 §3.2), tokens as two numbers (RFC 7518 §3.4).
                let encoding = if self.algorithm() == &rcgen::PKCS_ECDSA_P384_SHA384 {
                    &signature::ECDSA_P384_SHA384_ASN1_SIGNING
                } else {
                    &signature::ECDSA_P256_SHA256_ASN1_SIGNING
                };
                let pair = EcdsaKeyPair::from_pkcs8(encoding, pair.to_pkcs8v1()?.as_ref())?;
                Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec())
            }
            Self::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        };
        sign().map_err(|_: Unspecified| rcgen::Error::RemoteKeyError)
    }
}

fn rsa_signature(
    pair: &RsaKeyPair,
    encoding: &'static dyn signature::RsaEncoding,
    message: &[u8],
) -> Result<Vec<u8>, Unspecified> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature)?;
    Ok(signature)
}

impl ForgerKey {
    /// Generates a key for `algorithm`.
    ///
    /// # Errors
    /// `Unspecified` if the system has no randomness.
    pub fn generate(algorithm: Algorithm) -> Result<Self, Unspecified> {
        let base64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let ec = |scheme: &'static EcdsaSigningAlgorithm, curve: &str, size: usize| {
            let pair = EcdsaKeyPair::generate(scheme)?;
            // SEC 1 §2.3.3: one byte for the form, then x and y.
            let (x, y) = pair.public_key().as_ref().get(1..).ok_or(Unspecified)?.split_at(size);
            let jwk = json!({"kty": "EC", "crv": curve, "x": base64(x), "y": base64(y)});
            Ok::<_, Unspecified>((PrivateKey::Ec(pair), jwk))
        };
        let (pair, jwk) = match algorithm {
            Algorithm::ES256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, "P-256", 32)?,
            Algorithm::ES384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "P-384", 48)?,
            Algorithm::EdDSA => {
                let pair = Ed25519KeyPair::generate()?;
                let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": base64(pair.public_key().as_ref())});
                (PrivateKey::Ed(pair), jwk)
            }
            _ => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
                let public = pair.public_key();
                let n = base64(public.modulus().big_endian_without_leading_zero());
                let e = base64(public.exponent().big_endian_without_leading_zero());
                (PrivateKey::Rsa(pair), json!({"kty": "RSA", "n": n, "e": e}))
            }
        };
        let certificate = certificate::self_signed(&pair)?;
        Ok(Self { algorithm, pair, jwk, certificate })
    }

    /// Signs a token with `header` and `claims`, which need not be valid JSON.
    ///
    /// # Errors
    /// `Unspecified` if the system has no randomness.
    pub fn sign(&self, header: &str, claims: &str) -> Result<String, Unspecified> {
        let input = signing_input(header, claims);
        let signature = match &self.pair {
            PrivateKey::Rsa(pair) => {
                let encoding: &'static dyn signature::RsaEncoding = match self.algorithm {
                    Algorithm::RS384 => &signature::RSA_PKCS1_SHA384,
                    Algorithm::RS512 => &signature::RSA_PKCS1_SHA512,
                    Algorithm::PS256 => &signature::RSA_PSS_SHA256,
                    Algorithm::PS384 => &signature::RSA_PSS_SHA384,
                    Algorithm::PS512 => &signature::RSA_PSS_SHA512,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                rsa_signature(pair, encoding, input.as_bytes())?
            }
            PrivateKey::Ec(pair) => pair.sign(&SystemRandom::new(), input.as_bytes())?.as_ref().to_vec(),
            PrivateKey::Ed(pair) => pair.sign(input.as_bytes()).as_ref().to_vec(),
        };
        Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Returns a token whose signature is an HMAC with `secret` (RFC 8725 §2.1).
#[must_use]
pub fn hs256(header: &str, claims: &str, secret: &[u8]) -> String {
    let input = signing_input(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// Returns the part of a token that is signed (RFC 7515 §5.1).
#[must_use]
pub fn signing_input(header: &str, claims: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

/// Returns the seconds since 1970.
#[must_use]
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_verifier::jwks::{KeySet, SUPPORTED_ALGORITHMS};

    /// A forged token that is rejected for a wrong signature by its own key would prove nothing.
    #[test]
    fn forger_key_signature_verifies_with_its_jwk() {
        for algorithm in SUPPORTED_ALGORITHMS.iter().copied() {
            let key = ForgerKey::generate(algorithm).expect("a key");
            let token = key.sign("{}", "{}").expect("signed");
            let (message, signature) = token.rsplit_once('.').expect("a signature");
            let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
            let keys = KeySet::read(json!({"keys": [key.jwk]}).to_string().as_bytes(), &[algorithm]).expect("a set");
            let known = keys.matching(None, algorithm).next().unwrap_or_else(|| panic!("{algorithm:?}"));
            assert!(known.verifies(message, &signature), "{algorithm:?}");
            assert!(!known.verifies("other", &signature), "{algorithm:?}");
        }
    }

    #[test]
    fn hs256_matches_rfc_7515_example() {
        // RFC 7515 §A.1.
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let claims = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        let secret = URL_SAFE_NO_PAD.decode(secret).expect("base64url");
        let token = hs256("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}", claims, &secret);
        assert!(token.ends_with(".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "{token}");
    }
}
