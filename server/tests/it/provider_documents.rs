//! Provider documents as real providers send them: the API and the sign-in work with all of them.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::GzEncoder;
use portcullis_server::test_support::Log;
use portcullis_verifier::discovery::Discovery;
use portcullis_verifier::jwks::{FetchError, Http, KeyCache, RemoteKeys};
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::{Value, json};

use crate::support::app::eventually;
use crate::support::issuer::Mood;
use crate::support::{App, Issuer, Key, OURS, claims};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).expect("written");
    encoder.finish().expect("compressed")
}

fn key_set(keys: &[&Key]) -> Vec<u8> {
    json!({ "keys": keys.iter().map(|key| &key.jwk).collect::<Vec<_>>() }).to_string().into_bytes()
}

/// Asserts that `app` accepts a valid token of `issuer`.
async fn takes(app: &App, issuer: &Issuer, what: &str) {
    let token = OURS.sign(&claims(issuer.url(), json!({})));
    let answer = app.get("/api/items", Some(&token)).await;
    assert_eq!(answer.status, 200, "{what}: {}", answer.text);
}

async fn app_with_client(issuer: &Issuer) -> App {
    let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_CLIENT_ID", "web")];
    App::try_start(&variables).await.expect("it starts")
}

async fn people_can_sign_in(app: &App) -> bool {
    app.get("/", None).await.text.contains(r#"{"at":{"#)
}

#[tokio::test]
async fn documents_with_byte_order_mark_or_gzip_are_read() {
    for (what, change) in [
        ("a byte order mark", (|plain| [BYTE_ORDER_MARK, &plain[..]].concat()) as fn(Vec<u8>) -> Vec<u8>),
        ("gzip", |plain| gzip(&plain)),
        ("both", |plain| gzip(&[BYTE_ORDER_MARK, &plain[..]].concat())),
    ] {
        let issuer = Issuer::start(&[&OURS]).await;
        issuer.document_becomes(change);
        issuer.becomes(Mood::Encoded(if what == "gzip" { "gzip" } else { "identity" }, change(key_set(&[&OURS]))));
        let app = app_with_client(&issuer).await;
        takes(&app, &issuer, what).await;
        eventually("people can sign in", || async { people_can_sign_in(&app).await }).await;
    }
}

#[tokio::test]
async fn documents_are_asked_for_without_compression() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    takes(&app, &issuer, "as usual").await;
    let asked = issuer.encodings();
    assert!(asked.len() >= 2 && asked.iter().all(|one| one == "identity"), "{asked:?}");
}

#[tokio::test]
async fn documents_gzip_bomb_is_refused() {
    let issuer = Issuer::start(&[&OURS]).await;
    let padded = [key_set(&[&OURS]), vec![b' '; 64 * 1024 * 1024]].concat();
    issuer.becomes(Mood::Encoded("gzip", gzip(&padded)));
    let app = App::with_issuer(&issuer).await;
    let token = OURS.sign(&claims(issuer.url(), json!({})));
    assert_eq!(app.get("/api/items", Some(&token)).await.error().1, "keys_unavailable");
}

#[tokio::test]
async fn discovery_bad_endpoint_does_not_take_the_api_down() {
    for members in [
        json!({"userinfo_endpoint": "http://i.example/userinfo"}),
        json!({"end_session_endpoint": 7, "revocation_endpoint": "", "authorization_response_iss_parameter_supported": 1}),
    ] {
        let issuer = Issuer::start(&[&OURS]).await;
        issuer.document(members.clone());
        let app = app_with_client(&issuer).await;
        takes(&app, &issuer, &members.to_string()).await;
        eventually("people can sign in", || async { people_can_sign_in(&app).await }).await;
        assert!(!app.get("/", None).await.text.contains("http://i.example"), "browsers are not sent there");
    }
    // Without these, sign-in is not possible, but tokens are still verified.
    for members in [json!({"token_endpoint": "http://i.example/token"}), json!({"authorization_endpoint": ""})] {
        let issuer = Issuer::start(&[&OURS]).await;
        issuer.document(members.clone());
        let app = app_with_client(&issuer).await;
        takes(&app, &issuer, &members.to_string()).await;
        assert!(!people_can_sign_in(&app).await, "{members}");
        assert!(!app.get("/", None).await.text.contains("http://i.example"), "browsers are not sent there");
    }
}

