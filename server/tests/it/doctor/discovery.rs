//! Discovery documents, signing keys and clocks.

use std::time::{Duration, SystemTime};

use jsonwebtoken::Algorithm;
use portcullis_cli::doctor::CheckStatus::{Bad, Good, Skipped, Warning};
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;

use super::{at, examined, says, text};
use crate::support::issuer::Mood;
use crate::support::{FOREIGN, Issuer, Key, OURS};

#[tokio::test]
async fn doctor_names_why_a_provider_is_unreachable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = free.local_addr().expect("an address");
    let silent = examined(&[("AUTH_ISSUER", &format!("http://{addr}"))]).await;
    says(&silent, "discovery", Bad, &["no complete response within 5 seconds", "this machine can reach it"]);
    drop(free);
    let refused = examined(&[("AUTH_ISSUER", &format!("http://{addr}"))]).await;
    says(&refused, "discovery", Bad, &["nothing listens at this host and port", "AUTH_ISSUER names the right host"]);
    says(&refused, "keys", Skipped, &[]);
    says(&refused, "sign-in", Skipped, &[]);
    let issuer = Issuer::start(&[&OURS]).await;
    let no_tls = examined(&[("AUTH_ISSUER", &issuer.url().replace("http:", "https:"))]).await;
    says(&no_tls, "discovery", Bad, &["TLS failed"]);
}

#[tokio::test]
async fn doctor_names_bad_document_and_where_a_good_one_is() {
    let issuer = Issuer::start(&[&OURS]).await;
    let url = format!("{}/moved", issuer.url());
    let report = examined(&[("AUTH_ISSUER", &url)]).await;
    let elsewhere = format!("{}/.well-known/oauth-authorization-server/moved", issuer.url());
    let meant = format!("did you mean AUTH_ISSUER={}", issuer.url());
    says(&report, "discovery", Bad, &["status 404", "must show JSON", &elsewhere, &meant]);
    let root = format!("{}/.well-known/openid-configuration:", issuer.url());
    says(&report, "discovery", Bad, &[&root]);
    issuer.document(json!({"issuer": 1}));
    says(&at(&issuer).await, "discovery", Bad, &["expected JSON with an issuer"]);
    issuer.document(json!({"jwks_uri": null}));
    says(&at(&issuer).await, "discovery", Bad, &["missing field `jwks_uri`", "must have issuer, jwks_uri"]);
    issuer.document(json!({"token_endpoint": "http://i.example/token"}));
    says(&at(&issuer).await, "discovery", Bad, &["http://i.example/token", "each with https"]);
}

#[tokio::test]
async fn doctor_names_issuer_difference_and_the_value_to_set() {
    let issuer = Issuer::start(&[&OURS]).await;
    let url = issuer.url().to_owned();
    for (found, words) in [
        (format!("{url}/"), "They differ only in the slash at the end"),
        (url.replace("http:", "HTTP:"), "They differ only in upper and lower case"),
        (url.replace("http:", "https:"), "They differ only in http and https"),
        ("https://other.example".to_owned(), "points to a different provider"),
        (format!("{url}/{{tenantid}}/v2.0"), "Put the ID of your tenant into AUTH_ISSUER"),
    ] {
        issuer.claims_to_be(&found);
        let report = at(&issuer).await;
        says(&report, "issuer", Bad, &[&format!("{url:?}"), &format!("{found:?}"), words]);
        if !found.contains('{') {
            says(&report, "issuer", Bad, &[&format!("AUTH_ISSUER={found}")]);
        }
        // The other checks still run.
        says(&report, "keys", Good, &["1 of 1 usable"]);
    }
}

#[tokio::test]
async fn doctor_needs_no_discovery_with_auth_uri_and_no_sign_in() {
    let keys = Issuer::start(&[&OURS]).await;
    let uri = format!("{}/jwks?key=hunter2", keys.url());
    let read = |name: &str| {
        let all = [("AUTH_ISSUER", "http://127.0.0.1:1/"), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_URI", uri.as_str())];
        Ok(all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    };
    let report = portcullis_cli::doctor::examine(
        &server::PROGRAM,
        portcullis_server::config::Config::read(server::PROGRAM.build(), &read),
    )
    .await;
    says(&report, "discovery", Warning, &["the document is not needed"]);
    says(&report, "keys", Good, &["1 of 1 usable"]);
    assert!(!report.is_bad() && !text(&report).contains("hunter2"), "{}", text(&report));
}

#[tokio::test]
async fn doctor_names_each_unusable_key_and_its_fix() {
    let curve = Key::p256("curve");
    let issuer = Issuer::start(&[&curve]).await;
    says(
        &at(&issuer).await,
        "keys",
        Bad,
        &["0 of 1 usable", "key curve is ignored: it is for ES256", "AUTH_ALGORITHMS=ES256"],
    );
    assert!(
        !examined(&[("AUTH_ISSUER", issuer.url()), ("AUTH_ALGORITHMS", "ES256")])
            .await
            .findings()
            .any(|one| one.check == "keys" && one.status != Good)
    );
    let mut encrypts = Key::rsa_for("enc", Algorithm::RS256).jwk;
    encrypts["use"] = json!("enc");
    let mut nasty = encrypts.clone();
    nasty["kid"] = json!("\u{1b}]0;x\u{7}\n");
    issuer.becomes(Mood::Keys(vec![
        encrypts.clone(),
        json!({"kty": "oct", "kid": "s", "k": "c2VjcmV0"}),
        nasty,
        json!(1),
    ]));
    let report = at(&issuer).await;
    says(
        &report,
        "keys",
        Bad,
        &["0 of 4 usable", "key enc is ignored: its use is not sig", "key s is ignored: it is a symmetric key"],
    );
    says(
        &report,
        "keys",
        Bad,
        &["key ?]0;x?? is ignored", "key without an ID is ignored: it cannot be read", "RSA with at least 2048 bits"],
    );
    issuer.becomes(Mood::Keys(vec![encrypts, OURS.jwk.clone()]));
    says(&at(&issuer).await, "keys", Good, &["1 of 2 usable", "key enc is ignored"]);
    issuer.becomes(Mood::Keys(Vec::new()));
    says(&at(&issuer).await, "keys", Bad, &["0 of 0 usable"]);
    issuer.becomes(Mood::Bytes(b"<html>".to_vec()));
    says(&at(&issuer).await, "keys", Bad, &["not a JWK Set"]);
    issuer.becomes(Mood::Down);
    says(&at(&issuer).await, "keys", Bad, &["status 500"]);
    let elsewhere = Issuer::start(&[&FOREIGN]).await;
    issuer.becomes(Mood::Redirect(format!("{}/jwks", elsewhere.url())));
    says(&at(&issuer).await, "keys", Bad, &["redirects are not followed"]);
    assert_eq!(elsewhere.asked(), 0);
}

#[tokio::test]
async fn doctor_names_the_difference_of_clocks() {
    let issuer = Issuer::start(&[&OURS]).await;
    let at_time = async |time: SystemTime| {
        issuer.date(httpdate::fmt_http_date(time));
        at(&issuer).await
    };
    let now = SystemTime::now();
    says(&at_time(now).await, "clock", Good, &[]);
    says(
        &at_time(now + Duration::from_secs(30)).await,
        "clock",
        Warning,
        &["ahead of", "a difference of 5 s is allowed", "NTP"],
    );
    says(&at_time(now - Duration::from_secs(30)).await, "clock", Warning, &["behind"]);
    says(&at_time(now - Duration::from_secs(300)).await, "clock", Bad, &["s behind", "NTP"]);
}
