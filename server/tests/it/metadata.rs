//! The protected resource metadata (RFC 9728): its path and content, which follow the registry.

use app::registry::REGISTRY;
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;

use crate::support::{App, Issuer, OURS};

const PATH: &str = "/.well-known/oauth-protected-resource";

#[tokio::test]
async fn metadata_names_the_issuer_and_scopes_of_the_registry() {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let answer = app.get(PATH, None).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(
        answer.json(),
        json!({
            // The resource must be the URL without the well-known path. Otherwise clients must not use it (§3.3).
            "resource": app.url,
            "authorization_servers": [issuer.url()],
            "scopes_supported": REGISTRY.scopes(),
            "bearer_methods_supported": ["header"],
            "resource_name": "Portcullis",
        })
    );
}

#[tokio::test]
async fn metadata_behind_a_proxy_names_the_public_address() {
    let issuers = "https://one.example https://two.example";
    let variables = [
        ("AUTH_ISSUER", issuers),
        ("AUTH_AUDIENCE", &format!("{AUDIENCE} {AUDIENCE}")),
        ("AUTH_URI", "https://one.invalid/jwks https://two.invalid/jwks"),
        ("SITE_URL", "https://portcullis.example/"),
    ];
    let app = App::try_start(&variables).await.expect("it starts");
    let metadata = app.get(PATH, None).await.json();
    assert_eq!(metadata["resource"], "https://portcullis.example");
    assert_eq!(metadata["authorization_servers"], json!(["https://one.example", "https://two.example"]));
    let challenge = app.get("/api/items", None).await;
    let expected = format!(r#"Bearer resource_metadata="https://portcullis.example{PATH}""#);
    assert_eq!(challenge.header("www-authenticate"), expected);
}

#[tokio::test]
async fn metadata_without_a_known_address_is_404() {
    let variables = [
        ("LEPTOS_SITE_ADDR", "0.0.0.0:0"),
        ("AUTH_ISSUER", "https://one.example"),
        ("AUTH_AUDIENCE", AUDIENCE),
        ("AUTH_URI", "https://one.invalid/jwks"),
    ];
    let app = App::try_start(&variables).await.expect("it starts");
    assert_eq!(app.get(PATH, None).await.status, 404);
    assert_eq!(app.get("/api/items", None).await.header("www-authenticate"), "Bearer");
}
