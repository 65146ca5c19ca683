//! One token, explained: always as the gate decides, with the fix of the known providers.

use portcullis_cli::doctor::CheckStatus::{Bad, Good, Skipped, Warning};
use portcullis_cli::doctor::{CheckStatus, Diagnosis, ProviderKind, explanation};
use portcullis_server::config::AuthConfig;
use portcullis_verifier::test_support::{AUDIENCE, now, part};
use serde_json::{Value, json};

use super::{auth, config, finding, says, text};
use crate::attacks::attacks;
use crate::support::issuer::Mood;
use crate::support::{FOREIGN, Issuer, Key, OURS, claims};

/// What is said of `token`, by an application that trusts `issuer`.
async fn explained(issuer: &Issuer, token: &str) -> Diagnosis {
    portcullis_cli::doctor::explain(&server::PROGRAM, config(&[("AUTH_ISSUER", issuer.url())]), token).await
}

/// Tokens that are wrong in ways that the attacks leave out; each stands for a rule.
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

/// Asserts that the explanation of `token` begins to complain where the gate does.
async fn agrees(token: &str, auth: &AuthConfig) -> Option<String> {
    let explanation =
        explanation(token, auth, ProviderKind::Unknown, server::PROGRAM.registry()).await.expect("it is set up");
    assert_eq!(explanation.first_error(), explanation.verdict().err(), "{token}");
    explanation.verdict().err().map(ToString::to_string)
}

#[tokio::test]
async fn the_explanation_begins_to_complain_where_the_gate_refuses() {
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
async fn it_agrees_with_several_issuers_and_without_keys() {
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

#[tokio::test]
async fn a_good_token_is_told_what_it_opens() {
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
async fn each_fault_is_explained_and_what_comes_after_it_too() {
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
    // One that is wrong in everything is told everything.
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
async fn with_strictness_what_rfc_9068_wants_is_named() {
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
async fn strict_keycloak_token_is_told_the_client_id_mapper() {
    let issuer = Issuer::start(&[&OURS]).await;
    let at = format!("{}/protocol/openid-connect/auth", issuer.url());
    issuer.document(json!({ "authorization_endpoint": at }));
    let token = OURS.sign(&claims(issuer.url(), json!({"client_id": null, "azp": "web"})));
    let strict = config(&[("AUTH_ISSUER", issuer.url()), ("AUTH_STRICT", "true")]);
    let report = portcullis_cli::doctor::explain(&server::PROGRAM, strict, &token).await;
    says(&report, "claims", Bad, &["client_id is missing", "azp", "Hardcoded claim", "Claim value web"]);
    // Of another claim nothing of the kind is said.
    let token = OURS.sign(&claims(issuer.url(), json!({"jti": null})));
    let strict = config(&[("AUTH_ISSUER", issuer.url()), ("AUTH_STRICT", "true")]);
    assert!(
        !text(&portcullis_cli::doctor::explain(&server::PROGRAM, strict, &token).await).contains("Hardcoded claim")
    );
}

#[tokio::test]
async fn token_without_subject_is_named() {
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
async fn the_known_providers_are_told_where_to_set_it() {
    let issuer = Issuer::start(&[&OURS]).await;
    let at = |path: &str| format!("{}{path}", issuer.url());
    let auth0 = json!({"token_endpoint": at("/oauth/token"), "mfa_challenge_endpoint": at("/mfa")});
    let keycloak = json!({"authorization_endpoint": at("/protocol/openid-connect/auth")});
    let entra = json!({"tenant_region_scope": "EU"});
    let okta = json!({"authorization_endpoint": at("/oauth2/default/v1/authorize")});
    let zitadel = json!({"authorization_endpoint": at("/oauth/v2/authorize"), "token_endpoint": at("/oauth/v2/token")});
    let sign = |change| OURS.sign(&claims(issuer.url(), change));
    let graph = "00000003-0000-0000-c000-000000000000";
    let v1 = "https://sts.windows.net/72f988bf/";
    let hs256 = OURS.sign_hs256_with_public_key(&claims(issuer.url(), json!({})));
    let okta_internal =
        OURS.sign_with(&json!({"alg": "RS256", "typ": "application/x+jwt"}), &claims(issuer.url(), json!({})));
    let cases: Vec<(&Value, String, &str, Vec<&str>)> = vec![
        (&auth0, "opaque".into(), "form", vec!["AUTH_AUDIENCE_PARAMETER=audience"]),
        (&auth0, "a.b.c.d.e".into(), "form", vec!["AUTH_AUDIENCE_PARAMETER=audience"]),
        (&auth0, hs256, "header", vec!["Signing Algorithm RS256"]),
        (&auth0, sign(json!({"aud": at("/userinfo")})), "audience", vec!["AUTH_AUDIENCE_PARAMETER=audience"]),
        (
            &keycloak,
            sign(json!({"aud": "account"})),
            "audience",
            vec!["no audience mapper", "Included Custom Audience"],
        ),
        (&keycloak, sign(json!({"aud": null})), "audience", vec!["Included Custom Audience"]),
        (&entra, sign(json!({"aud": graph})), "audience", vec!["this is Microsoft Graph", "scope of your own API"]),
        (&entra, sign(json!({"iss": v1})), "issuer", vec!["requestedAccessTokenVersion", v1]),
        (&okta, okta_internal, "header", vec!["custom authorization server"]),
        (&okta, FOREIGN.sign(&claims(issuer.url(), json!({}))), "key", vec!["org authorization server"]),
        (&zitadel, "opaque".into(), "form", vec!["Auth Token Type JWT"]),
        (&zitadel, sign(json!({"aud": "1"})), "audience", vec!["urn:zitadel:iam:org:project:id:PROJECT-ID:aud"]),
    ];
    for (document, token, check, words) in cases {
        issuer.document(document.clone());
        says(&explained(&issuer, &token).await, check, Bad, &words);
    }
    // A token's own issuer tells who it is from where nothing else does.
    issuer.document(json!({}));
    says(&explained(&issuer, &sign(json!({"iss": v1}))).await, "issuer", Bad, &["requestedAccessTokenVersion"]);
    // Google is known by its address alone; its keys are served here.
    let uri = at("/jwks");
    let google = config(&[("AUTH_ISSUER", "https://accounts.google.com"), ("AUTH_URI", &uri)]);
    says(
        &portcullis_cli::doctor::explain(&server::PROGRAM, google, "ya29.opaque").await,
        "form",
        Bad,
        &["opaque", "Put a provider in between"],
    );
}

#[tokio::test]
async fn nothing_of_a_token_gets_to_the_terminal_that_could_do_harm() {
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
