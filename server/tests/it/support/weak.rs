//! A key that is too short (RFC 7518 §3.3). The library that generates the other keys rejects this length.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_verifier::test_support::part;
use rsa::pkcs1v15::SigningKey;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};

/// An RSA key of 1024 bits for RS256, with the id `weak`.
pub struct WeakKey {
    private: SigningKey<Sha256>,
    /// Returns the public key as a JWK.
    pub jwk: Value,
}

impl WeakKey {
    /// Generates a key.
    pub fn generate() -> Self {
        let private = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 1024).expect("a key");
        let number = |number: &rsa::BigUint| URL_SAFE_NO_PAD.encode(number.to_bytes_be());
        let (n, e) = (number(private.n()), number(private.e()));
        let jwk = json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "weak", "n": n, "e": e});
        Self { private: SigningKey::new(private), jwk }
    }

    /// Returns a token with `claims` and a valid signature.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({"alg": "RS256", "typ": "at+jwt", "kid": "weak"});
        let message = format!("{}.{}", part(&header), part(claims));
        let signature = self.private.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
