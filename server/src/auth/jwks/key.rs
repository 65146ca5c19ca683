//! Usable signing keys. Each is bound to one algorithm (RFC 8725 §3.1), and a bad one does not spoil the set.

use std::sync::Arc;

use aws_lc_rs::signature::ParsedPublicKey;
use jsonwebtoken::Algorithm;
use serde::de::Error;
use serde_json::{Map, Value};

use super::candidate::Candidate;
use super::unusable::Examined;

/// How many members of a key set are looked at: more than any provider has.
const MOST_KEYS: usize = 100;

/// A public key that verifies signatures of one algorithm.
pub struct SigningKey {
    id: Option<String>,
    algorithm: Algorithm,
    /// Read once: to read it anew for each signature costs as much again as a check.
    key: ParsedPublicKey,
    /// Where it was read from.
    jwk: Value,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// The key `key` of the member `jwk`, bound to `algorithm`.
    pub(super) fn new(id: Option<String>, algorithm: Algorithm, key: ParsedPublicKey, jwk: Value) -> Self {
        Self { id, algorithm, key, jwk }
    }

    /// Whether `signature`, in the form that JWS has for the algorithm (RFC 7518 §3), is this key's of `message`.
    #[must_use]
    pub fn verifies(&self, message: &str, signature: &[u8]) -> bool {
        self.key.verify_sig(message.as_bytes(), signature).is_ok()
    }

    /// The one algorithm that this key is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// The usable keys of one provider at one moment.
#[derive(Debug, Default)]
pub struct KeySet {
    /// For access tokens: each member once, for an algorithm that is allowed.
    keys: Vec<Arc<SigningKey>>,
    /// For ID tokens, whose algorithm the provider chooses: each member once for every algorithm that fits it.
    for_id_tokens: Vec<Arc<SigningKey>>,
}

/// The members of a JWK Set (RFC 7517 §5), as many as are looked at; the same key twice is one key.
fn members(json: &[u8]) -> Result<Vec<Value>, serde_json::Error> {
    let mut set: Map<String, Value> = serde_json::from_slice(json)?;
    let Some(Value::Array(keys)) = set.remove("keys") else { return Err(Error::custom("it has no list of keys")) };
    let mut members = Vec::new();
    for jwk in keys.into_iter().take(MOST_KEYS) {
        if !members.contains(&jwk) {
            members.push(jwk);
        }
    }
    Ok(members)
}

impl KeySet {
    /// Reads a JWK Set (RFC 7517 §5), its members one by one, and keeps of it what may sign our tokens.
    ///
    /// # Errors
    /// When it is not a JWK Set at all.
    pub fn read(json: &[u8], allowed: &[Algorithm]) -> Result<Self, serde_json::Error> {
        let mut set = Self::default();
        for candidate in members(json)?.into_iter().filter_map(|member| Candidate::read(member).ok()) {
            set.keys.extend(candidate.bind_first(allowed).ok().map(Arc::new));
            let bound = candidate.fitting.iter().filter_map(|algorithm| candidate.bind(*algorithm).ok());
            set.for_id_tokens.extend(bound.map(Arc::new));
        }
        Ok(set)
    }

    /// Reads a JWK Set as [`KeySet::read`] does, and tells of each member what became of it.
    ///
    /// # Errors
    /// When it is not a JWK Set at all.
    pub fn examine(json: &[u8], allowed: &[Algorithm]) -> Result<Vec<Examined>, serde_json::Error> {
        let examined = |member: Value| Examined {
            id: member.get("kid").and_then(Value::as_str).map(str::to_owned),
            usable: Candidate::read(member).and_then(|one| one.bind_first(allowed)).map(|key| key.algorithm),
        };
        Ok(members(json)?.into_iter().map(examined).collect())
    }

    /// This set, in which each key that `older` had too is the very one of it: what refers to a key is valid for as
    /// long as the provider names that key, and not a fetch longer.
    #[must_use]
    pub fn succeeding(self, older: &Self) -> Self {
        let same =
            |key: &Arc<SigningKey>| older.keys.iter().find(|old| old.algorithm == key.algorithm && old.jwk == key.jwk);
        let keys = self.keys.into_iter().map(|key| same(&key).cloned().unwrap_or(key)).collect();
        Self { keys, ..self }
    }

    /// Whether `key` is one of these, the very one.
    #[must_use]
    pub fn has(&self, key: &Arc<SigningKey>) -> bool {
        self.keys.iter().any(|known| Arc::ptr_eq(known, key))
    }

