//! The key set: it holds what it was given, each key for one algorithm that is allowed, and is found by its own id.

use jsonwebtoken::Algorithm;
use serde_json::Value;

use crate::auth::jwks::{KeySet, SUPPORTED_ALGORITHMS};

/// How many members are looked at.
const MOST: usize = 100;

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
    assert!(set.len() <= members.len().min(MOST), "more keys than members");
    assert!(set.find(Some("an id that no member has"), Algorithm::RS256).is_none());
    let again = KeySet::read(data, allowed).expect("the same again").succeeding(set);
    let mut found = 0;
    for &algorithm in SUPPORTED_ALGORITHMS {
        for member in members {
            let Some(id) = member["kid"].as_str() else { continue };
            let Some(key) = set.find(Some(id), algorithm) else { continue };
            found += 1;
            // One of the members of this id is such a key.
            let named = members.iter().take(MOST).filter(|member| member["kid"] == id);
            assert!(named.into_iter().any(|member| may_be(member, key.algorithm())), "{id}: {key:?}");
            assert!(allowed.contains(&key.algorithm()), "{key:?} is for an algorithm that is not allowed");
            assert!(!key.verifies("", &[]) && !key.verifies("a.b", &[0; 256]), "{key:?} verifies anything");
            assert!(again.has(&key) && set.has(&key), "a key that stays is the same");
        }
        if let Some(only) = set.find(None, algorithm) {
            found += 1;
            assert_eq!(only.algorithm(), algorithm);
            assert!(allowed.contains(&algorithm), "{algorithm:?} is not allowed");
        }
    }
    assert!(found == 0 || !set.is_empty());
}

/// Whether `member` may be a key for `algorithm`, by its type, its use and the algorithm that it names.
fn may_be(member: &Value, algorithm: Algorithm) -> bool {
    let (kind, curve) = match algorithm {
        Algorithm::ES256 => ("EC", Some("P-256")),
        Algorithm::ES384 => ("EC", Some("P-384")),
        Algorithm::EdDSA => ("OKP", Some("Ed25519")),
        _ => ("RSA", None),
    };
    let name = format!("{algorithm:?}");
    member["kty"] == kind
        && curve.is_none_or(|curve| member["crv"] == curve)
        && member.get("alg").is_none_or(|alg| alg.is_null() || *alg == name)
        && member.get("use").is_none_or(|of| of.is_null() || of == "sig")
}
