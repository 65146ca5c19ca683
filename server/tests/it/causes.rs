//! Response, log and doctor use the same message for each reason to reject a token.

use std::collections::BTreeSet;

use http::Method;
use portcullis_cli::doctor::{CheckStatus, ProviderKind, explanation};
use portcullis_server::test_support::Log;
use portcullis_verifier::AuthError;
use portcullis_verifier::test_support::{AUDIENCE, now, part};
use serde_json::json;

use crate::doctor::auth;
use crate::support::app::eventually;
use crate::support::issuer::Mood;
use crate::support::{App, FOREIGN, Issuer, OURS, claims};

/// Returns the name of the cause. Add a new cause here, to [`ALL`], and to the tokens below.
fn name(error: &AuthError) -> &'static str {
    match error {
        AuthError::CredentialsRequired => "no credentials",
        AuthError::BadScheme => "scheme",
        AuthError::BadFormat => "format",
        AuthError::Ambiguous => "two tokens",
        AuthError::Malformed => "malformed",
        AuthError::TooLong => "too long",
        AuthError::HeaderTooLong => "header too long",
        AuthError::Encrypted => "encrypted",
        AuthError::Duplicate(_) => "duplicate",
        AuthError::HeaderMember(_) => "header member",
        AuthError::Type(_) => "type",
        AuthError::Critical => "critical",
        AuthError::EmbeddedKey(_) => "brings key",
        AuthError::Algorithm => "algorithm",
        AuthError::UnknownKey => "unknown key",
        AuthError::KeyNotYetKnown => "key not known yet",
        AuthError::Signature => "signature",
        AuthError::Claim(_) => "claim",
        AuthError::NotActive => "not active",
        AuthError::Expired => "expired",
        AuthError::Audience(_) => "audience",
        AuthError::Issuer(_) => "issuer",
        AuthError::IdToken => "ID token",
        AuthError::SenderConstrained => "sender-constrained",
        AuthError::KeysUnavailable => "no keys",
    }
}

/// The causes that are in the token itself. The doctor reads a token, not an `Authorization` header.
const ALL: usize = 20;

