//! Keys over real HTTP: mistakes of providers, and floods of unknown keys.

mod floods;

use std::time::Duration;

use portcullis_verifier::discovery::Discovery;
use portcullis_verifier::jwks::{Http, REFRESH_INTERVAL};
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;

use crate::support::app::eventually;
use crate::support::issuer::Mood;
use crate::support::{Answer, App, FOREIGN, Issuer, Key, NEXT, OURS, claims};

/// Asserts that a valid token of an unknown key was rejected, with 401 or with 503 until the next fetch.
fn refused_for_its_key(answer: &Answer) {
    let (status, code, message) = answer.error();
    match status {
        401 => assert_eq!(message, "signing key not found"),
        _ => assert_eq!((status, code.as_str()), (503, "key_not_yet_known")),
    }
}

#[tokio::test]
async fn keys_come_only_from_auth_uri_if_it_is_set() {
    let keys = Issuer::start(&[&OURS]).await;
    // The issuer serves nothing, because its discovery document is not needed.
    let issuer = "https://issuer.invalid/";
    let uri = format!("{}/jwks", keys.url());
    let variables = [("AUTH_ISSUER", issuer), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_URI", &uri)];
    let app = App::try_start(&variables).await.expect("it starts");
    let token = OURS.sign(&claims(issuer, json!({})));
    assert_eq!(app.get("/api/items", Some(&token)).await.status, 200);
    assert_eq!(keys.asked(), 1);
}

#[tokio::test]
async fn discovery_document_of_another_issuer_is_rejected() {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.claims_to_be(&format!("{}/", issuer.url()));
    let app = App::with_issuer(&issuer).await;
    let token = OURS.sign(&claims(issuer.url(), json!({})));
    let answer = app.get("/api/items", Some(&token)).await;
    assert_eq!((answer.error().0, answer.error().1.as_str()), (503, "keys_unavailable"));
    assert_eq!(issuer.asked(), 0);
}

#[tokio::test]
async fn provider_down_at_start_is_retried_in_the_background() {
    // A reserved port on which nothing listens yet.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let addr = socket.local_addr().expect("an address");
    let url = format!("http://{addr}");
    let app = App::try_start(&[("AUTH_ISSUER", &url), ("AUTH_AUDIENCE", AUDIENCE)]).await.expect("it starts");
    let token = OURS.sign(&claims(&url, json!({})));

    let answer = app.get("/api/items", Some(&token)).await;
    assert_eq!((answer.error().0, answer.error().1.as_str()), (503, "keys_unavailable"));
    assert_eq!(answer.header("retry-after"), "12");
    assert_eq!(app.call("/rpc/items/list", "", Some(&token)).await.error().1, "keys_unavailable");
    assert_eq!(app.get("/healthz", None).await.status, 200);
    let ready = app.get("/readyz", None).await;
    assert_eq!((ready.status, ready.json()), (503, json!({"keys": false, "store": true})));
    assert!(app.get("/", None).await.text.contains(r#""not_configured""#), "pages are still served");
    // A missing token is reported, with or without keys.
    assert_eq!(app.get("/api/items", None).await.error().1, "credentials_required");

    let _provider = Issuer::start_at(socket.listen(64).expect("listening"), &[&OURS]);
    eventually("the keys are fetched in the background", || async { app.get("/readyz", None).await.status == 200 })
        .await;
    assert_eq!(app.get("/api/items", Some(&token)).await.status, 200);
}

#[tokio::test]
async fn cached_token_of_a_removed_key_is_rejected() {
    let issuer = Issuer::start(&[&OURS, &NEXT]).await;
    let app = App::with_issuer(&issuer).await;
    let ours = OURS.sign(&claims(issuer.url(), json!({})));
    let next = NEXT.sign(&claims(issuer.url(), json!({})));
    for _ in 0..2 {
        assert_eq!(app.get("/api/items", Some(&ours)).await.status, 200);
        assert_eq!(app.get("/api/items", Some(&next)).await.status, 200);
    }
    issuer.rotates_to(&[&NEXT]);
    // A token of an unknown key makes the server fetch the keys again.
    let unknown = FOREIGN.sign(&claims(issuer.url(), json!({})));
    eventually("the removed key is noticed", || async {
        refused_for_its_key(&app.get("/api/items", Some(&unknown)).await);
        matches!(app.get("/api/items", Some(&ours)).await.status, 401 | 503)
    })
    .await;
    refused_for_its_key(&app.get("/api/items", Some(&ours)).await);
    assert_eq!(app.get("/api/items", Some(&next)).await.status, 200, "what the other key signed goes on");
}

#[tokio::test]
async fn cached_token_expires_with_its_exp() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    // Expired, but within the leeway.
    let late = OURS.sign(&claims(issuer.url(), json!({"exp": portcullis_verifier::test_support::now() - 1})));
    assert_eq!(app.get("/api/items", Some(&late)).await.status, 200);
    eventually("it is refused when the leeway is over", || async {
        app.get("/api/items", Some(&late)).await.status == 401
    })
    .await;
    assert_eq!(app.get("/api/items", Some(&late)).await.error().2, "jwt expired");
}

#[tokio::test]
async fn key_that_changes_under_its_id_is_used() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let old = OURS.sign(&claims(issuer.url(), json!({})));
    assert_eq!(app.get("/api/items", Some(&old)).await.status, 200);
    let successor = Key::rsa("ours");
    issuer.rotates_to(&[&successor]);
    let new = successor.sign(&claims(issuer.url(), json!({})));
    eventually("its signature is verified", || async { app.get("/api/items", Some(&new)).await.status == 200 }).await;
    assert_eq!(app.get("/api/items", Some(&old)).await.error().2, "invalid signature");
    assert!(issuer.asked() <= 3, "asked {} times", issuer.asked());
}

#[tokio::test]
async fn discovery_refresh_that_fails_keeps_the_known_document() {
    let issuer = Issuer::start(&[&OURS]).await;
    let discovery = Discovery::new(issuer.url().into(), Http::new().expect("a client")).expect("an issuer");
    let known = discovery.metadata(REFRESH_INTERVAL).await.expect("a document");
    discovery.metadata(REFRESH_INTERVAL).await.expect("a document");
    assert_eq!(issuer.discovered(), 1, "it is young");
    discovery.metadata(Duration::ZERO).await.expect("a document");
    assert_eq!(issuer.discovered(), 2, "it is too old");
    issuer.claims_to_be("https://evil.example");
    let used = discovery.metadata(Duration::ZERO).await.expect("the known one");
    assert_eq!((issuer.discovered(), &used.issuer), (3, &known.issuer));
    assert!(discovery.refresh().await.is_err());
}

#[tokio::test]
async fn keys_response_that_is_bad_is_keys_unavailable() {
    let elsewhere = Issuer::start(&[&OURS]).await;
    let padding = " ".repeat(2 * 1024 * 1024);
    let huge = format!(r#"{{"keys":[{}]{padding}}}"#, OURS.jwk).into_bytes();
    for (name, mood) in [
        ("status 500", Mood::Down),
        ("a redirect to another host", Mood::Redirect(format!("{}/jwks", elsewhere.url()))),
        ("a web page", Mood::Bytes(b"<html>Welcome</html>".to_vec())),
        ("another document", Mood::Bytes(b"{}".to_vec())),
        ("two megabytes", Mood::Bytes(huge)),
        ("a drip that never ends", Mood::Drip),
        ("only a symmetric key", Mood::Keys(vec![json!({"kty": "oct", "kid": "ours", "k": "c2VjcmV0"})])),
        ("no key", Mood::Keys(vec![])),
    ] {
        let issuer = Issuer::start(&[&OURS]).await;
        issuer.becomes(mood);
        let app = App::with_issuer(&issuer).await;
        let token = OURS.sign(&claims(issuer.url(), json!({})));
        let answer = app.get("/api/items", Some(&token)).await;
        assert_eq!((answer.error().0, answer.error().1.as_str()), (503, "keys_unavailable"), "{name}");
    }
    assert_eq!(elsewhere.asked(), 0, "a redirect was followed");
}

#[tokio::test]
async fn key_set_with_one_bad_key_keeps_the_good_one() {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.becomes(Mood::Keys(vec![json!({"kty": "RSA", "kid": "bad"}), json!(7), OURS.jwk.clone()]));
    let app = App::with_issuer(&issuer).await;
    let token = OURS.sign(&claims(issuer.url(), json!({})));
    assert_eq!(app.get("/api/items", Some(&token)).await.status, 200);
}

#[tokio::test]
async fn keys_fetch_that_fails_does_not_affect_sign_in() {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.becomes(Mood::Down);
    let uri = format!("{}/jwks", issuer.url());
    for keys_from_auth_uri in [false, true] {
        let mut variables = vec![("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_CLIENT_ID", "web")];
        if keys_from_auth_uri {
            variables.push(("AUTH_URI", &uri));
        }
        let app = App::try_start(&variables).await.expect("it starts");
        let token = OURS.sign(&claims(issuer.url(), json!({})));
        assert_eq!(app.get("/api/items", Some(&token)).await.error().1, "keys_unavailable");
        eventually("people can sign in", || async { app.get("/", None).await.text.contains(r#"{"at":{"#) }).await;
    }
}
