//! Properties of all tokens and all sets of scopes.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::registry::REGISTRY;
use async_trait::async_trait;
use http::request::Parts;
use http::{HeaderValue, Method, Request, header};
use jsonwebtoken::Algorithm;
use portcullis::{Access, AppError, Code, DeclaredEndpoint, Surface};
use portcullis_server::authenticate::BearerTokens;
use portcullis_server::{Gate, test_support};
use portcullis_verifier::Verifier;
use portcullis_verifier::claims::Rules;
use portcullis_verifier::jwks::{FetchError, KeyCache, KeySet, KeySource};
use portcullis_verifier::test_support::AUDIENCE;
use portcullis_verifier::verifier::TrustedKeys;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};

use crate::support::{Answer, App, Issuer, Key, OURS, claims};

const ISSUER: &str = "https://issuer.example/";

/// A provider whose keys never change.
struct Fixed(String, Algorithm);

#[async_trait]
impl KeySource for Fixed {
    async fn fetch(&self) -> Result<KeySet, FetchError> {
        Ok(KeySet::read(self.0.as_bytes(), &[self.1]).expect("a key set"))
    }
}

/// Returns a gate, built as in the server, that accepts only tokens signed with `key`.
fn gate(key: &Key) -> Gate {
    let set = json!({ "keys": [key.jwk] }).to_string();
    let keys = Arc::new(KeyCache::start(Fixed(set, key.algorithm)));
    let rules = Rules { strict: true, ..Rules::new(ISSUER, AUDIENCE) };
    test_support::gate(Arc::new(BearerTokens(Verifier::new(vec![TrustedKeys { rules, keys }], vec![key.algorithm]))))
}

/// Returns the head of a request with this `Authorization` header, or `None` if the bytes are not a valid value.
fn request(authorization: &[u8]) -> Option<Parts> {
    let mut parts = Request::new(()).into_parts().0;
    parts.headers.insert(header::AUTHORIZATION, HeaderValue::from_bytes(authorization).ok()?);
    Some(parts)
}

/// Returns the result of the gate for a request with this header that requires only a signed-in caller.
async fn verdict(gate: &Gate, authorization: &[u8]) -> Result<(), AppError> {
    let Some(request) = request(authorization) else {
        return Err(AppError::unauthorized(Code::CredentialsBadFormat, "no HTTP"));
    };
    gate.admit(&request, Access::SignedIn).await.map(|_| ())
}

fn keys() -> [Key; 4] {
    [Key::rsa("rs"), Key::rsa_for("ps", Algorithm::PS256), Key::p256("es"), Key::ed25519("ed")]
}

#[tokio::test]
async fn token_with_a_changed_bit_is_rejected() {
    for key in keys() {
        let gate = gate(&key);
        let scheme = "Bearer ";
        let good = format!("{scheme}{}", key.sign(&claims(ISSUER, json!({}))));
        assert_eq!(verdict(&gate, good.as_bytes()).await, Ok(()), "{:?}", key.algorithm);
        let mut changed = good.clone().into_bytes();
        for bit in scheme.len() * 8..good.len() * 8 {
            let flip = 1 << (bit % 8);
            changed[bit / 8] ^= flip;
            let refused = verdict(&gate, &changed).await.expect_err("a changed token is taken");
            // A changed header may name another key. If the claims are valid, it may be a new key.
            let is_in_header = bit / 8 < good.find('.').expect("a header");
            let is_pending = refused.status == 503 && refused.code == Code::KeyNotYetKnown && is_in_header;
            assert!(refused.status == 401 || is_pending, "{:?}, bit {bit}: {refused:?}", key.algorithm);
            changed[bit / 8] ^= flip;
        }
        assert_eq!(verdict(&gate, good.as_bytes()).await, Ok(()), "{:?}, unchanged", key.algorithm);
    }
}

#[tokio::test]
async fn token_with_another_encoding_of_a_part_is_rejected() {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. ";
    for key in keys() {
        let gate = gate(&key);
        // Up to two more bytes in the claims, so that the last base64 group has each length.
        for id in ["1", "12", "123"] {
            let good = format!("Bearer {}", key.sign(&claims(ISSUER, json!({ "jti": id }))));
            assert_eq!(verdict(&gate, good.as_bytes()).await, Ok(()));
            let dots = good.match_indices('.').map(|(place, _)| place);
            for end in dots.chain([good.len()]) {
                for letter in letters {
                    let mut other = good.clone().into_bytes();
                    if other[end - 1] != *letter {
                        // The last character of a part has unused bits.
                        other[end - 1] = *letter;
                        assert!(verdict(&gate, &other).await.is_err(), "{:?}", String::from_utf8(other));
                    }
                    let mut longer = good.clone().into_bytes();
                    longer.insert(end, *letter);
                    // Trailing whitespace is not part of the token.
                    let is_blank_at_the_end = *letter == b' ' && end == good.len();
                    assert_eq!(verdict(&gate, &longer).await.is_ok(), is_blank_at_the_end, "{end}: {longer:?}");
                }
            }
        }
    }
}

