//! Tokens as the tests need them: good ones, and wrong in exactly one way.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

/// The audience of the tests' application.
pub const AUDIENCE: &str = "https://api.example/";

/// A signing key with its public half.
pub struct Key {
    /// The key id.
    pub id: &'static str,
    private: EncodingKey,
    /// The public key as JWK.
    pub jwk: Value,
    /// The public key as PEM: what a forger would use as an HMAC secret.
    pub public_pem: String,
}

impl Key {
    pub fn rsa(id: &'static str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        let pkcs8 = pair.as_der().expect("a private key");
        let private = pem::encode(&pem::Pem::new("PRIVATE KEY", pkcs8.as_ref()));
        let public = pair.public_key();
        let n = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
        let e = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
        let spki = public.as_der().expect("a public key");
        Self {
            id,
            private: EncodingKey::from_rsa_pem(private.as_bytes()).expect("a signing key"),
            jwk: json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": id, "n": n, "e": e}),
            public_pem: pem::encode(&pem::Pem::new("PUBLIC KEY", spki.as_ref())),
        }
    }

    /// A token of `claims` with the usual header.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({"alg": "RS256", "typ": "at+jwt", "kid": self.id}), claims)
    }

    /// A token with exactly this header, signed with RS256.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", part(header), part(claims));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &self.private, Algorithm::RS256).expect("signed");
        format!("{message}.{signature}")
    }

    /// A token that claims HS256, with this key's public half as the secret (RFC 8725 §2.1).
    pub fn sign_hs256_with_public_key(&self, claims: &Value) -> String {
        let message = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT", "kid": self.id})), part(claims));
        let secret = EncodingKey::from_secret(self.public_pem.as_bytes());
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, Algorithm::HS256).expect("signed");
        format!("{message}.{signature}")
    }
}

/// JSON as a part of a token.
pub fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs()
}

/// The claims of a good access token of `issuer` that grants `read:items`, with `change` made to them; a change to
/// null removes a claim.
pub fn claims(issuer: &str, change: Value) -> Value {
    let mut claims = json!({
        "iss": issuer, "sub": "ada", "aud": AUDIENCE, "client_id": "web", "jti": "1",
        "iat": now(), "exp": now() + 600, "scope": "read:items",
    });
    for (name, value) in change.as_object().expect("an object of changes") {
        if value.is_null() {
            claims.as_object_mut().expect("an object").remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}
