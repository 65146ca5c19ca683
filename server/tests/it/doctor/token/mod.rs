//! The explanation of a token: it agrees with the gate, and has fixes for known providers.

mod agreement;
mod providers;

use portcullis_cli::doctor::CheckStatus::{Bad, Good, Skipped, Warning};
use portcullis_cli::doctor::{CheckStatus, Diagnosis};
use portcullis_verifier::test_support::{AUDIENCE, now};
use serde_json::{Value, json};

use super::{config, finding, says, text};
use crate::support::{FOREIGN, Issuer, Key, OURS, claims};

/// Explains `token` for an application that trusts `issuer`.
async fn explained(issuer: &Issuer, token: &str) -> Diagnosis {
    portcullis_cli::doctor::explain(&server::PROGRAM, config(&[("AUTH_ISSUER", issuer.url())]), token).await
}

#[tokio::test]
async fn explanation_of_a_good_token_lists_what_it_opens() {
    let issuer = Issuer::start(&[&OURS]).await;
    let report = explained(&issuer, &OURS.sign(&claims(issuer.url(), json!({})))).await;
    assert!(!report.is_bad(), "{}", text(&report));
    for check in ["form", "header", "payload", "issuer", "key", "signature", "kind", "expiry", "audience", "verdict"] {
        says(&report, check, Good, &[]);
    }
    says(&report, "header", Good, &["alg RS256, typ at+jwt, kid ours"]);
    says(&report, "payload", Good, &["claims: aud client_id exp iat iss jti scope sub"]);
    says(&report, "expiry", Good, &["valid for another 9 min"]);
    says(
        &report,
        "scopes",
        Good,
        &["it grants read:items", "GET /api/items", "page /items", "lacks write:items delete:items"],
    );
    says(&report, "verdict", Good, &["the gate accepts this token"]);

    let report = explained(&issuer, &OURS.sign(&claims(issuer.url(), json!({"scope": "openid"})))).await;
    assert!(!report.is_bad(), "{}", text(&report));
    says(
        &report,
        "scopes",
        Warning,
        &["it grants openid", "does not allow GET /api/items: lacks read:items", "Request read:items"],
    );
}

#[tokio::test]
async fn explanation_names_every_error_of_a_token() {
    let issuer = Issuer::start(&[&OURS]).await;
    let sign = |change| OURS.sign(&claims(issuer.url(), change));
    let plain = json!({"alg": "RS256", "typ": "JWT", "kid": "ours"});
    let untyped = |change| OURS.sign_with(&plain, &claims(issuer.url(), change));
    let curve = Key::p256("curve");
    let url = issuer.url();
    let cases: Vec<(String, &str, CheckStatus, Vec<&str>)> = vec![
        ("opaque".into(), "form", Bad, vec!["this has 1", "must issue it as a JWT"]),
        ("a.b.c.d.e".into(), "form", Bad, vec!["five parts: an encrypted token", "signed but not encrypted"]),
        ("a.b.c".into(), "header", Bad, vec!["not a JSON object", "complete"]),
        (OURS.sign_hs256_with_public_key(&claims(url, json!({}))), "header", Bad, vec!["alg HS256", "private key"]),
        (curve.sign(&claims(url, json!({}))), "header", Bad, vec!["alg ES256", "AUTH_ALGORITHMS=ES256"]),
        (sign(json!({"iss": format!("{url}/")})), "issuer", Bad, vec!["slash at its end", "AUTH_ISSUER="]),
        (sign(json!({"iss": "https://x.example"})), "key, signature", Skipped, vec!["no keys to try"]),
        (FOREIGN.sign(&claims(url, json!({}))), "key", Bad, vec!["no key with this ID", "fresh token"]),
        (FOREIGN.sign_with(&plain, &claims(url, json!({}))), "signature", Bad, vec!["it is wrong"]),
        (untyped(json!({"nonce": "n", "at_hash": "h"})), "kind", Bad, vec!["at_hash nonce", "not id_token"]),
        (
            sign(json!({"cnf": {"jkt": "x"}})),
            "sender",
            Bad,
            vec!["bound to a key of its sender", "plain bearer tokens"],
        ),
        (sign(json!({"iat": now() + 3600})), "issued at", Good, vec!["issued in the future"]),
        (
            sign(json!({"permissions": ["a"]})),
            "scopes",
            Good,
            vec!["permissions gives no rights", "AUTH_RIGHTS_CLAIMS"],
        ),
        (untyped(json!({"s_hash": "h"})), "kind", Bad, vec!["s_hash", "not id_token"]),
        (untyped(json!({"typ": "Refresh"})), "kind", Bad, vec!["typ is Refresh", "refresh token"]),
        (sign(json!({"exp": now() - 185})), "expiry", Bad, vec!["expired 3 min ago", "Sign in again"]),
        (
            sign(json!({"nbf": now() + 120, "exp": now() + 600})),
            "not before",
            Bad,
            vec!["not valid for another", "clock"],
        ),
        (sign(json!({"exp": null})), "audience", Skipped, vec!["cannot be read"]),
        (sign(json!({"aud": "web"})), "audience", Bad, vec!["aud web", "AUTH_CLIENT_ID", AUDIENCE]),
        (sign(json!({"aud": null})), "audience", Bad, vec!["no aud", "AUTH_AUDIENCE=client_id=ID"]),
        (sign(json!({"aud": AUDIENCE.trim_end_matches('/')})), "audience", Bad, vec!["slash at its end"]),
        (sign(json!({"aud": format!("{url}/userinfo")})), "audience", Bad, vec!["userinfo endpoint"]),
    ];
    for (token, check, outcome, words) in cases {
        says(&explained(&issuer, &token).await, check, outcome, &words);
    }
    // If several checks fail, all of them are reported.
    let all = FOREIGN.sign_with(
        &plain,
        &claims(
            url,
            json!({"nonce": "n", "at_hash": "h", "nbf": now() + 60, "exp": now() + 600, "aud": "x", "scope": null}),
        ),
    );
    let report = explained(&issuer, &all).await;
    for check in ["signature", "kind", "not before", "audience", "verdict"] {
        says(&report, check, Bad, &[]);
    }
    says(&report, "expiry", Good, &[]);
    says(&report, "scopes", Warning, &[]);
}

