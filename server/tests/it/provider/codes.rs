//! Authorization requests, and the codes that they return.

use http::Method;
use serde_json::json;

use super::Provider;

#[tokio::test]
async fn code_is_accepted_once() {
    let provider = Provider::start().await;
    let code = provider.code().await;
    assert_eq!(provider.exchange(&code, &[]).await.status, 200);
    let again = provider.exchange(&code, &[]).await;
    assert_eq!((again.status, &again.json()["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test]
async fn code_requires_its_verifier_redirect_uri_and_client() {
    let provider = Provider::start().await;
    let elsewhere = format!("{}/callback/", provider.app.url);
    for (change, error) in [
        ([("code_verifier", "another")], "invalid_grant"),
        ([("redirect_uri", elsewhere.as_str())], "invalid_grant"),
        ([("client_id", "another")], "invalid_client"),
        ([("grant_type", "password")], "unsupported_grant_type"),
    ] {
        let code = provider.code().await;
        let answer = provider.exchange(&code, &change).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!(error)), "{change:?}");
    }
}

#[tokio::test]
async fn malformed_token_request_gets_an_oauth_error() {
    let provider = Provider::start().await;
    let answer = provider.ask(Method::POST, "/token", &[("code", "x")], &[]).await;
    assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_request")));
    let huge = "x".repeat(20_000);
    let answer = provider.ask(Method::POST, "/authorize", &[("nonce", &huge)], &[]).await;
    assert!((400..500).contains(&answer.status), "{}", answer.status);
}

#[tokio::test]
async fn redirect_uri_is_compared_exactly() {
    let provider = Provider::start().await;
    let uri = provider.redirect_uri();
    for wrong in [
        format!("{uri}/"),
        format!("{uri}?a=b"),
        uri.replace("127.0.0.1", "127.0.0.2"),
        uri.to_uppercase(),
        "https://evil.example/callback".into(),
    ] {
        let refused = provider.authorize("ada", &[("redirect_uri", &wrong)]).await.expect_err("no redirect");
        assert_eq!(refused.status, 400, "{wrong}");
    }
    assert!(provider.authorize("ada", &[("client_id", "another")]).await.is_err());
}

#[tokio::test]
async fn authorization_requires_an_s256_challenge() {
    let provider = Provider::start().await;
    for change in [[("code_challenge", "")], [("code_challenge_method", "plain")], [("code_challenge_method", "")]] {
        let back = provider.authorize("ada", &change).await.ok().expect("a redirect");
        assert_eq!((&back["error"], &back["state"]), (&json!("invalid_request"), &json!("s")), "{change:?}");
    }
    let back = provider.authorize("ada", &[("response_type", "token")]).await.ok().expect("a redirect");
    assert_eq!(back["error"], "unsupported_response_type");
    let back = provider.authorize("", &[]).await.ok().expect("a redirect");
    assert_eq!((&back["error"], &back["iss"]), (&json!("access_denied"), &json!(provider.issuer)));
}
