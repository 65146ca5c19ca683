//! The findings about a provider, for each issuer and for the development provider.

use portcullis_cli::doctor::CheckStatus::{Bad, Good, Warning};
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;

use super::{ORIGIN, at, config, examined, finding, says, text, whole};
use crate::support::issuer::Mood;
use crate::support::{App, FOREIGN, Issuer, OURS};

#[tokio::test]
async fn doctor_of_a_sound_provider_finds_nothing_wrong() {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.document(whole(&issuer));
    issuer.allows_origin(ORIGIN);
    let report = at(&issuer).await;
    assert!(report.findings().all(|one| one.status == Good && one.fix.is_none()), "{}", text(&report));
    for check in [
        "configuration",
        "discovery",
        "issuer",
        "clock",
        "keys",
        "audience",
        "code flow",
        "PKCE",
        "scopes",
        "redirect URI",
        "CORS, token",
        "public client",
        "CORS, userinfo",
        "post-logout redirect URI",
    ] {
        finding(&report, check);
    }
    // The doctor sends the same request as the client.
    let heard = issuer.heard().join(" ");
    for word in [
        "response_type=code",
        "client_id=web",
        "redirect_uri=http%3A%2F%2F127.0.0.1%3A3999%2Fcallback",
        "prompt=none",
        "code_challenge_method=S256",
        "audience=https%3A%2F%2Fapi.example%2F",
        "read%3Aitems",
        "grant_type=authorization_code",
    ] {
        assert!(heard.contains(word), "{word}: {heard}");
    }
}

#[tokio::test]
async fn doctor_stops_after_a_configuration_error() {
    let report = examined(&[("AUTH_ISSUER", "i.example")]).await;
    let fault = config(&[("AUTH_ISSUER", "i.example")]).expect_err("a fault").to_string();
    says(&report, "configuration", Bad, &[&fault]);
    assert_eq!(report.findings().count(), 1);
    assert!(report.is_bad());
}

#[tokio::test]
async fn doctor_names_what_the_provider_does_not_support() {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.document(json!({
        "response_types_supported": ["id_token"], "code_challenge_methods_supported": ["plain"],
        "scopes_supported": ["openid", "profile", "email", "read:items"],
    }));
    let report = at(&issuer).await;
    says(&report, "code flow", Bad, &["does not support code, only id_token"]);
    says(&report, "PKCE", Bad, &["does not support S256, only plain"]);
    says(
        &report,
        "scopes",
        Warning,
        &[
            "does not list: write:items delete:items admin:items",
            "Check that write:items delete:items admin:items exist",
        ],
    );
    issuer.document(json!({}));
    let report = at(&issuer).await;
    for check in ["code flow", "PKCE", "scopes"] {
        says(&report, check, Warning, &["the provider does not"]);
    }
}

#[tokio::test]
async fn doctor_warns_of_an_audience_that_no_token_will_have() {
    let issuer = Issuer::start(&[&OURS]).await;
    let auth0 =
        json!({"token_endpoint": format!("{}/oauth/token", issuer.url()), "mfa_challenge_endpoint": "https://x"});
    issuer.document(auth0);
    let by = async |way| examined(&[("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE_PARAMETER", way)]).await;
    says(&by("none").await, "audience", Warning, &["opaque", "AUTH_AUDIENCE_PARAMETER=audience"]);
    says(&by("audience").await, "audience", Good, &[AUDIENCE]);
    issuer.document(json!({"tenant_region_scope": "EU"}));
    says(&by("resource").await, "audience", Bad, &["Entra refuses", "AUTH_AUDIENCE_PARAMETER=none"]);
    let same = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", "web")];
    issuer.document(json!({}));
    says(&examined(&same).await, "audience", Warning, &["AUTH_CLIENT_ID", "ID tokens"]);
    let realm = format!("{}/realms/main", issuer.url());
    issuer.claims_to_be(&realm);
    let account = [("AUTH_ISSUER", realm.as_str()), ("AUTH_AUDIENCE", "account")];
    says(&examined(&account).await, "audience", Warning, &["every client", "Included Custom Audience"]);
}

#[tokio::test]
async fn doctor_examines_each_issuer_and_sign_in_of_the_first() {
    let (first, second) = (Issuer::start(&[&OURS]).await, Issuer::start(&[&FOREIGN]).await);
    second.becomes(Mood::Down);
    let issuers = format!("{} {}", first.url(), second.url());
    let report = examined(&[("AUTH_ISSUER", &issuers), ("AUTH_AUDIENCE", "api-a api-b")]).await;
    let titles: Vec<&str> = report.sections.iter().map(|section| section.title.as_str()).collect();
    assert!(titles[1].starts_with(first.url()) && titles[2].starts_with(second.url()), "{titles:?}");
    let outcome = |place: usize, check: &str| {
        report.sections[place].findings.iter().find(|one| one.check == check).map(|one| one.status)
    };
    assert_eq!((outcome(1, "keys"), outcome(2, "keys")), (Some(Good), Some(Bad)));
    assert!(outcome(1, "redirect URI").is_some() && outcome(2, "redirect URI").is_none());
    assert!(second.heard().is_empty());
}

#[tokio::test]
async fn doctor_examines_dev_provider_or_reports_it_missing() {
    let app = App::start().await;
    let dev = app.dev_issuer.clone().expect("the development provider").replace("http://", "");
    let site = app.url.replace("http://", "");
    let read = |name: &str| {
        let all = [("LEPTOS_SITE_ADDR", site.as_str()), ("DEV_PROVIDER_ADDR", dev.as_str())];
        Ok(all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    };
    let examine = async || {
        portcullis_cli::doctor::examine(
            &server::PROGRAM,
            portcullis_server::config::Config::read(server::PROGRAM.build(), &read),
        )
        .await
    };
    let report = examine().await;
    assert!(report.findings().all(|one| one.status == Good), "{}", text(&report));
    assert!(report.findings().count() > 10, "{}", text(&report));
    drop(app);
    crate::support::app::eventually("it has ended", || async {
        examine().await.findings().any(|one| one.check == "discovery" && one.status == Bad)
    })
    .await;
    says(&examine().await, "discovery", Bad, &["development provider", "the command `serve`"]);
}

#[tokio::test]
async fn unusable_optional_endpoint_is_a_warning() {
    let issuer = Issuer::start(&[&OURS]).await;
    let mut document = whole(&issuer);
    document["revocation_endpoint"] = json!("http://i.example/revoke");
    issuer.document(document);
    let report = at(&issuer).await;
    says(&report, "discovery", Good, &["responds"]);
    says(&report, "endpoints", Warning, &["its revocation_endpoint is left out", "https"]);
}
