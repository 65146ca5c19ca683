//! What is attacked, and what is known of the issuers that it trusts: their key ids, public keys and algorithms.

use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519};
use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use portcullis::METADATA;
use portcullis_verifier::discovery::Discovery;
use portcullis_verifier::jwks::{Http, is_safe_to_fetch};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{AuditError, NotTried};
use crate::doctor::finding::long;

/// How many issuers of the target's metadata are looked at.
pub const MOST_ISSUERS: usize = 4;

/// The origin of the deployment that is attacked.
#[derive(Clone, Debug)]
pub struct Target(Url);

impl Target {
    /// The target at `url`: https, or http on this machine, since samples are sent there.
    ///
    /// # Errors
    /// When it is anything else, or more than an origin.
    pub fn read(url: &str) -> Result<Self, AuditError> {
        let wrong = || AuditError::Target { why: "expected an origin such as https://portcullis.example".to_owned() };
        let parsed = Url::parse(url).map_err(|_| wrong())?;
        let is_origin = parsed.has_host() && parsed.path() == "/" && parsed.query().is_none();
        if !is_origin || parsed.fragment().is_some() || !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(wrong());
        }
        if !is_safe_to_fetch(&parsed) {
            let why = "expected https, or http on this machine: tokens must not cross a network in the clear";
            return Err(AuditError::Target { why: why.to_owned() });
        }
        Ok(Self(parsed))
    }

    /// The origin, without a slash at its end.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether it is on this machine, where no proxy may come between and it can reach what listens here.
    #[must_use]
    pub fn is_local(&self) -> bool {
        // The only http that `read` lets through.
        self.0.scheme() == "http"
    }

    /// The address of `path`.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }
}

/// A public key of an issuer: what a forger knows of it.
#[derive(Clone, Debug)]
pub struct PublicKey {
    /// Its id.
    pub id: Option<String>,
    /// The algorithm that it is for.
    pub algorithm: Algorithm,
    /// The key as PEM.
    pub pem: String,
    /// The bytes that make it: the modulus of an RSA key, the point of another.
    pub bytes: Vec<u8>,
}

/// An issuer that the target trusts.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Its identifier.
    pub name: String,
    /// Its first key for signatures, where it could be read.
    pub key: Option<PublicKey>,
}

/// What the target says of itself.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What it calls itself: the audience of tokens, where nothing else is known.
    pub resource: Option<String>,
    /// Whose tokens it takes.
    pub issuers: Vec<Issuer>,
}

/// The members of the metadata (RFC 9728 §2) that are used.
#[derive(Deserialize)]
struct Metadata {
    resource: String,
    #[serde(default)]
    authorization_servers: Vec<String>,
}

impl Known {
    /// Asks the target, then each issuer that it names. What cannot be read is `not_tried`, and no failure.
    pub async fn read(target: &Target, http: &Http, not_tried: &mut Vec<NotTried>) -> Self {
        let mut missing = |what: &str, why: &dyn std::fmt::Display| {
            let how = format!("{}; make it readable, or give an access token with --token", long(&why.to_string()));
            not_tried.push(NotTried { what: long(what), how });
        };
        let what = "forgeries that know the issuer and its keys";
        let metadata = match Url::parse(&target.at(METADATA.path)) {
            Ok(url) => http.get(&url).await,
            Err(error) => {
                missing(what, &error);
                return Self::default();
            }
        };
        let read = metadata.map_err(|error| error.to_string()).and_then(|document| {
            serde_json::from_slice::<Metadata>(&document.body).map_err(|error| format!("{}: {error}", METADATA.path))
        });
        let metadata = match read {
            Ok(metadata) => metadata,
            Err(why) => {
                missing(what, &why);
                return Self::default();
            }
        };
        let mut issuers: Vec<Issuer> = Vec::new();
        let mut more = 0;
        for name in &metadata.authorization_servers {
            if issuers.iter().any(|known| known.name == *name) {
                continue;
            }
            if issuers.len() == MOST_ISSUERS {
                more += 1;
                continue;
            }
            let key = match key_of(name, target, http).await {
                Ok(key) => Some(key),
                Err(why) => {
                    missing(&format!("forgeries that know the keys of {name}"), &why);
                    None
                }
            };
            issuers.push(Issuer { name: name.clone(), key });
        }
        if more > 0 {
            missing(&format!("forgeries in the name of {more} more issuers"), &"the audit looks at the first alone");
        }
        Self { resource: Some(metadata.resource), issuers }
    }
}

