//! The signing key of the development provider: RSA, generated on each start and never stored.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKeyId, PrivateSigningKey, SigningError};
use serde::Serialize;

/// A key that signs ID tokens and access tokens with RS256.
pub struct ProviderKey {
    pair: RsaKeyPair,
    for_access_tokens: EncodingKey,
    id: String,
}

impl ProviderKey {
    /// Generates a key of 2048 bits.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn generate() -> Result<Self, String> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|error| error.to_string())?;
        let der = pair.as_der().map_err(|error| error.to_string())?;
        let pem = pem::encode(&pem::Pem::new("PRIVATE KEY", der.as_ref()));
        let for_access_tokens = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|error| error.to_string())?;
        let modulus = pair.public_key().modulus().big_endian_without_leading_zero();
        let id = URL_SAFE_NO_PAD.encode(&modulus[..9]);
        Ok(Self { pair, for_access_tokens, id })
    }

    /// Signs `claims` as an access token (RFC 9068 §2.1).
    ///
    /// # Errors
    /// If the claims are not a JSON object.
    pub fn access_token(&self, claims: &impl Serialize) -> Result<String, jsonwebtoken::errors::Error> {
        let mut header = Header::new(Algorithm::RS256);
        header.typ = Some("at+jwt".into());
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, claims, &self.for_access_tokens)
    }
}

impl PrivateSigningKey for ProviderKey {
    type VerificationKey = CoreJsonWebKey;

    fn sign(&self, algorithm: &CoreJwsSigningAlgorithm, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        if *algorithm != CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256 {
            return Err(SigningError::UnsupportedAlg(format!("{algorithm:?}")));
        }
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let signed = self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        signed.map_err(|_| SigningError::CryptoError)?;
        Ok(signature)
    }

    fn as_verification_key(&self) -> CoreJsonWebKey {
        let key = self.pair.public_key();
        let modulus = key.modulus().big_endian_without_leading_zero().to_vec();
        let exponent = key.exponent().big_endian_without_leading_zero().to_vec();
        CoreJsonWebKey::new_rsa(modulus, exponent, Some(JsonWebKeyId::new(self.id.clone())))
    }
}