#[tokio::test]
async fn discovery_bad_jwks_uri_does_not_take_the_sign_in_down() {
    let issuer = Issuer::start(&[&OURS]).await;
    let uri = format!("{}/jwks", issuer.url());
    issuer.document(json!({"jwks_uri": "/jwks"}));
    let variables =
        [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_CLIENT_ID", "web"), ("AUTH_URI", &uri)];
    let app = App::try_start(&variables).await.expect("it starts");
    takes(&app, &issuer, "the keys come from AUTH_URI").await;
    eventually("people can sign in", || async { people_can_sign_in(&app).await }).await;
}

#[tokio::test]
async fn discovery_first_readers_share_one_fetch_that_fails_too() {
    for works in [true, false] {
        let issuer = Issuer::start(&[&OURS]).await;
        if !works {
            issuer.claims_to_be("https://other.example");
        }
        let http = Http::new().expect("a client");
        let discovery = Arc::new(Discovery::new(issuer.url().into(), http).expect("an issuer"));
        let ages = (0..20).map(|_| Duration::from_secs(300));
        let asking = ages.map(|age| {
            let discovery = discovery.clone();
            async move { discovery.metadata(age).await.map(|known| known.issuer.clone()) }
        });
        let answers = futures_util::future::join_all(asking).await;
        for answer in answers {
            match answer {
                Ok(found) => assert_eq!(found, issuer.url()),
                Err(error) => {
                    assert!(!works && error.to_string().contains("https://other.example"), "{error}");
                    assert!(matches!(error, FetchError::Shared(_)));
                }
            }
        }
        assert_eq!(issuer.discovered(), 1, "works: {works}");
        // The next request fetches again what failed before.
        assert_eq!(discovery.metadata(Duration::from_secs(300)).await.is_ok(), works);
        assert_eq!(issuer.discovered(), if works { 1 } else { 2 });
    }
}

#[tokio::test]
async fn keys_in_lenient_forms_are_read() {
    let ed = Key::ed25519("ed");
    let n = URL_SAFE_NO_PAD.decode(OURS.jwk["n"].as_str().expect("a text")).expect("base64url");
    let zero_first = [vec![0], n.clone()].concat();
    let with = |members: Value| {
        let mut jwk = OURS.jwk.clone();
        for (name, value) in members.as_object().expect("members") {
            jwk[name] = value.clone();
        }
        jwk
    };
    let mut behind: Vec<Value> =
        (0..120).map(|n| json!({"kty": "RSA", "use": "enc", "kid": format!("e{n}")})).collect();
    behind.push(OURS.jwk.clone());
    for (what, keys) in [
        ("a leading zero", vec![with(json!({"n": URL_SAFE_NO_PAD.encode(&zero_first), "e": "AAEAAQ"}))]),
        ("padding", vec![with(json!({"n": URL_SAFE.encode(&zero_first)}))]),
        ("standard base64", vec![with(json!({"n": STANDARD.encode(&n)}))]),
        ("blank members", vec![with(json!({"alg": "", "use": "", "x5c": "", "key_ops": null}))]),
        ("behind 120 keys for encryption", behind),
    ] {
        let issuer = Issuer::start(&[&OURS]).await;
        issuer.becomes(Mood::Keys(keys));
        takes(&App::with_issuer(&issuer).await, &issuer, what).await;
    }
    let named = |key: &Key| {
        let mut jwk = key.jwk.clone();
        jwk["alg"] = json!("Ed25519");
        jwk
    };
    for jwk in [ed.jwk.clone(), named(&ed)] {
        let issuer = Issuer::start(&[]).await;
        issuer.becomes(Mood::Keys(vec![jwk.clone()]));
        let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_ALGORITHMS", "EdDSA")];
        let app = App::try_start(&variables).await.expect("it starts");
        for alg in ["EdDSA", "Ed25519"] {
            let token =
                ed.sign_with(&json!({"alg": alg, "typ": "at+jwt", "kid": "ed"}), &claims(issuer.url(), json!({})));
            assert_eq!(app.get("/api/items", Some(&token)).await.status, 200, "{alg} by {jwk}");
        }
    }
}

/// Returns the number of lines in `log` with `words`, and asserts that they are warnings.
fn warnings(log: &str, words: &str) -> usize {
    let lines: Vec<_> = log.lines().filter(|line| line.contains(words)).collect();
    assert!(lines.iter().all(|line| line.contains("WARN")), "{log}");
    lines.len()
}

#[tokio::test]
async fn left_out_is_logged_at_warn_once_per_change() {
    let (log, _guard) = Log::start();
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.document(json!({"userinfo_endpoint": "http://i.example/userinfo"}));
    issuer.becomes(Mood::Keys(vec![OURS.jwk.clone(), json!({"kty": "oct", "kid": "s\n", "k": "c2VjcmV0"})]));
    let http = Http::new().expect("a client");
    let discovery = Arc::new(Discovery::new(issuer.url().into(), http.clone()).expect("an issuer"));
    for _ in 0..3 {
        discovery.refresh().await.expect("a document");
    }
    assert_eq!(warnings(&log.take(), "userinfo_endpoint is left out"), 1);
    issuer.document(json!({"revocation_endpoint": "/revoke"}));
    discovery.refresh().await.expect("a document");
    let logged = log.take();
    let counts =
        ["userinfo_endpoint", "revocation_endpoint"].map(|name| warnings(&logged, &format!("{name} is left out")));
    assert_eq!(counts, [0, 1]);

    let algorithms = vec![jsonwebtoken::Algorithm::RS256];
    let keys = KeyCache::start(RemoteKeys { jwks_uri: None, discovery, http, algorithms });
    // Each of these causes another fetch of the keys.
    for _ in 0..2 {
        assert!(keys.keys(Some("unknown"), jsonwebtoken::Algorithm::RS256).await.is_err());
    }
    assert!(issuer.asked() >= 2);
    assert_eq!(warnings(&log.take(), r#"key "s\n" is ignored: it is a symmetric key"#), 1);
}
