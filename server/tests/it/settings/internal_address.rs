//! AUTH_INTERNAL_URL: a provider that the server reaches at another address than browsers do.

use http::Method;
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;

use crate::support::app::eventually;
use crate::support::{App, Issuer, OURS, claims};

/// An application whose provider is public at `https://id.example`, and reached at the address of `issuer`.
async fn behind(issuer: &Issuer, internal: &str, more: &[(&str, &str)]) -> App {
    let variables = [
        ("AUTH_ISSUER", "https://id.example"),
        ("AUTH_AUDIENCE", AUDIENCE),
        ("AUTH_CLIENT_ID", "web"),
        ("AUTH_INTERNAL_URL", internal),
    ];
    issuer.document(json!({"authorization_endpoint": "https://id.example/authorize"}));
    App::try_start(&[&variables[..], more].concat()).await.expect("it starts")
}

#[tokio::test]
async fn provider_is_reached_at_its_internal_address() {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.claims_to_be("https://id.example");
    let app = behind(&issuer, issuer.url(), &[]).await;
    let token = OURS.sign(&claims("https://id.example", json!({})));
    assert_eq!(app.get("/api/items", Some(&token)).await.status, 200);
    let internal = OURS.sign(&claims(issuer.url(), json!({})));
    assert_eq!(app.get("/api/items", Some(&internal)).await.status, 401, "the issuer is the public one");
    // Browsers get only public addresses, in the page and in its policy.
    eventually("the page names the provider", || async {
        app.get("/", None).await.text.contains("https://id.example/token")
    })
    .await;
    let page = app.get("/", None).await;
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.contains("https://id.example"), "{policy}");
    assert!(!policy.contains(issuer.url()) && !page.text.contains(issuer.url()), "{policy}");
}

#[tokio::test]
async fn internal_address_does_not_change_the_issuer_check() {
    let issuer = Issuer::start(&[&OURS]).await;
    for other in ["https://id.example/", "https://ID.example", issuer.url(), "https://other.example"] {
        issuer.claims_to_be(other);
        let app = behind(&issuer, issuer.url(), &[]).await;
        let token = OURS.sign(&claims("https://id.example", json!({})));
        assert_eq!(app.get("/api/items", Some(&token)).await.status, 503, "{other}");
        assert_eq!(issuer.asked(), 0, "no keys are asked for on the word of another: {other}");
    }
}

#[tokio::test]
async fn plain_http_inside_takes_an_explicit_opt_in() {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.claims_to_be("https://id.example");
    // The same listener at an address that does not look local.
    let named = issuer.url().replace("127.0.0.1", "0.0.0.0");
    issuer.document(json!({"authorization_endpoint": "https://id.example/authorize"}));
    let variables = [
        ("AUTH_ISSUER", "https://id.example"),
        ("AUTH_AUDIENCE", AUDIENCE),
        ("AUTH_CLIENT_ID", "web"),
        ("AUTH_INTERNAL_URL", &named),
    ];
    let refused = App::try_start(&variables).await.err().expect("it does not start").to_string();
    assert!(refused.starts_with("AUTH_INTERNAL_URL is ") && refused.contains("AUTH_INTERNAL_HTTP=true"), "{refused}");
    let app = App::try_start(&[&variables[..], &[("AUTH_INTERNAL_HTTP", "true")]].concat()).await.expect("it starts");
    // Its keys are on loopback, which is always allowed.
    let token = OURS.sign(&claims("https://id.example", json!({})));
    assert_eq!(app.get("/api/items", Some(&token)).await.status, 200);
    issuer.document(json!({
        "authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": format!("{named}/token"),
        "jwks_uri": "https://id.example/jwks",
    }));
    let app = App::try_start(&[&variables[..], &[("AUTH_INTERNAL_HTTP", "true")]].concat()).await.expect("it starts");
    assert_eq!(app.get("/api/items", Some(&token)).await.status, 200, "its keys are read inside");
    let page = app.send(Method::GET, "/", &[], None).await;
    assert!(!page.text.contains("0.0.0.0"), "{}", page.text);
}

#[tokio::test]
async fn doctor_asks_at_the_internal_address() {
    use portcullis_server::config::Config;

    let issuer = Issuer::start(&[&OURS]).await;
    issuer.claims_to_be("https://id.example");
    issuer.document(json!({
        "authorization_endpoint": "https://id.example/authorize", "token_endpoint": "https://id.example/token",
    }));
    let read = |name: &str| {
        let all = [
            ("AUTH_ISSUER", "https://id.example"),
            ("AUTH_AUDIENCE", AUDIENCE),
            ("AUTH_CLIENT_ID", "web"),
            ("AUTH_INTERNAL_URL", issuer.url()),
            ("LEPTOS_SITE_ADDR", "127.0.0.1:3999"),
        ];
        Ok(all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    };
    let report = portcullis_cli::doctor::examine(&server::PROGRAM, Config::read(server::PROGRAM.build(), &read)).await;
    let outcome = |check: &str| report.findings().find(|one| one.check == check).map(|one| one.status);
    for check in ["discovery", "issuer", "keys", "redirect URI"] {
        let text = portcullis_cli::doctor::text(&report, false);
        assert_eq!(outcome(check), Some(portcullis_cli::doctor::CheckStatus::Good), "{check}: {text}");
    }
    assert_eq!(issuer.heard().len(), 2, "the authorization request and the token request");
}