/// Whether `address`, which `target` has named, is asked: the audit must not become the hand by which a target reaches
/// what only this machine can.
fn may_be_asked(address: &Url, target: &Target) -> bool {
    let is_plain = address.query().is_none() && address.fragment().is_none();
    let has_no_secret = address.username().is_empty() && address.password().is_none();
    is_plain && has_no_secret && is_safe_to_fetch(address) && (target.is_local() || address.scheme() == "https")
}

/// The first key for signatures at `issuer`, an issuer that `target` names.
async fn key_of(issuer: &str, target: &Target, http: &Http) -> Result<PublicKey, String> {
    let refused = || "it names an address that the audit does not ask".to_owned();
    if !Url::parse(issuer).is_ok_and(|url| may_be_asked(&url, target)) {
        return Err(refused());
    }
    #[derive(Deserialize)]
    struct JwkSet {
        keys: Vec<Value>,
    }
    let discovery = Discovery::new(issuer.into(), http.clone()).map_err(|error| error.to_string())?;
    let address = discovery.jwks_uri(Duration::ZERO).await.map_err(|error| error.to_string())?;
    if !may_be_asked(&address, target) {
        return Err(refused());
    }
    let document = http.get(&address).await.map_err(|error| error.to_string())?;
    let set: JwkSet = serde_json::from_slice(&document.body).map_err(|error| document.unfit(error).to_string())?;
    set.keys.iter().find_map(public_key).ok_or_else(|| "it has no key for signatures that is known here".to_owned())
}

/// Reads one member of a key set; none if it is no key for signatures.
fn public_key(jwk: &Value) -> Option<PublicKey> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
    if text("use").is_some_and(|of| of != "sig") {
        return None;
    }
    let spki = |key: ParsedPublicKey| AsDer::<PublicKeyX509Der<'_>>::as_der(&key).ok().map(|der| der.as_ref().to_vec());
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
    Some(PublicKey { id: text("kid").map(str::to_owned), algorithm, pem, bytes })
}

#[cfg(test)]
mod tests {
    use super::super::forge::OwnKey;
    use super::*;
    use serde_json::json;

    #[test]
    fn only_an_origin_that_nobody_listens_in_on_is_attacked() {
        for good in ["https://a.example", "https://a.example:8443/", "http://127.0.0.1:3000", "http://localhost:3000/"]
        {
            assert!(Target::read(good).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example",
            "http://10.0.0.1:3000",
            "https://a.example/path",
            "https://a.example/?q",
            "https://a.example/#f",
            "https://ada:hunter2@a.example",
            "a.example",
            "ftp://a.example",
            "",
        ] {
            let said = Target::read(bad).expect_err(bad).to_string();
            assert!(!said.contains("hunter2"), "{said}");
        }
    }

    #[test]
    fn a_target_does_not_choose_what_else_is_asked() {
        let may = |target: &str, address: &str| {
            may_be_asked(&Url::parse(address).expect("a URL"), &Target::read(target).expect("a target"))
        };
        let (here, there) = ("http://127.0.0.1:3000", "https://a.example");
        assert!(may(here, "http://127.0.0.1:3002") && may(here, "https://i.example/realms/x"));
        assert!(may(there, "https://i.example/") && !may(there, "http://127.0.0.1:3002"));
        for odd in
            ["http://127.0.0.1:1/reset?all=1", "http://127.0.0.1:1/reset#", "https://a:b@i.example", "http://10.0.0.1/"]
        {
            assert!(!may(here, odd), "{odd}");
        }
    }

    #[test]
    fn a_public_key_of_each_sort_becomes_what_a_forger_takes_for_a_secret() {
        for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA] {
            let mut jwk = OwnKey::generate(algorithm).expect("a key").jwk;
            jwk["kid"] = json!("k1");
            let key = public_key(&jwk).unwrap_or_else(|| panic!("{algorithm:?}"));
            assert_eq!((key.id.as_deref(), key.algorithm), (Some("k1"), algorithm));
            assert!(key.pem.starts_with("-----BEGIN PUBLIC KEY-----"), "{}", key.pem);
            assert!(key.bytes.len() >= 32);
            jwk["use"] = json!("enc");
            assert!(public_key(&jwk).is_none());
        }
        assert!(public_key(&json!({"kty": "oct", "k": "c2VjcmV0"})).is_none());
    }
}
