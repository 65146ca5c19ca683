//! How the client is registered: origin, redirect URI and secret.

use portcullis_cli::doctor::CheckStatus::{Bad, Good, Warning};
use serde_json::json;

use super::{ORIGIN, at, examined, says, text, whole};
use crate::support::issuer::Welcome;
use crate::support::{Issuer, OURS};

#[tokio::test]
async fn doctor_names_the_origin_that_the_provider_must_allow() {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.document(whole(&issuer));
    for other in ["http://127.0.0.1:4000", "https://127.0.0.1:3999", "http://127.0.0.1:3999/"] {
        issuer.allows_origin(other);
        let report = at(&issuer).await;
        says(&report, "CORS, token", Bad, &[ORIGIN, "no Access-Control-Allow-Origin", "Allow the origin"]);
        // The profile falls back to the ID token.
        says(&report, "CORS, userinfo", Warning, &[ORIGIN, "sign-in works without it"]);
    }
    let site = "https://portcullis.example";
    issuer.allows_origin(site);
    let report = examined(&[("AUTH_ISSUER", issuer.url()), ("SITE_URL", site)]).await;
    says(&report, "CORS, token", Good, &[site]);
    says(&report, "CORS, userinfo", Good, &[site]);
    let report = examined(&[("AUTH_ISSUER", issuer.url()), ("LEPTOS_SITE_ADDR", "0.0.0.0:3000")]).await;
    says(&report, "sign-in", Warning, &["SITE_URL is not set"]);
}

#[tokio::test]
async fn doctor_names_the_redirect_uri_to_register() {
    let issuer = Issuer::start(&[&OURS]).await;
    let register = format!("register exactly this redirect URI: {ORIGIN}/callback");
    let error_page = format!("{}/signin/oauth/error?authError=abc", issuer.url());
    let sign_in = format!("{}/login?state=abc", issuer.url());
    for (welcome, outcome, words) in [
        (Welcome::Page(400, "no such client"), Bad, "status 400"),
        (Welcome::Page(403, "Callback URL mismatch"), Bad, "status 403"),
        (Welcome::Page(200, "AADSTS50011: no reply address"), Bad, "does not know the redirect URI (AADSTS50011)"),
        (Welcome::Page(200, "AADSTS700016: no application"), Bad, "does not know the client ID (AADSTS700016)"),
        (Welcome::Elsewhere(error_page), Bad, "/signin/oauth/error"),
        (Welcome::Page(200, "please sign in"), Warning, "unknown: status 200"),
        (Welcome::Page(503, "busy"), Warning, "unknown: status 503"),
        (Welcome::Page(429, "busy"), Warning, "unknown: status 429"),
        (Welcome::Elsewhere(sign_in), Warning, "unknown: the provider redirects to"),
        (Welcome::Elsewhere(format!("{ORIGIN}/callback/more?error=login_required")), Warning, "unknown"),
    ] {
        issuer.welcomes(welcome);
        let report = at(&issuer).await;
        says(&report, "redirect URI", outcome, &[words, &register, "client ID is web"]);
        assert!(!text(&report).contains("abc"), "{}", text(&report));
    }
    for error in ["login_required", "interaction_required", "consent_required"] {
        issuer.welcomes(Welcome::Back(error, "not shown"));
        let report = at(&issuer).await;
        says(&report, "redirect URI", Good, &["redirects web to http://127.0.0.1:3999/callback"]);
        assert!(!text(&report).contains("rejects the sign-in"), "{}", text(&report));
    }
}

#[tokio::test]
async fn doctor_explains_the_error_of_an_authorization_response() {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.document(json!({"scopes_supported": null}));
    for (error, description, check, words) in [
        ("invalid_target", "", "audience", "Register an API"),
        ("access_denied", "Service not found: https://api.example/", "audience", "identifier https://api.example/"),
        ("invalid_request", "AADSTS901002: resource", "audience", "AUTH_AUDIENCE_PARAMETER"),
        ("unauthorized_client", "", "code flow", "authorization code flow"),
    ] {
        issuer.welcomes(Welcome::Back(error, description));
        let report = at(&issuer).await;
        let one = report.findings().find(|one| one.check == check && one.status == Bad);
        let one = one.unwrap_or_else(|| panic!("{error}: {}", text(&report)));
        assert!(one.seen.contains(error) && one.fix.as_deref().unwrap_or_default().contains(words), "{one:?}");
    }
    issuer.welcomes(Welcome::Back("invalid_scope", "Invalid scopes: read:items\u{1b}[2J"));
    let report = at(&issuer).await;
    let refused = report.findings().filter(|one| one.check == "scopes").last().expect("a finding");
    assert_eq!(refused.status, Bad);
    assert!(text(&report).contains("invalid_scope Invalid scopes: read:items?[2J"), "{}", text(&report));
}

#[tokio::test]
async fn doctor_detects_a_client_that_needs_a_secret() {
    let issuer = Issuer::start(&[&OURS]).await;
    for refusal in [
        json!({"error": "invalid_client"}),
        json!({"error": "unauthorized_client", "error_description": "Invalid client or Invalid client credentials"}),
        json!({"error": "invalid_request", "error_description": "client_secret is missing."}),
        json!({"error": "invalid_request", "error_description": "AADSTS9002326: cross-origin"}),
    ] {
        issuer.refuses_codes_with(refusal.clone());
        says(&at(&issuer).await, "public client", Bad, &["single-page application", "web"]);
    }
    issuer.refuses_codes_with(json!({"error": "invalid_grant"}));
    says(&at(&issuer).await, "public client", Good, &[]);
    // Without information, there is no finding.
    issuer.refuses_codes_with(json!({"error": "invalid_request"}));
    assert!(!at(&issuer).await.findings().any(|one| one.check == "public client"));
}
