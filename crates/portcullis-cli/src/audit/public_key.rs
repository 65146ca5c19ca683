//! A public key of an issuer, in the forms in which an attacker could use it as the secret of an HMAC.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519};
use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::Value;

/// A public key of an issuer.
#[derive(Clone, Debug)]
pub struct PublicKey {
    /// The `kid`.
    pub id: Option<String>,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The key as PEM.
    pub pem: String,
    /// The modulus of an RSA key, the point of any other key.
    pub bytes: Vec<u8>,
}

impl PublicKey {
    /// Converts one member of a key set. Returns `None` if it is no key for signatures.
    #[must_use]
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        if text("use").is_some_and(|of| of != "sig") {
            return None;
        }
        let spki =
            |key: ParsedPublicKey| AsDer::<PublicKeyX509Der<'_>>::as_der(&key).ok().map(|der| der.as_ref().to_vec());
        let point = || Some([vec![4], bytes("x")?, bytes("y")?].concat());
        let (algorithm, der, bytes) = match (text("kty")?, text("crv")) {
            ("RSA", _) => {
                let algorithm = text("alg").and_then(|name| name.parse().ok()).unwrap_or(Algorithm::RS256);
                let (n, e) = (bytes("n")?, bytes("e")?);
                let der = RsaPublicKeyComponents { n: n.as_slice(), e: e.as_slice() }.as_der().ok()?;
                (algorithm, der.as_ref().to_vec(), n)
            }
            ("EC", Some("P-256")) => {
                let point = point()?;
                (Algorithm::ES256, spki(ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).ok()?)?, point)
            }
            ("EC", Some("P-384")) => {
                let point = point()?;
                (Algorithm::ES384, spki(ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &point).ok()?)?, point)
            }
            ("OKP", Some("Ed25519")) => {
                let x = bytes("x")?;
                (Algorithm::EdDSA, spki(ParsedPublicKey::new(&ED25519, &x).ok()?)?, x)
            }
            _ => return None,
        };
        let pem = pem::encode(&pem::Pem::new("PUBLIC KEY", der));
        Some(Self { id: text("kid").map(str::to_owned), algorithm, pem, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::super::forger_key::ForgerKey;
    use super::*;
    use serde_json::json;

    #[test]
    fn public_key_of_each_type_has_pem_and_bytes() {
        for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA] {
            let mut jwk = ForgerKey::generate(algorithm).expect("a key").jwk;
            jwk["kid"] = json!("k1");
            let key = PublicKey::from_jwk(&jwk).unwrap_or_else(|| panic!("{algorithm:?}"));
            assert_eq!((key.id.as_deref(), key.algorithm), (Some("k1"), algorithm));
            assert!(key.pem.starts_with("-----BEGIN PUBLIC KEY-----"), "{}", key.pem);
            assert!(key.bytes.len() >= 32);
            jwk["use"] = json!("enc");
            assert!(PublicKey::from_jwk(&jwk).is_none());
        }
        assert!(PublicKey::from_jwk(&json!({"kty": "oct", "k": "c2VjcmV0"})).is_none());
    }
}
