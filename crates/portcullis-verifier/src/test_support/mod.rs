//! Keys and tokens for tests: valid ones, and ones with exactly one defect.

pub mod properties;

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

/// The audience of the test application.
pub const AUDIENCE: &str = "https://api.example/";

/// A signing key with its public half.
pub struct Key {
    /// The key id.
    pub id: &'static str,
    /// The algorithm of the key.
    pub algorithm: Algorithm,
    /// The private key as PKCS #8, and in the form of the library.
    private: (Vec<u8>, EncodingKey),
    /// The public key as JWK.
    pub jwk: Value,
    /// The public key as PEM, which an attacker would use as an HMAC secret. Only for RSA keys.
    pub public_pem: String,
}

impl Key {
    /// Returns the same key with another id, for another algorithm of its family.
    pub fn under(&self, id: &'static str, algorithm: Algorithm) -> Self {
        let mut jwk = self.jwk.clone();
        jwk["kid"] = id.into();
        jwk["alg"] = format!("{algorithm:?}").into();
        Self { id, algorithm, private: self.private.clone(), jwk, public_pem: self.public_pem.clone() }
    }

    /// Signs `message` with ES256 in ASN.1 DER, the encoding of certificates that JWS does not allow.
    pub fn sign_ecdsa_der(&self, message: &[u8]) -> Vec<u8> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.private.0).expect("a key on P-256");
        pair.sign(&SystemRandom::new(), message).expect("signed").as_ref().to_vec()
    }

    /// Generates an RSA key for RS256.
    pub fn rsa(id: &'static str) -> Self {
        Self::rsa_for(id, Algorithm::RS256)
    }

    /// Generates an RSA key.
    pub fn rsa_for(id: &'static str, algorithm: Algorithm) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        let pkcs8 = pair.as_der().expect("a private key");
        let private = pem::encode(&pem::Pem::new("PRIVATE KEY", pkcs8.as_ref()));
        let public = pair.public_key();
        let n = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
        let e = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
        let spki = public.as_der().expect("a public key");
        Self {
            id,
            algorithm,
            private: (pkcs8.as_ref().to_vec(), EncodingKey::from_rsa_pem(private.as_bytes()).expect("a signing key")),
            jwk: json!({"kty": "RSA", "use": "sig", "alg": format!("{algorithm:?}"), "kid": id, "n": n, "e": e}),
            public_pem: pem::encode(&pem::Pem::new("PUBLIC KEY", spki.as_ref())),
        }
    }

    /// Generates a key on the curve P-256, for ES256.
    pub fn p256(id: &'static str) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).expect("a key");
        // SEC 1 §2.3.3: one byte for the form, then x and y.
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        Self {
            id,
            algorithm: Algorithm::ES256,
            private: (pkcs8.as_ref().to_vec(), EncodingKey::from_ec_der(pkcs8.as_ref())),
            jwk: json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id, "x": x, "y": y}),
            public_pem: String::new(),
        }
    }

    /// Generates an Ed25519 key, for EdDSA.
    pub fn ed25519(id: &'static str) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("a key");
        let x = URL_SAFE_NO_PAD.encode(pair.public_key());
        Self {
            id,
            algorithm: Algorithm::EdDSA,
            private: (pkcs8.as_ref().to_vec(), EncodingKey::from_ed_der(pkcs8.as_ref())),
            jwk: json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": id, "x": x}),
            public_pem: String::new(),
        }
    }

    /// Returns a signed token with `claims` and the usual header.
    pub fn sign(&self, claims: &Value) -> String {
        let algorithm = format!("{:?}", self.algorithm);
        self.sign_with(&json!({"alg": algorithm, "typ": "at+jwt", "kid": self.id}), claims)
    }

    /// Returns a signed token with exactly this header.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        self.sign_parts(&header.to_string(), &claims.to_string())
    }

    /// Returns a signed token with exactly these strings, which need not be JSON.
    pub fn sign_parts(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &self.private.1, self.algorithm).expect("signed");
        format!("{message}.{signature}")
    }

    /// Returns a token that claims HS256 and uses the public key as the secret (RFC 8725 §2.1).
    pub fn sign_hs256_with_public_key(&self, claims: &Value) -> String {
        let message = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT", "kid": self.id})), part(claims));
        let secret = EncodingKey::from_secret(self.public_pem.as_bytes());
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, Algorithm::HS256).expect("signed");
        format!("{message}.{signature}")
    }
}

/// Encodes JSON as a part of a token.
pub fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// Returns the seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs()
}

/// Returns the claims of a valid access token of `issuer` with the scope `read:items`, changed by `change`. A null in
/// `change` removes a claim.
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
