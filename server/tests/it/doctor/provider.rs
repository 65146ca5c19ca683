//! The configuration and the provider: each fault is named, with its fix.

use std::time::{Duration, SystemTime};

use jsonwebtoken::Algorithm;
use portcullis_cli::doctor::CheckStatus::{Bad, Good, Skipped, Warning};
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;

use super::{ORIGIN, at, config, examined, finding, says, text, whole};
use crate::support::issuer::{Mood, Welcome};
use crate::support::{App, FOREIGN, Issuer, Key, OURS};

#[tokio::test]
async fn where_nothing_is_wrong_nothing_is_said_to_be() {
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
    // It has asked as the client would.
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
async fn a_fault_of_the_configuration_is_the_first_finding_and_the_last() {
    let report = examined(&[("AUTH_ISSUER", "i.example")]).await;
    let fault = config(&[("AUTH_ISSUER", "i.example")]).expect_err("a fault").to_string();
    says(&report, "configuration", Bad, &[&fault]);
    assert_eq!(report.findings().count(), 1);
    assert!(report.is_bad());
}

#[tokio::test]
async fn a_provider_that_is_not_reached_is_told_by_how_it_is_not() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = free.local_addr().expect("an address");
    let silent = examined(&[("AUTH_ISSUER", &format!("http://{addr}"))]).await;
    says(&silent, "discovery", Bad, &["no complete response within 5 seconds", "this machine can reach it"]);
    drop(free);
    let refused = examined(&[("AUTH_ISSUER", &format!("http://{addr}"))]).await;
    says(&refused, "discovery", Bad, &["nothing listens at this host and port", "AUTH_ISSUER names the right host"]);
    says(&refused, "keys", Skipped, &[]);
    says(&refused, "sign-in", Skipped, &[]);
    let issuer = Issuer::start(&[&OURS]).await;
    let no_tls = examined(&[("AUTH_ISSUER", &issuer.url().replace("http:", "https:"))]).await;
    says(&no_tls, "discovery", Bad, &["TLS failed"]);
}

#[tokio::test]
async fn an_answer_that_is_no_document_is_named_with_where_there_is_one() {
    let issuer = Issuer::start(&[&OURS]).await;
    let url = format!("{}/moved", issuer.url());
    let report = examined(&[("AUTH_ISSUER", &url)]).await;
    let elsewhere = format!("{}/.well-known/oauth-authorization-server/moved", issuer.url());
    let meant = format!("did you mean AUTH_ISSUER={}", issuer.url());
    says(&report, "discovery", Bad, &["status 404", "must show JSON", &elsewhere, &meant]);
    let root = format!("{}/.well-known/openid-configuration:", issuer.url());
    says(&report, "discovery", Bad, &[&root]);
    issuer.document(json!({"issuer": 1}));
    says(&at(&issuer).await, "discovery", Bad, &["expected JSON with an issuer"]);
    issuer.document(json!({"jwks_uri": null}));
    says(&at(&issuer).await, "discovery", Bad, &["missing field `jwks_uri`", "must have issuer, jwks_uri"]);
    issuer.document(json!({"token_endpoint": "http://i.example/token"}));
    says(&at(&issuer).await, "discovery", Bad, &["http://i.example/token", "each with https"]);
}

#[tokio::test]
async fn an_issuer_that_differs_is_told_in_what_with_both_and_the_value_to_set() {
    let issuer = Issuer::start(&[&OURS]).await;
    let url = issuer.url().to_owned();
    for (found, words) in [
        (format!("{url}/"), "They differ only in the slash at the end"),
        (url.replace("http:", "HTTP:"), "They differ only in upper and lower case"),
        (url.replace("http:", "https:"), "They differ only in http and https"),
        ("https://other.example".to_owned(), "points to a different provider"),
        (format!("{url}/{{tenantid}}/v2.0"), "Put the ID of your tenant into AUTH_ISSUER"),
    ] {
        issuer.claims_to_be(&found);
        let report = at(&issuer).await;
        says(&report, "issuer", Bad, &[&format!("{url:?}"), &format!("{found:?}"), words]);
        if !found.contains('{') {
            says(&report, "issuer", Bad, &[&format!("AUTH_ISSUER={found}")]);
        }
        // The rest is looked at all the same.
        says(&report, "keys", Good, &["1 of 1 usable"]);
    }
}

