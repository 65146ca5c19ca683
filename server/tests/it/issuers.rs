//! Several issuers: each token is verified only with the keys of its own issuer.

use portcullis::Access;
use serde_json::json;

use crate::support::app::eventually;
use crate::support::issuer::Mood;
use crate::support::{App, FOREIGN, Issuer, Key, NEXT, OURS, claims};

const AUDIENCES: [&str; 2] = ["https://one.example", "https://two.example"];

async fn app(one: &Issuer, two: &Issuer) -> App {
    let issuers = format!("{} {}", one.url(), two.url());
    let variables = [("AUTH_ISSUER", issuers.as_str()), ("AUTH_AUDIENCE", &AUDIENCES.join(" "))];
    App::try_start(&variables).await.expect("it starts")
}

/// Returns a token of `issuer` for `audience`, signed with `key`.
fn token(issuer: &Issuer, audience: &str, key: &Key) -> String {
    key.sign(&claims(issuer.url(), json!({"aud": audience})))
}

#[tokio::test]
async fn issuer_has_its_own_audience_and_keys() {
    // Both providers have a key with the same id. Only the issuer distinguishes them.
    let theirs = Key::rsa("ours");
    let (one, two) = (Issuer::start(&[&OURS]).await, Issuer::start(&[&theirs]).await);
    let app = app(&one, &two).await;
    for (what, token, expected) in [
        ("the first", token(&one, AUDIENCES[0], &OURS), None),
        ("the second", token(&two, AUDIENCES[1], &theirs), None),
        ("the first, by the second's key", token(&one, AUDIENCES[0], &theirs), Some("invalid signature".to_owned())),
        ("the second, by the first's key", token(&two, AUDIENCES[1], &OURS), Some("invalid signature".to_owned())),
        (
            "the first, for the second's audience",
            token(&one, AUDIENCES[1], &OURS),
            Some(format!("jwt audience invalid. expected: {}", AUDIENCES[0])),
        ),
        (
            "the second, for the first's audience",
            token(&two, AUDIENCES[0], &theirs),
            Some(format!("jwt audience invalid. expected: {}", AUDIENCES[1])),
        ),
    ] {
        let answer = app.get("/api/items", Some(&token)).await;
        match expected {
            None => assert_eq!(answer.status, 200, "{what}: {}", answer.text),
            Some(message) => assert_eq!((answer.error().0, answer.error().2), (401, message), "{what}"),
        }
    }
}

#[tokio::test]
async fn token_of_untrusted_issuer_causes_no_key_fetch() {
    let (one, two) = (Issuer::start(&[&OURS]).await, Issuer::start(&[&NEXT]).await);
    let app = app(&one, &two).await;
    assert_eq!(app.get("/api/items", Some(&token(&one, AUDIENCES[0], &OURS))).await.status, 200);
    assert_eq!(app.get("/api/items", Some(&token(&two, AUDIENCES[1], &NEXT))).await.status, 200);
    let stranger = FOREIGN.sign(&claims("https://stranger.example", json!({})));
    let unknown = FOREIGN.sign(&claims(one.url(), json!({"aud": AUDIENCES[0]})));
    // An unknown key causes a fetch from the first issuer. A token of an unknown issuer causes none.
    eventually("the first issuer is asked again", || async {
        let answer = app.get("/api/items", Some(&stranger)).await;
        let expected = format!("jwt issuer invalid. expected: {} or {}", one.url(), two.url());
        assert_eq!((answer.error().0, answer.error().2), (401, expected));
        assert_eq!(app.get("/api/items", Some(&unknown)).await.error().2, "signing key not found");
        one.asked() > 1
    })
    .await;
    assert_eq!(two.asked(), 1);
}

#[tokio::test]
async fn issuer_that_is_down_does_not_affect_others() {
    let (one, two) = (Issuer::start(&[&OURS]).await, Issuer::start(&[&NEXT]).await);
    two.becomes(Mood::Down);
    let app = app(&one, &two).await;
    assert_eq!(app.get("/api/items", Some(&token(&one, AUDIENCES[0], &OURS))).await.status, 200);
    let answer = app.get("/api/items", Some(&token(&two, AUDIENCES[1], &NEXT))).await;
    assert_eq!((answer.error().0, answer.error().1.as_str()), (503, "keys_unavailable"));
    assert_eq!(app.get("/readyz", None).await.status, 200);
    two.rotates_to(&[&NEXT]);
    let late = token(&two, AUDIENCES[1], &NEXT);
    eventually("its keys are fetched", || async { app.get("/api/items", Some(&late)).await.status == 200 }).await;
}

#[tokio::test]
async fn identity_is_issuer_and_subject_together() {
    let (one, two) = (Issuer::start(&[&OURS]).await, Issuer::start(&[&NEXT]).await);
    let gate = crate::support::gate::of(&[(&one, AUDIENCES[0]), (&two, AUDIENCES[1])]);
    let mut identities = std::collections::HashSet::new();
    for (issuer, audience, key) in [(&one, AUDIENCES[0], &*OURS), (&two, AUDIENCES[1], &*NEXT)] {
        // The same subject at both issuers. Twice, so that the second request uses the cache.
        for _ in 0..2 {
            let request =
                http::Request::get("/").header("authorization", format!("Bearer {}", token(issuer, audience, key)));
            let (parts, ()) = request.body(()).expect("a request").into_parts();
            let admitted = gate.admit(&parts, Access::SignedIn).await.expect("it is let in");
            let permit = admitted.permit::<app::items::ReadItems>().expect("it may read");
            let caller = permit.caller();
            assert_eq!((&*caller.issuer, caller.subject.as_deref()), (issuer.url(), Some("ada")));
            identities.insert((caller.issuer.clone(), caller.subject.clone()));
        }
    }
    assert_eq!(identities.len(), 2, "Ada of the one is not Ada of the other");
}