#[tokio::test]
async fn explanation_with_auth_strict_names_rfc_9068_claims() {
    let issuer = Issuer::start(&[&OURS]).await;
    let strict = |token: String| {
        let config = config(&[("AUTH_ISSUER", issuer.url()), ("AUTH_STRICT", "true")]);
        async move { portcullis_cli::doctor::explain(&server::PROGRAM, config, &token).await }
    };
    let plain = json!({"alg": "RS256", "typ": "JWT", "kid": "ours"});
    let report = strict(OURS.sign_with(&plain, &claims(issuer.url(), json!({})))).await;
    says(&report, "kind", Bad, &["at+jwt", "AUTH_STRICT=true"]);
    let report = strict(OURS.sign(&claims(issuer.url(), json!({"jti": null})))).await;
    says(&report, "claims", Bad, &["jti is missing", "RFC 9068"]);
    says(&strict(OURS.sign(&claims(issuer.url(), json!({})))).await, "claims", Good, &["every claim of RFC 9068"]);
}

#[tokio::test]
async fn explanation_names_a_missing_subject() {
    let issuer = Issuer::start(&[&OURS]).await;
    let sign = |subject: Value| OURS.sign(&claims(issuer.url(), json!({"sub": subject})));
    for missing in [json!(null), json!(""), json!(" ")] {
        let report = explained(&issuer, &sign(missing)).await;
        says(&report, "subject", Warning, &["sub is missing or empty", "cannot create"]);
        says(&report, "verdict", Good, &[]);
    }
    says(&explained(&issuer, &sign(json!("ada"))).await, "subject", Good, &["sub names a user"]);
    assert!(!text(&explained(&issuer, &sign(json!("a-private-name"))).await).contains("a-private-name"));
    let at = format!("{}/protocol/openid-connect/auth", issuer.url());
    issuer.document(json!({ "authorization_endpoint": at }));
    let report = explained(&issuer, &sign(json!(null))).await;
    says(&report, "subject", Warning, &["client scope basic", "lightweight access token"]);
}

#[tokio::test]
async fn explanation_prints_no_control_characters_of_a_token() {
    let issuer = Issuer::start(&[&OURS]).await;
    let evil = "\u{1b}[2J\u{9b}31m\u{202e}\r\n\u{7}";
    let header = json!({"alg": "RS256", "typ": evil, "kid": format!("{evil}{}", "k".repeat(500))});
    let mut change = json!({"iss": evil, "aud": [evil], "scope": format!("a{evil}"), "typ": evil, "nonce": evil});
    change[evil] = json!(evil);
    for token in
        [OURS.sign_with(&header, &claims(issuer.url(), change.clone())), OURS.sign(&claims(issuer.url(), change))]
    {
        let report = explained(&issuer, &token).await;
        let text = text(&report);
        assert!(text.contains("?[2J?31m?"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\r', '\u{7}']), "{text:?}");
        assert!(!text.contains(&"k".repeat(101)), "{text}");
        let header = finding(&report, "header");
        assert!(!header.seen.contains('\n'), "{header:?}");
    }
}
