//! The key set: every key comes from a member, for one allowed algorithm, and is found by its own id.

use jsonwebtoken::Algorithm;
use serde_json::Value;

use crate::jwks::{KeySet, SUPPORTED_ALGORITHMS};

/// The maximum number of keys that are kept, and of keys that are tried for one token.
const MAX_KEYS: usize = 100;
const MAX_KEYS_TRIED: usize = 4;

/// Reads `data` as a JWK Set.
pub fn holds(data: &[u8]) {
    for allowed in [SUPPORTED_ALGORITHMS, &[Algorithm::RS256], &[Algorithm::ES256, Algorithm::EdDSA], &[]] {
        reads(data, allowed);
    }
}

fn reads(data: &[u8], allowed: &[Algorithm]) {
    let document = serde_json::from_slice::<Value>(data).ok();
    let members = document.as_ref().and_then(|document| document.as_object()?.get("keys")?.as_array());
    let set = KeySet::read(data, allowed);
    let (Ok(set), Some(members)) = (&set, members) else {
        assert!(set.is_err(), "what is no key set is read");
        return;
    };
    assert!(set.len() <= members.len().min(MAX_KEYS), "more keys than members");
    assert_eq!(set.matching(Some("an id that no member has"), Algorithm::RS256).count(), 0);
    let again = KeySet::read(data, allowed).expect("the same again").reusing(set);
    let mut found = 0;
    for &algorithm in SUPPORTED_ALGORITHMS {
        for member in members {
            let Some(id) = member["kid"].as_str() else { continue };
            let mut tried = 0;
            for key in set.matching(Some(id), algorithm) {
                (found, tried) = (found + 1, tried + 1);
                assert_eq!(key.algorithm(), algorithm);
                // One of the members with this id must be such a key.
                let mut named = members.iter().filter(|member| member["kid"] == id);
                assert!(named.any(|member| may_be(member, algorithm)), "{id}: {key:?}");
                assert!(allowed.contains(&algorithm), "{key:?} is for an algorithm that is not allowed");
                assert!(!key.verifies("", &[]) && !key.verifies("a.b", &[0; 256]), "{key:?} verifies anything");
                assert!(again.contains(key) && set.contains(key), "a key that stays is the same");
            }
            assert!(tried <= MAX_KEYS_TRIED, "{tried} keys are tried");
        }
        for key in set.matching(None, algorithm) {
            found += 1;
            assert_eq!(key.algorithm(), algorithm);
            assert!(allowed.contains(&algorithm), "{algorithm:?} is not allowed");
        }
    }
    assert!(found == 0 || !set.is_empty());
}

/// Returns whether `member` may be a key for `algorithm`, by its type, its use and its `alg`.
fn may_be(member: &Value, algorithm: Algorithm) -> bool {
    let (kind, curve) = match algorithm {
        Algorithm::ES256 => ("EC", Some("P-256")),
        Algorithm::ES384 => ("EC", Some("P-384")),
        Algorithm::EdDSA => ("OKP", Some("Ed25519")),
        _ => ("RSA", None),
    };
    let name = format!("{algorithm:?}");
    let value = |name: &str| {
        let value = member.get(name)?;
        let is_blank = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        (!is_blank).then_some(value)
    };
    // Null and blank strings count as absent.
    let is = |name: &str, expected: &str| value(name).is_none_or(|value| value == expected);
    let named = is("alg", &name) || (algorithm == Algorithm::EdDSA && is("alg", "Ed25519"));
    member["kty"] == kind && curve.is_none_or(|curve| member["crv"] == curve) && named && is("use", "sig")
}