    /// Whether no key is usable for access tokens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many keys are usable for access tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The key by `id`; of several, the one for `algorithm`. Without an id, the only key for `algorithm`.
    #[must_use]
    pub fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<SigningKey>> {
        find(&self.keys, id, algorithm)
    }

    /// As [`KeySet::find`], among the keys for ID tokens.
    #[must_use]
    pub fn find_for_id_token(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<SigningKey>> {
        find(&self.for_id_tokens, id, algorithm)
    }
}

fn find(keys: &[Arc<SigningKey>], id: Option<&str>, algorithm: Algorithm) -> Option<Arc<SigningKey>> {
    match id {
        Some(id) => {
            let named = || keys.iter().filter(|key| key.id.as_deref() == Some(id));
            named().find(|key| key.algorithm == algorithm).or_else(|| named().next()).cloned()
        }
        None => {
            let mut fitting = keys.iter().filter(|key| key.algorithm == algorithm);
            match (fitting.next(), fitting.next()) {
                (Some(only), None) => Some(only.clone()),
                _ => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::candidate::FOR_RSA;
    use super::super::unusable::Unusable;
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    const RS256: &[Algorithm] = &[Algorithm::RS256];

    fn modulus(bits: usize) -> String {
        let mut bytes = vec![0xa5; bits / 8];
        bytes[0] |= 0x80;
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn rsa(change: &[(&str, Value)]) -> Value {
        let mut key = json!({"kty": "RSA", "kid": "k", "n": modulus(2048), "e": "AQAB"});
        for (name, value) in change {
            key[*name] = value.clone();
        }
        key
    }

    fn set(keys: &[Value], allowed: &[Algorithm]) -> KeySet {
        KeySet::read(json!({ "keys": keys }).to_string().as_bytes(), allowed).expect("a key set")
    }

    #[test]
    fn a_key_is_usable_only_for_signatures_of_an_allowed_algorithm() {
        assert_eq!(set(&[rsa(&[])], RS256).len(), 1);
        for bad in [
            ("use", json!("enc")),
            ("key_ops", json!(["encrypt"])),
            ("alg", json!("RS512")),
            ("alg", json!("HS256")),
            ("n", json!(modulus(1024))),
            ("n", json!("***")),
            ("d", json!("AQAB")),
            ("n", Value::Null),
            ("kty", json!("EC")),
        ] {
            assert!(set(&[rsa(std::slice::from_ref(&bad))], RS256).is_empty(), "{bad:?}");
        }
        let secret = json!({"kty": "oct", "kid": "k", "k": "c2VjcmV0"});
        assert!(set(&[secret], &[Algorithm::HS256, Algorithm::RS256]).is_empty());
        // RFC 7515 §A.3.
        let (x, y) = ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        let curve = json!({"kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": y});
        assert!(set(std::slice::from_ref(&curve), RS256).is_empty());
        assert!(set(std::slice::from_ref(&curve), &[Algorithm::ES384]).is_empty());
        assert_eq!(set(&[curve], &[Algorithm::ES256]).len(), 1);
        let beside_the_curve = json!({"kty": "EC", "crv": "P-256", "kid": "k", "x": y, "y": x});
        assert!(set(&[beside_the_curve], &[Algorithm::ES256]).is_empty());
    }

    #[test]
    fn of_a_key_that_is_not_usable_it_is_said_why() {
        let why = |key: &Value, allowed: &[Algorithm]| {
            let set = json!({ "keys": [key] }).to_string();
            let mut examined = KeySet::examine(set.as_bytes(), allowed).expect("a key set");
            examined.remove(0).usable.expect_err("not usable")
        };
        for (change, reason) in [
            (("use", json!("enc")), Unusable::Use),
            (("key_ops", json!(["encrypt"])), Unusable::Operations),
            (("alg", json!("RS512")), Unusable::NotAllowed(vec![Algorithm::RS512])),
            (("alg", json!("ES256")), Unusable::Algorithm),
            (("alg", json!("HS256")), Unusable::Algorithm),
            (("n", json!(modulus(1024))), Unusable::Weak(1024)),
            (("n", json!("***")), Unusable::Broken),
            (("kty", json!("EC")), Unusable::Unreadable),
        ] {
            assert_eq!(why(&rsa(std::slice::from_ref(&change)), RS256), reason, "{change:?}");
        }
        assert_eq!(why(&rsa(&[]), &[Algorithm::ES256]), Unusable::NotAllowed(FOR_RSA.to_vec()));
        assert_eq!(why(&json!({"kty": "oct", "k": "c2VjcmV0"}), RS256), Unusable::Symmetric);
        let curve = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        assert_eq!(why(&curve, RS256), Unusable::NotAllowed(vec![Algorithm::EdDSA]));
        let set = json!({ "keys": [rsa(&[])] }).to_string();
        let good = KeySet::examine(set.as_bytes(), RS256).expect("a key set").remove(0);
        assert_eq!((good.id.as_deref(), good.usable), (Some("k"), Ok(Algorithm::RS256)));
    }

    #[test]
    fn a_modulus_of_leading_zeros_is_not_longer_for_them() {
        let padded = URL_SAFE_NO_PAD.encode([vec![0; 128], vec![0xff; 128]].concat());
        assert!(set(&[rsa(&[("n", json!(padded))])], RS256).is_empty());
    }

    #[test]
    fn one_bad_key_does_not_spoil_the_set() {
        let keys = set(&[json!("nonsense"), json!({"kty": "new"}), rsa(&[("n", json!(1))]), rsa(&[])], RS256);
        assert_eq!(keys.len(), 1);
        assert!(KeySet::read(b"<html>", RS256).is_err());
        assert!(KeySet::read(b"{}", RS256).is_err());
        assert!(KeySet::read(json!([[rsa(&[])]]).to_string().as_bytes(), RS256).is_err(), "a list is no set");
    }

    #[test]
    fn a_key_without_an_algorithm_is_bound_to_the_first_that_fits() {
        let both = &[Algorithm::PS256, Algorithm::RS256];
        let keys = set(&[rsa(&[])], both);
        assert_eq!(keys.find(Some("k"), Algorithm::RS256).expect("by id").algorithm(), Algorithm::PS256);
        let keys = set(&[rsa(&[("alg", json!("RS256"))])], both);
        assert_eq!(keys.find(Some("k"), Algorithm::RS256).expect("by id").algorithm(), Algorithm::RS256);
    }

    #[test]
    fn id_token_keys_do_not_widen_access_token_keys() {
        let ids = |change: &[(&str, Value)], allowed| {
            let set = set(&[rsa(change)], allowed);
            let bound = |algorithm| set.find_for_id_token(Some("k"), algorithm).map(|key| key.algorithm());
            (set.len(), bound(Algorithm::RS256), bound(Algorithm::PS256))
        };
        let (rs, ps) = (Some(Algorithm::RS256), Some(Algorithm::PS256));
        // A key stays bound to the algorithm that it names; what finds it must compare.
        assert_eq!(ids(&[("alg", json!("RS256"))], &[Algorithm::ES256]), (0, rs, rs));
        assert_eq!(ids(&[], &[Algorithm::ES256]), (0, rs, ps));
        assert_eq!(ids(&[], RS256), (1, rs, ps));
        let named = set(&[rsa(&[("alg", json!("RS256"))])], &[Algorithm::ES256]);
        assert!(named.find_for_id_token(None, Algorithm::RS256).is_some());
        assert!(named.find_for_id_token(None, Algorithm::PS256).is_none());
        assert!(named.find(None, Algorithm::RS256).is_none() && named.find(Some("k"), Algorithm::RS256).is_none());
        for bad in [("use", json!("enc")), ("n", json!(modulus(1024))), ("d", json!("AQAB")), ("alg", json!("HS256"))] {
            assert!(set(&[rsa(&[bad])], RS256).find_for_id_token(Some("k"), Algorithm::RS256).is_none());
        }
    }

    #[test]
    fn a_key_that_stays_is_the_same_and_one_that_changes_under_its_id_is_not() {
        let other = {
            let mut bytes = vec![0xa5; 256];
            bytes[255] = 0x5b;
            URL_SAFE_NO_PAD.encode(bytes)
        };
        let older = set(&[rsa(&[]), rsa(&[("kid", json!("gone"))])], RS256);
        let newer = set(&[rsa(&[])], RS256).succeeding(&older);
        let changed = set(&[rsa(&[("n", json!(other))])], RS256).succeeding(&older);
        let (key, gone) = (&older.keys[0], &older.keys[1]);
        assert!(newer.has(key) && !newer.has(gone) && !changed.has(key));
    }

    #[test]
    fn a_token_without_an_id_gets_a_key_only_where_there_is_no_choice() {
        let one = set(&[rsa(&[])], RS256);
        assert!(one.find(None, Algorithm::RS256).is_some());
        assert!(one.find(None, Algorithm::ES256).is_none());
        assert!(set(&[rsa(&[]), rsa(&[])], RS256).find(None, Algorithm::RS256).is_some(), "the same key twice");
        let two = set(&[rsa(&[]), rsa(&[("kid", json!("other"))])], RS256);
        assert!(two.find(None, Algorithm::RS256).is_none());
        assert!(two.find(Some("unknown"), Algorithm::RS256).is_none());
    }
}
