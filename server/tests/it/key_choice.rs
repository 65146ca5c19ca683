//! Which keys are tried for a token, and how soon a new key is used, over real HTTP.

use jsonwebtoken::Algorithm;
use portcullis_verifier::jwks::{MAX_KEYS_TRIED, REFRESH_BURST};
use portcullis_verifier::test_support::{AUDIENCE, now, part};
use serde_json::{Value, json};

use crate::support::app::eventually;
use crate::support::issuer::Mood;
use crate::support::{Answer, App, FOREIGN, Issuer, Key, NEXT, OURS, claims};

fn good(issuer: &Issuer) -> Value {
    claims(issuer.url(), json!({}))
}

/// Returns a token of `key` without `kid`.
fn nameless(key: &Key, claims: &Value) -> String {
    key.sign_with(&json!({"alg": format!("{:?}", key.algorithm), "typ": "at+jwt"}), claims)
}

/// Returns a token of an unknown key.
fn unknown(id: &str, claims: &Value) -> String {
    FOREIGN.sign_with(&json!({"alg": "RS256", "typ": "at+jwt", "kid": id}), claims)
}

async fn get(app: &App, token: &str) -> Answer {
    app.get("/api/items", Some(token)).await
}

/// Sends tokens of unknown keys until no fetch may start immediately.
async fn spend_burst(app: &App, issuer: &Issuer) {
    assert_eq!(get(app, &OURS.sign(&good(issuer))).await.status, 200);
    while issuer.asked() < REFRESH_BURST as usize {
        let refused = get(app, &unknown(&format!("spent-{}", issuer.asked()), &good(issuer))).await;
        assert_eq!((refused.error().0, refused.error().2.as_str()), (401, "signing key not found"));
    }
}

#[tokio::test]
async fn token_without_kid_is_tried_with_every_key() {
    let issuer = Issuer::start(&[&OURS, &NEXT]).await;
    let app = App::with_issuer(&issuer).await;
    for key in [&OURS, &NEXT] {
        assert_eq!(get(&app, &nameless(key, &good(&issuer))).await.status, 200, "{}", key.id);
    }
    let forged = get(&app, &nameless(&FOREIGN, &good(&issuer))).await;
    assert_eq!((forged.error().0, forged.error().2.as_str()), (401, "invalid signature"));
}

#[tokio::test]
async fn keys_of_the_same_kid_are_all_tried() {
    let twin = NEXT.under("ours", Algorithm::RS256);
    let issuer = Issuer::start(&[&OURS, &twin]).await;
    let app = App::with_issuer(&issuer).await;
    for key in [&*OURS, &twin] {
        for jti in ["1", "2"] {
            let token = key.sign(&claims(issuer.url(), json!({ "jti": jti })));
            assert_eq!(get(&app, &token).await.status, 200);
        }
    }
    assert_eq!(issuer.asked(), 1, "nothing is fetched for them");
}

#[tokio::test]
async fn keys_beyond_the_fourth_are_not_tried() {
    let others: Vec<Key> = (0..MAX_KEYS_TRIED).map(|_| Key::rsa("k")).collect();
    let last = OURS.under("k", Algorithm::RS256);
    let issuer = Issuer::start(&others.iter().chain([&last]).collect::<Vec<_>>()).await;
    let app = App::with_issuer(&issuer).await;
    assert_eq!(get(&app, &others[MAX_KEYS_TRIED - 1].sign(&good(&issuer))).await.status, 200);
    assert_eq!(get(&app, &last.sign(&good(&issuer))).await.error().2, "invalid signature");
}

#[tokio::test]
async fn token_cache_is_bound_to_the_key_that_verified() {
    let twin = NEXT.under("ours", Algorithm::RS256);
    let issuer = Issuer::start(&[&OURS, &twin]).await;
    let app = App::with_issuer(&issuer).await;
    let (first, second) = (OURS.sign(&good(&issuer)), twin.sign(&good(&issuer)));
    for _ in 0..2 {
        assert_eq!((get(&app, &first).await.status, get(&app, &second).await.status), (200, 200));
    }
    // The second key is removed, but its id is still published.
    issuer.rotates_to(&[&OURS]);
    assert_eq!(get(&app, &unknown("elsewhere", &good(&issuer))).await.status, 401);
    assert_eq!(get(&app, &second).await.error().2, "invalid signature");
    assert_eq!(get(&app, &first).await.status, 200);
}