#[tokio::test]
async fn where_auth_uri_names_the_keys_and_nobody_signs_in_discovery_is_no_must() {
    let keys = Issuer::start(&[&OURS]).await;
    let uri = format!("{}/jwks?key=hunter2", keys.url());
    let read = |name: &str| {
        let all = [("AUTH_ISSUER", "http://127.0.0.1:1/"), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_URI", uri.as_str())];
        Ok(all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    };
    let report = portcullis_cli::doctor::examine(
        &server::PROGRAM,
        portcullis_server::config::Config::read(server::PROGRAM.build(), &read),
    )
    .await;
    says(&report, "discovery", Warning, &["the document is not needed"]);
    says(&report, "keys", Good, &["1 of 1 usable"]);
    assert!(!report.is_bad() && !text(&report).contains("hunter2"), "{}", text(&report));
}

#[tokio::test]
async fn keys_that_are_not_usable_are_told_one_by_one_with_what_to_set() {
    let curve = Key::p256("curve");
    let issuer = Issuer::start(&[&curve]).await;
    says(
        &at(&issuer).await,
        "keys",
        Bad,
        &["0 of 1 usable", "key curve is ignored: it is for ES256", "AUTH_ALGORITHMS=ES256"],
    );
    assert!(
        !examined(&[("AUTH_ISSUER", issuer.url()), ("AUTH_ALGORITHMS", "ES256")])
            .await
            .findings()
            .any(|one| one.check == "keys" && one.status != Good)
    );
    let mut encrypts = Key::rsa_for("enc", Algorithm::RS256).jwk;
    encrypts["use"] = json!("enc");
    let mut nasty = encrypts.clone();
    nasty["kid"] = json!("\u{1b}]0;x\u{7}\n");
    issuer.becomes(Mood::Keys(vec![
        encrypts.clone(),
        json!({"kty": "oct", "kid": "s", "k": "c2VjcmV0"}),
        nasty,
        json!(1),
    ]));
    let report = at(&issuer).await;
    says(
        &report,
        "keys",
        Bad,
        &["0 of 4 usable", "key enc is ignored: its use is not sig", "key s is ignored: it is a symmetric key"],
    );
    says(
        &report,
        "keys",
        Bad,
        &["key ?]0;x?? is ignored", "key without an ID is ignored: it cannot be read", "RSA with at least 2048 bits"],
    );
    issuer.becomes(Mood::Keys(vec![encrypts, OURS.jwk.clone()]));
    says(&at(&issuer).await, "keys", Good, &["1 of 2 usable", "key enc is ignored"]);
    issuer.becomes(Mood::Keys(Vec::new()));
    says(&at(&issuer).await, "keys", Bad, &["0 of 0 usable"]);
    issuer.becomes(Mood::Bytes(b"<html>".to_vec()));
    says(&at(&issuer).await, "keys", Bad, &["not a JWK Set"]);
    issuer.becomes(Mood::Down);
    says(&at(&issuer).await, "keys", Bad, &["status 500"]);
    let elsewhere = Issuer::start(&[&FOREIGN]).await;
    issuer.becomes(Mood::Redirect(format!("{}/jwks", elsewhere.url())));
    says(&at(&issuer).await, "keys", Bad, &["redirects are not followed"]);
    assert_eq!(elsewhere.asked(), 0);
}

#[tokio::test]
async fn clocks_that_are_apart_are_told_by_how_much() {
    let issuer = Issuer::start(&[&OURS]).await;
    let at_time = async |time: SystemTime| {
        issuer.date(httpdate::fmt_http_date(time));
        at(&issuer).await
    };
    let now = SystemTime::now();
    says(&at_time(now).await, "clock", Good, &[]);
    says(
        &at_time(now + Duration::from_secs(30)).await,
        "clock",
        Warning,
        &["ahead of", "a difference of 5 s is allowed", "NTP"],
    );
    says(&at_time(now - Duration::from_secs(30)).await, "clock", Warning, &["behind"]);
    says(&at_time(now - Duration::from_secs(300)).await, "clock", Bad, &["s behind", "NTP"]);
}

#[tokio::test]
async fn a_site_whose_origin_is_not_allowed_is_told_the_origin_to_allow() {
    let issuer = Issuer::start(&[&OURS]).await;
    issuer.document(whole(&issuer));
    for other in ["http://127.0.0.1:4000", "https://127.0.0.1:3999", "http://127.0.0.1:3999/"] {
        issuer.allows_origin(other);
        let report = at(&issuer).await;
        says(&report, "CORS, token", Bad, &[ORIGIN, "no Access-Control-Allow-Origin", "Allow the origin"]);
        // The profile has the ID token to fall back on.
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
async fn a_redirect_uri_that_is_not_registered_is_told_to_the_letter() {
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
async fn what_the_provider_says_when_it_sends_people_back_is_understood() {
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
async fn a_client_that_needs_a_secret_is_told_from_a_public_one() {
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
    // Nothing is said where nothing is known.
    issuer.refuses_codes_with(json!({"error": "invalid_request"}));
    assert!(!at(&issuer).await.findings().any(|one| one.check == "public client"));
}

#[tokio::test]
async fn what_the_provider_does_not_offer_is_named() {
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
async fn an_audience_that_no_token_will_have_is_seen_beforehand() {
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
async fn every_issuer_is_examined_and_people_sign_in_with_the_first() {
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
async fn the_development_provider_is_examined_where_it_runs_and_missed_where_not() {
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
