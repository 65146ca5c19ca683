//! `/healthz`, `/readyz`, and a store that is down.

use std::time::Duration;

use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;

use crate::support::{App, Issuer, OURS, claims};

#[tokio::test]
async fn readyz_with_keys_and_store_is_ready() {
    let app = App::start().await;
    assert_eq!(app.get("/api/items", Some(&app.token("ada").await)).await.status, 200);
    let ready = app.get("/readyz", None).await;
    assert_eq!((ready.status, ready.json()), (200, json!({"keys": true, "store": true})));
}

#[tokio::test]
async fn store_that_is_down_is_503_only_behind_the_gate() {
    let issuer = Issuer::start(&[&OURS]).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = format!("mongodb://{}/items", listener.local_addr().expect("an address"));
    drop(listener);
    let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("DATABASE_URL", nobody.as_str())];
    let app = App::try_start(&variables).await.expect("it starts");
    let token = OURS.sign(&claims(issuer.url(), json!({})));
    assert_eq!(app.get("/api/items", None).await.error().0, 401);
    for answer in [app.get("/api/items", Some(&token)).await, app.call("/rpc/items/list", "", Some(&token)).await] {
        assert_eq!((answer.error().0, answer.error().1.as_str()), (503, "store_unavailable"));
        assert!(!answer.text.contains("mongodb"), "{}", answer.text);
        assert_eq!(answer.header("retry-after"), "12");
    }
    assert_eq!(app.get("/healthz", None).await.status, 200);
    assert_eq!(app.get("/readyz", None).await.json(), json!({"keys": true, "store": false}));
}

#[tokio::test]
async fn readyz_does_not_wait_for_a_store_that_never_answers() {
    let issuer = Issuer::start(&[&OURS]).await;
    // Connections are accepted, but get no response.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let silent = format!("mongodb://{}/items", listener.local_addr().expect("an address"));
    let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("DATABASE_URL", silent.as_str())];
    let app = App::try_start(&variables).await.expect("it starts");
    let ready = tokio::time::timeout(Duration::from_secs(4), app.get("/readyz", None)).await.expect("in time");
    assert_eq!((ready.status, &ready.json()["store"]), (503, &json!(false)));
}

#[test]
fn retry_after_is_the_time_until_the_next_key_fetch() {
    assert_eq!(portcullis_verifier::jwks::MIN_REFRESH_INTERVAL.as_secs(), portcullis::RETRY_AFTER_SECONDS);
}