#[tokio::test]
async fn second_new_key_right_after_the_first_is_used_at_once() {
    let (ps, ed) = (Key::rsa_for("ps", Algorithm::PS256), Key::ed25519("ed"));
    let issuer = Issuer::start(&[&OURS]).await;
    let variables =
        [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_ALGORITHMS", "RS256,PS256,EdDSA")];
    let app = App::try_start(&variables).await.expect("it starts");
    assert_eq!(get(&app, &OURS.sign(&good(&issuer))).await.status, 200);
    // Keycloak creates each key at its first use.
    issuer.rotates_to(&[&OURS, &ps]);
    assert_eq!(get(&app, &ps.sign(&good(&issuer))).await.status, 200);
    issuer.rotates_to(&[&OURS, &ps, &ed]);
    assert_eq!(get(&app, &ed.sign(&good(&issuer))).await.status, 200);
    assert_eq!(issuer.asked(), 3);
}

#[tokio::test]
async fn new_key_of_a_provider_without_kids_is_used_at_once() {
    let without_kid = |key: &Key| {
        let mut jwk = key.jwk.clone();
        jwk.as_object_mut().expect("an object").remove("kid");
        jwk
    };
    let issuer = Issuer::start(&[]).await;
    issuer.becomes(Mood::Keys(vec![without_kid(&OURS)]));
    let app = App::with_issuer(&issuer).await;
    assert_eq!(get(&app, &nameless(&OURS, &good(&issuer))).await.status, 200);
    issuer.becomes(Mood::Keys(vec![without_kid(&OURS), without_kid(&NEXT)]));
    assert_eq!(get(&app, &nameless(&NEXT, &good(&issuer))).await.status, 200);
}

#[tokio::test]
async fn unknown_kid_while_no_fetch_may_start_is_503_if_plausible() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    spend_burst(&app, &issuer).await;
    let pending = get(&app, &unknown("new", &good(&issuer))).await;
    assert_eq!((pending.error().0, pending.error().1.as_str()), (503, "key_not_yet_known"));
    assert!(pending.error().2.contains("not known yet"), "{}", pending.text);
    assert_eq!(pending.header("retry-after"), "12");
    assert_eq!(pending.header("www-authenticate"), "");
    // Longer than what is parsed before the signature is verified.
    let long = claims(issuer.url(), json!({"stuffing": "x".repeat(4_000)}));
    assert_eq!(get(&app, &unknown("new", &long)).await.status, 503);
    for (what, change) in [
        ("another audience", json!({"aud": "https://other.example/"})),
        ("no audience", json!({"aud": null})),
        ("expired", json!({"exp": now() - 60})),
        ("not valid yet", json!({"nbf": now() + 600})),
        ("an ID token", json!({"at_hash": "h", "typ": null})),
    ] {
        let claims = claims(issuer.url(), change);
        let head = json!({"alg": "RS256", "kid": "new"});
        let refused = get(&app, &FOREIGN.sign_with(&head, &claims)).await;
        assert_eq!((refused.error().0, refused.error().2.as_str()), (401, "signing key not found"), "{what}");
    }
    let other = unknown("new", &claims("https://other.example/", json!({})));
    assert_eq!(get(&app, &other).await.status, 401, "another issuer");
    // The claims of an unsigned token are not trusted either.
    let unsigned = format!("{}.{}.", part(&json!({"alg": "RS256", "kid": "new"})), part(&good(&issuer)));
    assert_eq!(get(&app, &unsigned).await.status, 503);
    assert_eq!(issuer.asked(), REFRESH_BURST as usize, "none of them was asked for");
}

#[tokio::test]
async fn pending_key_is_known_after_retry_after() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    spend_burst(&app, &issuer).await;
    issuer.rotates_to(&[&OURS, &NEXT]);
    let new = NEXT.sign(&good(&issuer));
    assert_eq!(get(&app, &new).await.status, 503);
    eventually("the key is fetched though nobody asks again", || async { issuer.asked() > REFRESH_BURST as usize })
        .await;
    eventually("the token is taken", || async { get(&app, &new).await.status == 200 }).await;
    assert_eq!(issuer.asked(), REFRESH_BURST as usize + 1);
}

#[tokio::test]
async fn wrong_signatures_cause_no_fetch_storm() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let started = std::time::Instant::now();
    let forged = FOREIGN.under("ours", Algorithm::RS256);
    for n in 0..200 {
        let token = forged.sign(&claims(issuer.url(), json!({"jti": n.to_string()})));
        assert_eq!(get(&app, &token).await.error().2, "invalid signature");
        let token = nameless(&FOREIGN, &claims(issuer.url(), json!({"jti": n.to_string()})));
        assert_eq!(get(&app, &token).await.error().2, "invalid signature");
    }
    let allowed = REFRESH_BURST as usize + started.elapsed().as_secs() as usize / 12;
    assert!(issuer.asked() <= allowed, "asked {} times, {allowed} allowed", issuer.asked());
}
