//! The explanation of a token and the gate agree on every token.

use portcullis_cli::doctor::{ProviderKind, explanation};
use portcullis_server::config::AuthConfig;
use portcullis_verifier::test_support::{AUDIENCE, now, part};
use serde_json::{Value, json};

use crate::attacks::attacks;
use crate::doctor::auth;
use crate::support::issuer::Mood;
use crate::support::{FOREIGN, Issuer, OURS, claims};

/// Invalid tokens that the attacks do not contain, one for each rule.
fn more(issuer: &str) -> Vec<String> {
    let with = |change| OURS.sign(&claims(issuer, change));
    let plain = json!({"alg": "RS256", "typ": "JWT", "kid": "ours"});
    let untyped = |change| OURS.sign_with(&plain, &claims(issuer, change));
    let header = |header: Value| OURS.sign_with(&header, &claims(issuer, json!({})));
    let encrypted = format!("{}.a.b.c.d", part(&json!({"alg": "dir", "enc": "A256GCM"})));
    vec![
        with(json!({})),
        untyped(json!({})),
        with(json!({"scope": null})),
        "opaque".into(),
        "two.parts".into(),
        "a.b.c".into(),
        "..".into(),
        format!("{}.e30.", "A".repeat(5000)),
        encrypted,
        with(json!({"exp": now() - 60, "aud": "other"})),
        with(json!({"exp": now() - 60, "nbf": now() + 60, "aud": null, "sub": 1})),
        with(json!({"exp": -1e300})),
        with(json!({"nbf": 1e300})),
        with(json!({"iat": "today"})),
        with(json!({"nbf": [1]})),
        with(json!({"sub": 1})),
        with(json!({"sub": null})),
        with(json!({"iss": 1})),
        with(json!({"iss": null, "exp": 1})),
        with(json!({"client_id": null})),
        with(json!({"iat": null})),
        with(json!({"iat": now() + 3600, "aud": "other"})),
        with(json!({"cnf": {"jkt": "x"}, "exp": 1})),
        with(json!({"token_use": "access", "aud": null})),
        untyped(json!({"token_use": "id"})),
        with(json!({"jti": 7})),
        with(json!({"aud": [1, 2]})),
        untyped(json!({"at_hash": "x", "aud": "web"})),
        untyped(json!({"c_hash": "x", "exp": 1})),
        untyped(json!({"typ": "ID"})),
        untyped(json!({"typ": "Bearer", "nonce": "n"})),
        untyped(json!({"typ": "Offline", "events": {}, "exp": "x"})),
        header(json!({"alg": "RS256", "typ": "at+jwt"})),
        header(json!({"alg": "RS256", "kid": 1})),
        header(json!({"alg": "ES256", "kid": "ours"})),
        header(json!({"alg": "HS256", "kid": "ours", "typ": "dpop+jwt"})),
        header(json!({"alg": "RS256", "kid": "ours", "jku": "https://evil.example/"})),
        header(json!({"alg": "RS256", "kid": "\u{1b}[2J"})),
        FOREIGN.sign(&claims("https://evil.example/", json!({"aud": "other"}))),
        FOREIGN.sign_with(&plain, &claims(issuer, json!({"aud": "other", "nonce": "n"}))),
    ]
}

/// Asserts that the first failed check in the explanation of `token` is the one of the gate.
async fn agrees(token: &str, auth: &AuthConfig) -> Option<String> {
    let explanation =
        explanation(token, auth, ProviderKind::Unknown, server::PROGRAM.registry()).await.expect("it is set up");
    assert_eq!(explanation.first_error(), explanation.verdict().err(), "{token}");
    explanation.verdict().err().map(ToString::to_string)
}

#[tokio::test]
async fn explanation_has_the_same_first_error_as_the_gate() {
    let issuer = Issuer::start(&[&OURS]).await;
    let lax = auth(&[("AUTH_ISSUER", issuer.url())]);
    let strict = auth(&[("AUTH_ISSUER", issuer.url()), ("AUTH_STRICT", "true")]);
    let (mut tried, mut refused) = (0, std::collections::BTreeSet::new());
    for attack in attacks(issuer.url()) {
        if !matches!(attack.expected.1, "invalid_token" | "insufficient_scope") {
            continue;
        }
        let header = attack.header.expect("a header");
        let token = header.strip_prefix("Bearer ").expect("a bearer token");
        let expected = (attack.expected.0 == 401).then_some(attack.expected.2);
        assert_eq!(agrees(token, &lax).await, expected, "{}", attack.name);
        agrees(token, &strict).await;
        tried += 1;
    }
    assert!(tried > 30, "{tried}");
    for token in more(issuer.url()) {
        refused.extend(agrees(&token, &lax).await);
        refused.extend(agrees(&token, &strict).await);
    }
    assert!(refused.len() > 12, "{refused:?}");
}

#[tokio::test]
async fn explanation_agrees_for_several_issuers_and_without_keys() {
    let (first, second) = (Issuer::start(&[&OURS]).await, Issuer::start(&[&FOREIGN]).await);
    let issuers = format!("{} {}", first.url(), second.url());
    let both = auth(&[("AUTH_ISSUER", &issuers), ("AUTH_AUDIENCE", &format!("{AUDIENCE} other"))]);
    for key in [&*OURS, &*FOREIGN] {
        for issuer in [first.url(), second.url(), "https://third.example"] {
            for audience in [AUDIENCE, "other"] {
                agrees(&key.sign(&claims(issuer, json!({"aud": audience}))), &both).await;
            }
        }
    }
    let good = FOREIGN.sign(&claims(second.url(), json!({"aud": "other"})));
    assert_eq!(agrees(&good, &both).await, None);
    first.becomes(Mood::Down);
    let down = auth(&[("AUTH_ISSUER", first.url())]);
    let said = agrees(&OURS.sign(&claims(first.url(), json!({}))), &down).await;
    assert_eq!(said.as_deref(), Some("The identity provider's signing keys are not available. Try again later"));
}