/// Returns at least one token for each cause.
fn tokens(issuer: &str) -> Vec<String> {
    let with = |change| OURS.sign(&claims(issuer, change));
    let header = |header| OURS.sign_with(&header, &claims(issuer, json!({})));
    let plain = json!({"alg": "RS256", "typ": "JWT", "kid": "ours"});
    let text = claims(issuer, json!({})).to_string();
    let long = claims(issuer, json!({"filler": "x".repeat(3_000)})).to_string();
    let twice = |text: &str, member: &str| text.replacen('{', &format!("{{{member},"), 1);
    let usual = r#"{"alg":"RS256","typ":"at+jwt","kid":"ours"}"#;
    vec![
        "opaque".into(),
        "a.b.c".into(),
        with(json!({"filler": "x".repeat(13_000)})),
        header(json!({"alg": "RS256", "kid": "ours", "filler": "x".repeat(4_000)})),
        format!("{}.a.b.c.d", part(&json!({"alg": "dir", "enc": "A256GCM"}))),
        OURS.sign_parts(&twice(usual, r#""kid":"a""#), &text),
        OURS.sign_parts(usual, &twice(&text, r#""scope":"""#)),
        OURS.sign_parts(usual, &twice(&long, r#""scope":"""#)),
        OURS.sign_parts(usual, &twice(&long, r#""iss":"a""#)),
        FOREIGN.sign_parts(usual, &twice(&long, r#""scope":"""#)),
        FOREIGN.sign_parts(usual, &format!("{long}x")),
        header(json!({"kid": "ours"})),
        header(json!({"alg": "RS256", "kid": 1})),
        header(json!({"alg": "RS256", "kid": "ours", "typ": "dpop+jwt"})),
        OURS.sign_with(&plain, &claims(issuer, json!({"typ": "Refresh"}))),
        header(json!({"alg": "RS256", "kid": "ours", "crit": ["b64"]})),
        header(json!({"alg": "RS256", "kid": "ours", "jku": "https://evil.example/"})),
        header(json!({"alg": "none"})),
        FOREIGN.sign(&claims(issuer, json!({}))),
        FOREIGN.sign_parts(usual, &text),
        with(json!({"exp": null})),
        with(json!({"sub": 1})),
        with(json!({"nbf": now() + 3_600, "exp": now() + 7_200})),
        with(json!({"exp": now() - 3_600})),
        with(json!({"aud": "other"})),
        with(json!({"iss": "https://other.example"})),
        OURS.sign_with(&plain, &claims(issuer, json!({"at_hash": "h"}))),
        with(json!({"cnf": {"jkt": "x"}})),
    ]
}

/// Asserts that response, log and doctor reject `token` with the same message. Returns the name of the cause.
async fn agree(app: &App, log: &Log, variables: &[(&str, &str)], token: &str) -> &'static str {
    log.take();
    let answer = app.get("/api/items", Some(token)).await;
    let (_, _, message) = answer.error();
    let logged = log.take();
    assert!(logged.contains(&format!("reason={message}")), "response: {message}\nlog: {logged}");
    assert!(!logged.contains(token), "{logged}");
    let explained = explanation(token, &auth(variables), ProviderKind::Unknown, server::PROGRAM.registry())
        .await
        .expect("it is set up");
    let error = explained.verdict().expect_err("the gate refuses it").clone();
    assert_eq!((error.to_string(), explained.first_error()), (message.clone(), Some(&error)), "{token}");
    let report = portcullis_cli::doctor::explain(&server::PROGRAM, super::doctor::config(variables), token).await;
    let bad: Vec<&str> =
        report.findings().filter(|one| one.status == CheckStatus::Bad).map(|one| one.seen.as_str()).collect();
    assert!(bad[0].ends_with(&format!("({message})")), "{message}: {bad:?}");
    assert_eq!(bad.last(), Some(&&*format!("the gate rejects this token: {message}")));
    name(&error)
}

#[tokio::test]
async fn cause_has_one_message_everywhere() {
    let issuer = Issuer::start(&[&OURS]).await;
    let variables = [("AUTH_ISSUER", issuer.url())];
    let app = App::with_issuer(&issuer).await;
    let (log, _guard) = Log::start();
    let mut causes = BTreeSet::new();
    for token in tokens(issuer.url()) {
        causes.insert(agree(&app, &log, &variables, &token).await);
    }
    issuer.becomes(Mood::Down);
    let app = App::with_issuer(&issuer).await;
    causes.insert(agree(&app, &log, &variables, &OURS.sign(&claims(issuer.url(), json!({})))).await);
    assert_eq!(causes.len(), ALL, "{causes:?}");
}

#[tokio::test]
async fn header_causes_have_one_message_in_response_and_log() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let (log, _guard) = Log::start();
    for (values, error) in [
        (&[][..], AuthError::CredentialsRequired),
        (&["Basic YTpi"], AuthError::BadScheme),
        (&["Bearer"], AuthError::BadFormat),
        (&["Bearer a.b.c", "Bearer a.b.c"], AuthError::Ambiguous),
    ] {
        log.take();
        let headers: Vec<_> = values.iter().map(|value| ("authorization", *value)).collect();
        let answer = app.ask(Method::GET, "/api/items", &headers, None).await;
        assert_eq!(answer.error().2, error.to_string());
        assert!(log.take().contains(&format!("reason={error}")), "{}", name(&error));
    }
}

/// The doctor fetches the keys itself, so a key is never only "not known yet".
#[tokio::test]
async fn key_not_yet_known_has_one_message_in_response_and_log() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let (log, _guard) = Log::start();
    let token = FOREIGN.sign(&claims(issuer.url(), json!({})));
    let mut answer = app.get("/api/items", Some(&token)).await;
    while answer.status == 401 {
        log.take();
        answer = app.get("/api/items", Some(&token)).await;
    }
    assert_eq!(answer.error().2, AuthError::KeyNotYetKnown.to_string());
    assert!(log.take().contains(&format!("reason={}", AuthError::KeyNotYetKnown)));
}

#[tokio::test]
async fn wrong_issuer_is_shown_to_pages_as_wrong_settings() {
    let tells = async |issuer: &str, what: &str| {
        let variables = [("AUTH_ISSUER", issuer), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_CLIENT_ID", "web")];
        let app = App::try_start(&variables).await.expect("it starts");
        eventually(what, || async { app.get("/", None).await.text.contains(&format!(r#">"{what}"<"#)) }).await;
    };
    let issuer = Issuer::start(&[&OURS]).await;
    tells(&format!("{}/nowhere", issuer.url()), "misconfigured").await;
    issuer.claims_to_be("https://other.example");
    tells(issuer.url(), "misconfigured").await;
    // The provider is up again.
    let url = issuer.url().to_owned();
    drop(issuer);
    tells(&url, "unavailable").await;
}
