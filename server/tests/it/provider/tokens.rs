//! Tokens: scopes, lifetimes, refresh, revocation and userinfo.

use http::Method;
use serde_json::Value;

use super::Provider;
use crate::support::App;

#[tokio::test]
async fn refresh_token_is_rotated_and_accepted_once() {
    let provider = Provider::start().await;
    let first = provider.exchange(&provider.code().await, &[]).await.json();
    let refresh = async |token: &str| {
        let form = [("grant_type", "refresh_token"), ("client_id", "portcullis-dev"), ("refresh_token", token)];
        provider.ask(Method::POST, "/token", &form, &[]).await
    };
    let old = first["refresh_token"].as_str().expect("a refresh token");
    let second = refresh(old).await;
    assert_eq!(second.status, 200);
    assert_ne!(second.json()["refresh_token"], first["refresh_token"]);
    assert_eq!(second.json()["scope"], first["scope"]);
    assert_eq!(refresh(old).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn revoked_refresh_token_is_refused() {
    let provider = Provider::start().await;
    let document = provider.ask(Method::GET, "/.well-known/openid-configuration", &[], &[]).await.json();
    assert_eq!(document["revocation_endpoint"], format!("{}/revoke", provider.issuer));
    let tokens = provider.exchange(&provider.code().await, &[]).await.json();
    let (access, refresh) = (tokens["access_token"].as_str(), tokens["refresh_token"].as_str());
    let (access, refresh) = (access.expect("an access token"), refresh.expect("a refresh token"));
    let revoke = async |form: &[(&str, &str)]| provider.ask(Method::POST, "/revoke", form, &[]).await;
    let known = ("client_id", "portcullis-dev");
    // Another client cannot revoke a token, and neither can a request without a token.
    for (form, error) in [
        (&[("token", refresh)][..], "invalid_client"),
        (&[("token", refresh), ("client_id", "other")], "invalid_client"),
        (&[known], "invalid_request"),
    ] {
        let refused = revoke(form).await;
        assert_eq!((refused.status, refused.json()["error"].as_str()), (400, Some(error)), "{}", refused.text);
    }
    for token in [refresh, access, refresh, "unknown"] {
        let revoked = revoke(&[("token", token), ("token_type_hint", "refresh_token"), known]).await;
        assert_eq!((revoked.status, revoked.header("cache-control")), (200, "no-store"), "{}", revoked.text);
    }
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh), known];
    assert_eq!(provider.ask(Method::POST, "/token", &form, &[]).await.json()["error"], "invalid_grant");
    let bearer = format!("Bearer {access}");
    let userinfo = provider.ask(Method::GET, "/userinfo", &[], &[("authorization", bearer.as_str())]).await;
    assert_eq!(userinfo.status, 401);
}

#[tokio::test]
async fn account_is_granted_only_scopes_that_it_has() {
    let provider = Provider::start().await;
    for (account, granted) in [
        ("ada", "admin:items delete:items openid read:items write:items"),
        ("ben", "openid read:items"),
        ("cy", "delete:items openid read:items write:items"),
        ("eve", "openid"),
    ] {
        let asked = [("scope", "openid read:items write:items delete:items admin:items")];
        let back = provider.authorize(account, &asked).await.ok().expect("a redirect");
        let tokens = provider.exchange(back["code"].as_str().expect("a code"), &[]).await.json();
        assert_eq!(tokens["scope"], granted, "{account}");
    }
}

#[tokio::test]
async fn userinfo_needs_an_access_token() {
    let provider = Provider::start().await;
    assert_eq!(provider.ask(Method::GET, "/userinfo", &[], &[]).await.status, 401);
    assert_eq!(provider.ask(Method::GET, "/userinfo", &[], &[("authorization", "Bearer x")]).await.status, 401);
}

#[tokio::test]
async fn token_command_names_scopes_that_the_account_lacks() {
    let provider = Provider::start().await;
    let cli = server::DEV_PROVIDER.expect("it is built in");
    let token = async |account, scope| cli.access_token(&provider.issuer, account, scope).await;
    let ben = token("ben", Some("read:items")).await.expect("a token");
    assert_eq!(provider.app.get("/api/items", Some(&ben)).await.status, 200);
    let error = token("ben", Some("read:items write:items")).await.expect_err("not his").to_string();
    assert!(error.contains("write:items"), "{error}");
    let error = token("mallory", None).await.expect_err("nobody").to_string();
    assert!(error.contains("ada, ben, cy, eve"), "{error}");
}

#[tokio::test]
async fn token_lifetime_follows_the_setting() {
    let app = App::try_start(&[("DEV_PROVIDER_TOKEN_SECONDS", "77")]).await.expect("it starts");
    let token = app.token("ada").await;
    let payload = token.split('.').nth(1).expect("a payload");
    use base64::Engine;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("claims");
    assert_eq!(claims["exp"].as_u64().expect("exp") - claims["iat"].as_u64().expect("iat"), 77);
}
