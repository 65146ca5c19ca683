//! Which members of a key set become keys, and which keys are tried for a token.

use super::super::candidate::FOR_RSA;
use super::super::key_error::KeyError;
use super::*;
use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
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
fn key_set_keeps_signature_keys_of_allowed_algorithms() {
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
fn key_set_says_why_a_key_is_not_usable() {
    let why = |key: &Value, allowed: &[Algorithm]| {
        let set = json!({ "keys": [key] }).to_string();
        let mut examined = KeySet::examine(set.as_bytes(), allowed).expect("a key set");
        examined.remove(0).usable.expect_err("not usable")
    };
    for (change, reason) in [
        (("use", json!("enc")), KeyError::Use),
        (("key_ops", json!(["encrypt"])), KeyError::Operations),
        (("alg", json!("RS512")), KeyError::NotAllowed(vec![Algorithm::RS512])),
        (("alg", json!("ES256")), KeyError::Algorithm),
        (("alg", json!("HS256")), KeyError::Algorithm),
        (("n", json!(modulus(1024))), KeyError::Weak(1024)),
        (("n", json!("***")), KeyError::Broken),
        (("kty", json!("EC")), KeyError::Unreadable),
    ] {
        assert_eq!(why(&rsa(std::slice::from_ref(&change)), RS256), reason, "{change:?}");
    }
    assert_eq!(why(&rsa(&[]), &[Algorithm::ES256]), KeyError::NotAllowed(FOR_RSA.to_vec()));
    assert_eq!(why(&json!({"kty": "oct", "k": "c2VjcmV0"}), RS256), KeyError::Symmetric);
    let curve = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    assert_eq!(why(&curve, RS256), KeyError::NotAllowed(vec![Algorithm::EdDSA]));
    let set = json!({ "keys": [rsa(&[])] }).to_string();
    let good = KeySet::examine(set.as_bytes(), RS256).expect("a key set").remove(0);
    assert_eq!((good.id.as_deref(), good.usable), (Some("k"), Ok(Algorithm::RS256)));
}

#[test]
fn key_set_ignores_leading_zeros_of_modulus() {
    let padded = URL_SAFE_NO_PAD.encode([vec![0; 128], vec![0xff; 128]].concat());
    assert!(set(&[rsa(&[("n", json!(padded))])], RS256).is_empty());
}

#[test]
fn key_set_with_a_bad_key_keeps_the_others() {
    let keys = set(&[json!("nonsense"), json!({"kty": "new"}), rsa(&[("n", json!(1))]), rsa(&[])], RS256);
    assert_eq!(keys.len(), 1);
    assert!(KeySet::read(b"<html>", RS256).is_err());
    assert!(KeySet::read(b"{}", RS256).is_err());
    assert!(KeySet::read(json!([[rsa(&[])]]).to_string().as_bytes(), RS256).is_err(), "a list is no set");
}

#[test]
fn key_without_alg_is_bound_to_first_allowed_algorithm() {
    let both = &[Algorithm::PS256, Algorithm::RS256];
    let bound = |keys: &KeySet| {
        let is_for = |algorithm: &Algorithm| keys.matching(Some("k"), *algorithm).next().is_some();
        both.iter().copied().filter(is_for).collect::<Vec<_>>()
    };
    assert_eq!(bound(&set(&[rsa(&[])], both)), [Algorithm::PS256]);
    assert_eq!(bound(&set(&[rsa(&[("alg", json!("RS256"))])], both)), [Algorithm::RS256]);
}

#[test]
fn id_token_keys_do_not_widen_access_token_keys() {
    let ids = |change: &[(&str, Value)], allowed| {
        let set = set(&[rsa(change)], allowed);
        let bound = |algorithm| set.matching_id_token(Some("k"), algorithm).next().map(|key| key.algorithm());
        (set.len(), bound(Algorithm::RS256), bound(Algorithm::PS256))
    };
    let (rs, ps) = (Some(Algorithm::RS256), Some(Algorithm::PS256));
    // A key stays bound to the algorithm that it names.
    assert_eq!(ids(&[("alg", json!("RS256"))], &[Algorithm::ES256]), (0, rs, None));
    assert_eq!(ids(&[], &[Algorithm::ES256]), (0, rs, ps));
    assert_eq!(ids(&[], RS256), (1, rs, ps));
    let named = set(&[rsa(&[("alg", json!("RS256"))])], &[Algorithm::ES256]);
    assert!(named.matching_id_token(None, Algorithm::RS256).next().is_some());
    assert!(named.matching_id_token(None, Algorithm::PS256).next().is_none());
    assert!(named.has_id_token_key("k") && !named.has_id("k"));
    assert!(named.matching(None, Algorithm::RS256).next().is_none());
    for bad in [("use", json!("enc")), ("n", json!(modulus(1024))), ("d", json!("AQAB")), ("alg", json!("HS256"))] {
        assert!(set(&[rsa(&[bad])], RS256).has_no_signing_keys());
    }
}

#[test]
fn key_set_reuses_only_unchanged_keys() {
    let other = {
        let mut bytes = vec![0xa5; 256];
        bytes[255] = 0x5b;
        URL_SAFE_NO_PAD.encode(bytes)
    };
    let older = set(&[rsa(&[]), rsa(&[("kid", json!("gone"))])], RS256);
    let newer = set(&[rsa(&[])], RS256).reusing(&older);
    let changed = set(&[rsa(&[("n", json!(other))])], RS256).reusing(&older);
    let (key, gone) = (&older.keys[0], &older.keys[1]);
    assert!(newer.contains(key) && !newer.contains(gone) && !changed.contains(key));
}

#[test]
fn key_set_without_kid_all_keys_are_tried_up_to_four() {
    let named = |id: &str, byte: u8| {
        let mut bytes = vec![0xa5; 256];
        bytes[255] = byte | 1;
        rsa(&[("kid", json!(id)), ("n", json!(URL_SAFE_NO_PAD.encode(bytes)))])
    };
    let number = |set: &KeySet, id: Option<&str>| set.matching(id, Algorithm::RS256).count();
    let one = set(&[named("a", 1), named("a", 1)], RS256);
    assert_eq!((one.len(), number(&one, None)), (1, 1), "the same key twice is one");
    assert!(one.matching(None, Algorithm::ES256).next().is_none());
    let two = set(&[named("a", 1), named("b", 3)], RS256);
    assert_eq!((number(&two, None), number(&two, Some("b")), number(&two, Some("unknown"))), (2, 1, 0));
    let twins = set(&[named("a", 1), named("a", 3), named("b", 5)], RS256);
    assert_eq!((number(&twins, Some("a")), number(&twins, None)), (2, 3));
    let many: Vec<Value> = (0..9).map(|n| named("a", 2 * n)).collect();
    let many = set(&many, RS256);
    assert_eq!((many.len(), number(&many, Some("a")), number(&many, None)), (9, 4, 4));
}

#[test]
fn key_set_limit_comes_after_the_filter() {
    let numbered = |n: usize| {
        let mut bytes = vec![0xa5; 256];
        bytes[200..208].copy_from_slice(&n.to_be_bytes());
        rsa(&[("kid", json!(n.to_string())), ("n", json!(URL_SAFE_NO_PAD.encode(bytes)))])
    };
    let encrypts = |n: usize| rsa(&[("kid", json!(format!("enc-{n}"))), ("use", json!("enc"))]);
    let behind: Vec<Value> = (0..150).map(encrypts).chain([json!(7), numbered(1)]).collect();
    let found = set(&behind, RS256);
    assert_eq!(found.matching(Some("1"), Algorithm::RS256).count(), 1, "it is found behind 150 others");
    assert_eq!((found.ignored().cut, found.ignored().len()), (0, 151));

    let many: Vec<Value> = (0..MAX_KEYS + 3).map(numbered).collect();
    let cut = set(&many, RS256);
    assert_eq!((cut.len(), cut.ignored().cut, cut.ignored().len()), (MAX_KEYS, 3, 0));
    // Keys that only ID tokens may be signed with do not push out those of access tokens.
    let curve = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let mixed: Vec<Value> = many.into_iter().chain([curve]).collect();
    let found = set(&mixed, &[Algorithm::EdDSA]);
    assert_eq!((found.len(), found.ignored().cut), (1, 3));
}

#[test]
fn key_set_reads_lenient_members() {
    let curve = |change: &[(&str, Value)]| {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let mut key = json!({"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x});
        for (name, value) in change {
            key[*name] = value.clone();
        }
        key
    };
    for alg in ["Ed25519", "EdDSA", ""] {
        let found = set(&[curve(&[("alg", json!(alg))])], &[Algorithm::EdDSA]);
        assert_eq!(found.matching(Some("k"), Algorithm::EdDSA).count(), 1, "{alg:?}");
    }
    assert!(set(&[curve(&[("alg", json!("Ed448"))])], &[Algorithm::EdDSA]).is_empty());
    let zero_first = [vec![0], vec![0xa5; 256]].concat();
    for (n, e) in [(URL_SAFE_NO_PAD.encode(&zero_first), "AAEAAQ"), (URL_SAFE.encode(&zero_first), "AQAB")] {
        let lenient =
            rsa(&[("n", json!(n)), ("e", json!(e)), ("use", json!("")), ("alg", json!("")), ("x5c", json!(1))]);
        let found = set(&[lenient], RS256);
        assert_eq!(found.matching(Some("k"), Algorithm::RS256).count(), 1, "{n} {e}");
    }
    let nameless = set(&[rsa(&[("kid", json!(""))])], RS256);
    assert!(nameless.len() == 1 && !nameless.has_id(""), "a blank id is none");
}
