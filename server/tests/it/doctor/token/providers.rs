//! The settings that known providers need.

use portcullis_cli::doctor::CheckStatus::Bad;
use serde_json::{Value, json};

use super::explained;
use crate::doctor::{config, says, text};
use crate::support::{FOREIGN, Issuer, OURS, claims};

#[tokio::test]
async fn explanation_of_strict_keycloak_token_names_the_mapper() {
    let issuer = Issuer::start(&[&OURS]).await;
    let at = format!("{}/protocol/openid-connect/auth", issuer.url());
    issuer.document(json!({ "authorization_endpoint": at }));
    let token = OURS.sign(&claims(issuer.url(), json!({"client_id": null, "azp": "web"})));
    let strict = config(&[("AUTH_ISSUER", issuer.url()), ("AUTH_STRICT", "true")]);
    let report = portcullis_cli::doctor::explain(&server::PROGRAM, strict, &token).await;
    says(&report, "claims", Bad, &["client_id is missing", "azp", "Hardcoded claim", "Claim value web"]);
    // Another claim has no such finding.
    let token = OURS.sign(&claims(issuer.url(), json!({"jti": null})));
    let strict = config(&[("AUTH_ISSUER", issuer.url()), ("AUTH_STRICT", "true")]);
    assert!(
        !text(&portcullis_cli::doctor::explain(&server::PROGRAM, strict, &token).await).contains("Hardcoded claim")
    );
}

#[tokio::test]
async fn explanation_names_the_setting_of_a_known_provider() {
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
    // Without other information, the issuer in the token identifies the provider.
    issuer.document(json!({}));
    says(&explained(&issuer, &sign(json!({"iss": v1}))).await, "issuer", Bad, &["requestedAccessTokenVersion"]);
    // Google is identified only by its address. The test serves its keys.
    let uri = at("/jwks");
    let google = config(&[("AUTH_ISSUER", "https://accounts.google.com"), ("AUTH_URI", &uri)]);
    says(
        &portcullis_cli::doctor::explain(&server::PROGRAM, google, "ya29.opaque").await,
        "form",
        Bad,
        &["opaque", "Put a provider in between"],
    );
}
