//! The requirements of the provider for the client, and the redirect after sign-out.

use portcullis_cli::doctor::CheckStatus::{Bad, Good, Skipped, Warning};
use serde_json::json;

use super::{ORIGIN, at, finding, says, text, whole};
use crate::support::issuer::Welcome;
use crate::support::{Issuer, OURS};

/// Starts a provider without mistakes.
async fn good() -> Issuer {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.document(whole(&issuer));
    issuer.allows_origin(ORIGIN);
    issuer
}

#[tokio::test]
async fn client_that_must_use_dpop_is_bad() {
    let issuer = good().await;
    for refusal in [
        json!({"error": "invalid_request", "error_description": "DPoP proof is missing"}),
        json!({"error": "invalid_dpop_proof", "error_description": "The proof is missing."}),
        json!({"error": "use_dpop_nonce"}),
    ] {
        issuer.refuses_codes_with(refusal.clone());
        let report = at(&issuer).await;
        says(&report, "DPoP", Bad, &["nobody can sign in", "Turn off DPoP", "web"]);
        assert!(report.is_bad() && !text(&report).contains("no secret, auth"), "{refusal}: {}", text(&report));
    }
}

#[tokio::test]
async fn sign_in_page_whose_script_names_dpop_is_no_refusal() {
    let issuer = good().await;
    issuer
        .welcomes(Welcome::Page(200, "<script>const dpop = 'Pushed Authorization Request is only allowed.'</script>"));
    let report = at(&issuer).await;
    assert!(report.findings().all(|one| one.check != "DPoP" && one.check != "PAR"), "{}", text(&report));
}

#[tokio::test]
async fn client_that_must_push_its_requests_is_bad() {
    let issuer = good().await;
    issuer.welcomes(Welcome::Back("invalid_request", "Pushed Authorization Request is only allowed."));
    says(&at(&issuer).await, "PAR", Bad, &["nobody can sign in", "is only allowed", "Do not require"]);
    issuer.welcomes(Welcome::Page(400, "Pushed Authorization Request is only allowed."));
    says(&at(&issuer).await, "PAR", Bad, &["status 400"]);
    let everybody = good().await;
    let mut document = whole(&everybody);
    document["require_pushed_authorization_requests"] = json!(true);
    everybody.document(document);
    let report = at(&everybody).await;
    says(&report, "PAR", Bad, &["require_pushed_authorization_requests"]);
    assert!(report.is_bad());
}

#[tokio::test]
async fn disabled_client_is_not_blamed_on_the_redirect_uri() {
    let issuer = good().await;
    issuer.welcomes(Welcome::Page(400, "<p>Client disabled.</p>"));
    issuer.refuses_codes_with(json!({"error": "invalid_client", "error_description": "Client disabled"}));
    let report = at(&issuer).await;
    says(&report, "client", Bad, &["is disabled", "Enable the client web"]);
    assert!(!text(&report).contains("register this redirect URI"), "{}", text(&report));
    assert!(!text(&report).contains("make it a public client"), "{}", text(&report));
    assert_eq!(report.findings().filter(|one| one.check == "client").count(), 1, "once");
}

#[tokio::test]
async fn methods_without_none_count_if_the_provider_is_silent() {
    let issuer = good().await;
    let check = "client authentication";
    let listing = |methods: &[&str]| {
        let mut document = whole(&issuer);
        document["token_endpoint_auth_methods_supported"] = json!(methods);
        issuer.document(document);
    };
    listing(&["client_secret_basic", "none"]);
    says(&at(&issuer).await, check, Good, &["lists none"]);
    listing(&["client_secret_basic", "private_key_jwt"]);
    says(
        &at(&issuer).await,
        check,
        Good,
        &["client_secret_basic private_key_jwt", "accepts this client without a secret"],
    );
    issuer.refuses_codes_with(json!({"error": "invalid_request"}));
    says(&at(&issuer).await, check, Warning, &["does not list none", "make it a public client"]);
    issuer.refuses_codes_with(json!({"error": "invalid_client"}));
    let report = at(&issuer).await;
    says(&report, check, Warning, &["does not list none"]);
    assert!(report.is_bad());
}

#[tokio::test]
async fn post_logout_uri_that_is_refused_is_a_warning() {
    let issuer = good().await;
    let check = "post-logout redirect URI";
    says(&at(&issuer).await, check, Good, &["no end-session endpoint"]);
    let mut document = whole(&issuer);
    document["end_session_endpoint"] = json!(format!("{}/logout", issuer.url()));
    issuer.document(document);
    says(&at(&issuer).await, check, Good, &["does not reject", &format!("{ORIGIN}/")]);
    let heard = issuer.heard().join(" ");
    assert!(heard.contains("post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A3999%2F&"), "{heard}");
    assert!(!heard.contains("id_token_hint"), "nobody's session is named: {heard}");
    issuer.says_farewell_with(Welcome::Back("", ""));
    says(&at(&issuer).await, check, Good, &["sends people back"]);
    for farewell in [Welcome::Page(400, "Invalid redirect uri"), Welcome::Elsewhere("/oauth2/error?code=1".into())] {
        issuer.says_farewell_with(farewell);
        let report = at(&issuer).await;
        says(&report, check, Warning, &["error page", &format!("with the slash at the end: {ORIGIN}/")]);
        assert!(!report.is_bad(), "people can sign in: {}", text(&report));
    }
}

#[tokio::test]
async fn answer_without_a_date_is_no_clock_warning() {
    let issuer = good().await;
    issuer.date(String::new());
    let report = at(&issuer).await;
    says(&report, "clock", Skipped, &["no Date"]);
    assert!(finding(&report, "clock").fix.is_none(), "{}", text(&report));
}
