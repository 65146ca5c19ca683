//! The attack table: every bad token against every guarded endpoint, REST and server function alike.

mod table;

use std::collections::BTreeSet;

use app::registry::REGISTRY;
use http::Method;
use portcullis::{DeclaredEndpoint, Surface};
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;

use crate::support::{Answer, App, Issuer, OURS, claims};
pub use table::attacks;
use table::{Attack, UNKNOWN_KID};

/// Returns the attack with every scope except those that `endpoint` requires.
fn other_scopes(issuer: &str, endpoint: &DeclaredEndpoint) -> Attack {
    let needed = endpoint.right.access.scopes();
    let others = REGISTRY.scopes().into_iter().filter(|name| needed.iter().all(|scope| scope.0 != *name));
    let scope = others.collect::<Vec<_>>().join(" ");
    Attack {
        name: "every other scope",
        header: Some(format!("Bearer {}", OURS.sign(&claims(issuer, json!({ "scope": scope }))))),
        expected: (403, "insufficient_scope", "Insufficient scope".into()),
    }
}

async fn send(app: &App, endpoint: &DeclaredEndpoint, header: Option<&str>) -> Answer {
    let headers: Vec<_> = header.iter().map(|value| ("authorization", *value)).collect();
    let path = endpoint.path.replace("{id}", "65f0c0ffee0123456789abcd");
    let method = Method::from_bytes(endpoint.method.as_str().as_bytes()).expect("a method");
    match endpoint.surface {
        Surface::Rest => app.ask(method, &path, &headers, None).await,
        Surface::ServerFn => app.ask(Method::POST, &path, &headers, Some("id=65f0c0ffee0123456789abcd")).await,
    }
}

/// Returns the endpoint that requires no scope.
const IDENTIFY: &str = "/rpc/session/identify";

#[tokio::test]
async fn bad_token_is_rejected_alike_by_every_endpoint() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let mut tried = BTreeSet::new();
    for endpoint in REGISTRY.endpoints() {
        let all = attacks(issuer.url()).into_iter().chain([other_scopes(issuer.url(), endpoint)]);
        // This endpoint requires no scope, so none can be missing.
        let needs_scopes = !endpoint.right.access.scopes().is_empty();
        for attack in all.filter(|attack| needs_scopes || attack.expected.1 != "insufficient_scope") {
            let answer = send(&app, endpoint, attack.header.as_deref()).await;
            let (status, code, message) = answer.error();
            let (expected_status, expected_code, expected_message) = &attack.expected;
            let what = format!("{} against {}: {}", attack.name, endpoint.path, answer.text);
            tried.insert((endpoint.method.as_str(), endpoint.path, attack.name));
            if attack.name == UNKNOWN_KID && status == 503 {
                // After so many fetches, no further fetch may start immediately.
                assert_eq!(code, "key_not_yet_known", "{what}");
                assert_eq!(answer.header("retry-after"), "12", "{what}");
                continue;
            }
            assert_eq!(
                (status, code.as_str(), &message),
                (*expected_status, *expected_code, expected_message),
                "{what}"
            );
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{what}");
        }
    }
    // Otherwise a missing attack would go unnoticed.
    let rest = ["/api/items", "/api/item/single/{id}", "/api/items/{id}", "/api/items/{id}/restore"];
    let rpc = ["get", "list", "create", "update", "delete", "restore"].map(|name| format!("/rpc/items/{name}"));
    for path in rest.into_iter().chain(rpc.iter().map(String::as_str)).chain([IDENTIFY]) {
        for name in [
            "no header",
            "another scheme",
            "three words",
            "a tampered payload",
            "a tampered signature",
            "alg none",
            "HS256 with the public key",
            "a foreign key under a known kid",
            UNKNOWN_KID,
            "an unknown kid, expired",
            "expired",
            "not yet valid",
            "a wrong issuer",
            "no issuer",
            "a wrong audience",
            "no audience",
            "no expiry",
            "an ID token with the API's audience",
            "a missing scope",
            "every other scope",
        ] {
            if path == IDENTIFY && matches!(name, "a missing scope" | "every other scope") {
                continue;
            }
            let methods: Vec<_> = REGISTRY.endpoints().filter(|one| one.path == path).collect();
            assert!(!methods.is_empty(), "{path} is not declared");
            for endpoint in methods {
                let method = endpoint.method.as_str();
                assert!(tried.contains(&(method, path, name)), "{name} was not tried against {method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn attack_base_token_is_accepted() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    for endpoint in REGISTRY.endpoints() {
        // Only the scope that it requires.
        let scope: Vec<_> = endpoint.right.access.scopes().iter().map(|scope| scope.0).collect();
        let bearer = format!("Bearer {}", OURS.sign(&claims(issuer.url(), json!({"scope": scope.join(" ")}))));
        // The item and the body do not exist. The handler says so, so the gate accepted the request.
        let status = send(&app, endpoint, Some(&bearer)).await.status;
        assert!(matches!(status, 200 | 400 | 404 | 428), "{}: {status}", endpoint.path);
    }
}

#[tokio::test]
async fn auth_strict_requires_everything_of_rfc_9068() {
    let issuer = Issuer::start(&[&OURS]).await;
    let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_STRICT", "true")];
    let strict = App::try_start(&variables).await.expect("it starts");
    let usual = App::with_issuer(&issuer).await;
    let typed = |typ| json!({"alg": "RS256", "typ": typ, "kid": "ours"});
    let complete = claims(issuer.url(), json!({}));
    for typ in ["at+jwt", "application/at+jwt"] {
        let token = OURS.sign_with(&typed(typ), &complete);
        assert_eq!(strict.get("/api/items", Some(&token)).await.status, 200, "{typ}");
    }
    let plain = OURS.sign_with(&typed("JWT"), &complete);
    assert_eq!(strict.get("/api/items", Some(&plain)).await.error().2, "jwt type invalid. expected: at+jwt");
    assert_eq!(usual.get("/api/items", Some(&plain)).await.status, 200);
    for name in ["sub", "client_id", "iat", "jti"] {
        let token = OURS.sign(&claims(issuer.url(), json!({name: null})));
        assert_eq!(strict.get("/api/items", Some(&token)).await.error().2, format!("invalid {name} value"));
        assert_eq!(usual.get("/api/items", Some(&token)).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn scopes_in_the_form_of_each_provider_are_read() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    for grants in [
        json!({"scope": "openid read:items"}),
        json!({"scope": ["openid", "read:items"]}),
        json!({"scope": null, "scp": "read:items"}),
        json!({"scope": null, "scp": ["read:items"]}),
    ] {
        let token = OURS.sign(&claims(issuer.url(), grants.clone()));
        assert_eq!(app.get("/api/items", Some(&token)).await.status, 200, "{grants}");
    }
    for grants in [
        json!({"scope": "read:item"}),
        json!({"scope": "READ:ITEMS"}),
        json!({"scope": {"read:items": true}}),
        json!({"scope": "openid", "permissions": ["read:items"]}),
    ] {
        let token = OURS.sign(&claims(issuer.url(), grants.clone()));
        assert_eq!(app.get("/api/items", Some(&token)).await.status, 403, "{grants}");
    }
}