/// Words that are not scopes of the registry, although some look similar.
const STRANGERS: [&str; 8] =
    ["read:item", "READ:ITEMS", "read:items2", "read:*", "*", "items", "openid", "read:items,write:items"];

/// The claims that contain scopes.
const CLAIMS: [&str; 2] = ["scope", "scp"];

/// A set of words in any order, with claims that contain them: each word in one of two claims, each a string or a list.
fn granted() -> impl Strategy<Value = (BTreeSet<&'static str>, Value)> {
    let words: Vec<&str> = REGISTRY.scopes().into_iter().chain(STRANGERS).collect();
    let number = words.len();
    let chosen = subsequence(words, 0..=number).prop_shuffle();
    (chosen, prop::collection::vec(0..CLAIMS.len(), number), any::<[bool; 2]>()).prop_map(|(words, places, lists)| {
        let mut said = json!({ "scope": null });
        for (place, claim) in CLAIMS.iter().enumerate() {
            let here = words.iter().zip(&places).filter(|(_, at)| **at == place).map(|(word, _)| *word);
            let here: Vec<&str> = here.collect();
            if !here.is_empty() {
                said[claim] = if lists[place] { json!(here) } else { json!(here.join(" ")) };
            }
        }
        (words.into_iter().collect(), said)
    })
}

/// Returns the scopes of `endpoint` that `granted` lacks, in the order of their declaration.
fn missing(endpoint: &DeclaredEndpoint, granted: &BTreeSet<&str>) -> Vec<&'static str> {
    endpoint.right.access.scopes().iter().map(|scope| scope.0).filter(|scope| !granted.contains(scope)).collect()
}

proptest! {
    #[test]
    fn scopes_in_any_set_are_honored_exactly((granted, said) in granted()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let _entered = runtime.enter();
        let key = Key::ed25519("ed");
        let gate = gate(&key);
        let authorization = format!("Bearer {}", key.sign(&claims(ISSUER, said)));
        let request = request(authorization.as_bytes()).expect("a header");
        for endpoint in REGISTRY.endpoints() {
            let missing = missing(endpoint, &granted);
            match runtime.block_on(gate.admit(&request, endpoint.right.access)) {
                Ok(_) => prop_assert!(missing.is_empty(), "{} lets in who lacks {missing:?}", endpoint.path),
                Err(refused) => {
                    prop_assert_eq!((refused.status, refused.code), (403, Code::InsufficientScope));
                    prop_assert!(!missing.is_empty(), "{} refuses {granted:?}", endpoint.path);
                    prop_assert_eq!(refused.inner.missing_scopes, missing);
                }
            }
        }
    }
}

/// Calls `endpoint` with `token`. Items do not exist, and lists do.
async fn call(app: &App, endpoint: &DeclaredEndpoint, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let method: Method = endpoint.method.as_str().parse().expect("a method");
    let (path, form) = match endpoint.surface {
        Surface::Rest => (endpoint.path.replace("{id}", "65f0c0ffee0123456789abcd"), None),
        Surface::ServerFn => (endpoint.path.to_owned(), Some("id=65f0c0ffee0123456789abcd")),
    };
    app.ask(method, &path, &[("authorization", &bearer)], form).await
}

#[tokio::test]
async fn endpoint_requires_its_scopes_and_names_missing_ones() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let all = REGISTRY.scopes();
    for subset in 0..1_u32 << all.len() {
        let granted: BTreeSet<&str> = (0..all.len()).filter(|n| subset >> n & 1 == 1).map(|n| all[n]).collect();
        let scope: Vec<&str> = granted.iter().copied().collect();
        let token = OURS.sign(&claims(issuer.url(), json!({ "scope": scope.join(" ") })));
        for endpoint in REGISTRY.endpoints() {
            let answer = call(&app, endpoint, &token).await;
            let missing = missing(endpoint, &granted);
            if missing.is_empty() {
                // The gate accepts the request. The item does not exist, or the body is incomplete.
                assert!(
                    matches!(answer.status, 200 | 400 | 404 | 428),
                    "{} with {granted:?}: {}",
                    endpoint.path,
                    answer.text
                );
            } else {
                assert_eq!(answer.error().0, 403, "{} with {granted:?}", endpoint.path);
                assert_eq!(answer.json()["inner"]["missing_scopes"], json!(missing), "{}", endpoint.path);
            }
        }
    }
}
