//! Floods of unknown keys, and key sets of a hundred megabytes.

use portcullis_verifier::jwks::REFRESH_BURST;
use serde_json::json;

use super::refused_for_its_key;
use crate::support::app::eventually;
use crate::support::issuer::Mood;
use crate::support::{App, FOREIGN, Issuer, NEXT, OURS, claims};

#[tokio::test]
async fn keys_flood_over_http_is_limited_and_known_keys_go_on() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = std::sync::Arc::new(App::with_issuer(&issuer).await);
    let good = OURS.sign(&claims(issuer.url(), json!({})));
    assert_eq!(app.get("/api/items", Some(&good)).await.status, 200);
    let forged = FOREIGN.sign(&claims(issuer.url(), json!({})));
    let payload = forged.split_once('.').expect("three parts").1.to_owned();
    let started = std::time::Instant::now();
    let flood: Vec<_> = (0..8)
        .map(|lane| {
            let (app, payload) = (app.clone(), payload.clone());
            tokio::spawn(async move {
                for n in 0..500 {
                    let head = json!({"alg": "RS256", "kid": format!("random-{lane}-{n}")});
                    let token = format!("{}.{payload}", portcullis_verifier::test_support::part(&head));
                    refused_for_its_key(&app.get("/api/items", Some(&token)).await);
                }
            })
        })
        .collect();
    // During the flood, tokens of known keys are accepted immediately, cached or not.
    for n in 0..50 {
        let fresh = OURS.sign(&claims(issuer.url(), json!({"jti": n.to_string()})));
        assert_eq!(app.get("/api/items", Some(&fresh)).await.status, 200);
    }
    for lane in flood {
        lane.await.expect("every one is refused");
    }
    // Three immediately including the one at start, then at most one every twelve seconds.
    let allowed = REFRESH_BURST as usize + 1 + started.elapsed().as_secs() as usize / 12;
    assert!(issuer.asked() <= allowed, "asked {} times, {allowed} allowed", issuer.asked());
}

#[tokio::test]
async fn keys_response_of_100_megabytes_is_not_read() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let good = OURS.sign(&claims(issuer.url(), json!({})));
    assert_eq!(app.get("/api/items", Some(&good)).await.status, 200);
    issuer.becomes(Mood::Endless(100));
    let unknown = FOREIGN.sign(&claims(issuer.url(), json!({})));
    eventually("the server fetches the keys again", || async {
        refused_for_its_key(&app.get("/api/items", Some(&unknown)).await);
        issuer.megabytes_read() > 0
    })
    .await;
    assert_eq!(app.get("/api/items", Some(&good)).await.status, 200, "known keys go on");
    // Data in the socket buffers was not read by the server.
    assert!(issuer.megabytes_read() < 20, "{} MB were read", issuer.megabytes_read());
}

#[tokio::test]
async fn keys_rotated_during_a_flood_work_within_12_seconds() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let old = OURS.sign(&claims(issuer.url(), json!({})));
    assert_eq!(app.get("/api/items", Some(&old)).await.status, 200);
    issuer.rotates_to(&[&NEXT]);
    let rotated = std::time::Instant::now();
    let new = NEXT.sign(&claims(issuer.url(), json!({})));
    let unknown = FOREIGN.sign(&claims(issuer.url(), json!({})));
    eventually("the rotated key is taken", || async {
        refused_for_its_key(&app.get("/api/items", Some(&unknown)).await);
        app.get("/api/items", Some(&new)).await.status == 200
    })
    .await;
    // A unit test with its own clock checks the twelve seconds exactly. This test shares the CPU with others.
    assert!(rotated.elapsed().as_secs() < 15, "{:?}", rotated.elapsed());
    refused_for_its_key(&app.get("/api/items", Some(&old)).await);
    assert!(issuer.asked() <= REFRESH_BURST as usize + 1, "asked {} times", issuer.asked());
}
