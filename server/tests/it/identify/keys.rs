//! Keys and algorithms of ID tokens.

use jsonwebtoken::Algorithm;
use portcullis_verifier::test_support::now;
use serde_json::{Value, json};

use super::{ALGORITHM, SIGNATURE, app, id_claims, id_token, identify, refused};
use crate::support::issuer::Mood;
use crate::support::{FOREIGN, Issuer, Key, NEXT, OURS, claims};

#[tokio::test]
async fn id_token_may_use_an_algorithm_that_access_tokens_may_not() {
    let access = Key::p256("access");
    let keys = [Key::rsa("rs"), Key::rsa_for("ps", Algorithm::PS512), Key::ed25519("ed")];
    let mut unnamed = Key::rsa("unnamed");
    unnamed.jwk.as_object_mut().expect("an object").remove("alg");
    let issuer = Issuer::start(&[&access, &keys[0], &keys[1], &keys[2], &unnamed]).await;
    let app = app(&issuer, &[("AUTH_ALGORITHMS", "ES256")]).await;
    let access_token = access.sign(&claims(issuer.url(), json!({})));
    let good = id_claims(issuer.url(), json!({}));
    let check = async |id_token: String| {
        let answer = identify(&app, &access_token, &[("id_token", &id_token), ("nonce", "n-1")]).await;
        answer.json()["id_token"].clone()
    };
    for key in keys.iter().chain([&access, &unnamed]) {
        assert_eq!(check(id_token(key, &good)).await, "verified", "{:?} by {}", key.algorithm, key.id);
    }
    // A key stays bound to the algorithm that it names.
    assert_eq!(check(id_token(&keys[0].under("rs", Algorithm::PS256), &good)).await, refused(ALGORITHM));
    // The rules for access tokens do not change.
    for key in keys.iter().chain([&unnamed]) {
        let answer = app.get("/api/items", Some(&key.sign(&claims(issuer.url(), json!({}))))).await;
        assert_eq!((answer.error().0, answer.error().2.as_str()), (401, "invalid algorithm"), "{}", key.id);
    }
}

#[tokio::test]
async fn identity_needs_the_providers_keys() {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.becomes(Mood::Down);
    let app = app(&issuer, &[]).await;
    let access_token = OURS.sign(&claims(issuer.url(), json!({})));
    let token = id_token(&OURS, &id_claims(issuer.url(), json!({})));
    let answer = identify(&app, &access_token, &[("id_token", &token)]).await;
    assert_eq!((answer.error().0, answer.error().1.as_str()), (503, "keys_unavailable"));
    assert_eq!(answer.header("retry-after"), "12");
}

#[tokio::test]
async fn id_token_by_a_new_key_without_kid_is_verified_at_once() {
    let issuer = Issuer::start(&[]).await;
    let without_kid = |key: &Key| {
        let mut jwk = key.jwk.clone();
        jwk.as_object_mut().expect("an object").remove("kid");
        jwk
    };
    issuer.becomes(Mood::Keys(vec![without_kid(&OURS)]));
    let app = app(&issuer, &[]).await;
    let access_token =
        |key: &Key| key.sign_with(&json!({"alg": "RS256", "typ": "at+jwt"}), &claims(issuer.url(), json!({})));
    let id_token = |key: &Key| key.sign_with(&json!({"alg": "RS256"}), &id_claims(issuer.url(), json!({})));
    let ask = async |key: &Key| {
        let form = [("id_token", &*id_token(key)), ("nonce", "n-1")];
        identify(&app, &access_token(&OURS), &form).await.json()["id_token"].clone()
    };
    assert_eq!(ask(&OURS).await, "verified");
    issuer.becomes(Mood::Keys(vec![without_kid(&OURS), without_kid(&NEXT)]));
    assert_eq!(ask(&NEXT).await, "verified");
    assert_eq!(ask(&FOREIGN).await, refused(SIGNATURE));
}

#[tokio::test]
async fn identify_pending_key_of_id_token_is_503_if_plausible() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = app(&issuer, &[]).await;
    let access_token = OURS.sign(&claims(issuer.url(), json!({})));
    let ask = async |claims: &Value| {
        let token = id_token(&FOREIGN, claims);
        identify(&app, &access_token, &[("id_token", token.as_str()), ("nonce", "n-1")]).await
    };
    let good = id_claims(issuer.url(), json!({}));
    let unknown = refused("The ID token's signing key is not among the provider's keys");
    // While the provider is reachable, its current keys decide.
    while issuer.asked() < portcullis_verifier::jwks::REFRESH_BURST as usize {
        assert_eq!(ask(&good).await.json()["id_token"], unknown);
    }
    let pending = ask(&good).await;
    assert_eq!((pending.error().0, pending.error().1.as_str()), (503, "key_not_yet_known"));
    assert_eq!(pending.header("retry-after"), "12");
    for bad in [json!({"aud": "other"}), json!({"exp": now() - 60}), json!({"nonce": "n-2"})] {
        let answer = ask(&id_claims(issuer.url(), bad.clone())).await;
        assert_eq!((answer.status, &answer.json()["id_token"]), (200, &unknown), "{bad}");
    }
}
