//! Where a request may carry its token, and the challenges of rejections (RFC 6750, RFC 9728 §5.1).

use http::Method;
use serde_json::json;

use crate::support::{Answer, App, Issuer, OURS, claims};

/// Starts an application. Returns it with its provider and a valid token.
async fn start() -> (App, Issuer, String) {
    let issuer = Issuer::start(&[&OURS]).await;
    let app = App::with_issuer(&issuer).await;
    let token = OURS.sign(&claims(issuer.url(), json!({})));
    (app, issuer, token)
}

#[tokio::test]
async fn challenge_follows_rfc_6750() {
    let (app, issuer, _) = start().await;
    let expired = OURS.sign(&claims(issuer.url(), json!({"exp": 1})));
    let scopeless = OURS.sign(&claims(issuer.url(), json!({"scope": null})));
    let challenge = |answer: Answer| answer.header("www-authenticate").to_owned();
    // Each challenge has the URL of the metadata (RFC 9728 §5.1).
    let metadata = format!(r#"resource_metadata="{}/.well-known/oauth-protected-resource""#, app.url);
    assert_eq!(challenge(app.get("/api/items", None).await), format!("Bearer {metadata}"));
    let basic = [("authorization", "Basic YTpi")];
    let answer = app.ask(Method::GET, "/api/items", &basic, None).await;
    assert_eq!(challenge(answer), format!("Bearer {metadata}"), "another scheme is no bearer credential");
    let malformed = [("authorization", "Bearer")];
    assert_eq!(
        challenge(app.ask(Method::GET, "/api/items", &malformed, None).await),
        format!(
            r#"Bearer error="invalid_token", error_description="Format is Authorization: Bearer [token]", {metadata}"#
        )
    );
    assert_eq!(
        challenge(app.get("/api/items", Some(&expired)).await),
        format!(r#"Bearer error="invalid_token", error_description="jwt expired", {metadata}"#)
    );
    assert_eq!(
        challenge(app.get("/api/items", Some(&scopeless)).await),
        format!(
            r#"Bearer error="insufficient_scope", error_description="Insufficient scope", scope="read:items", {metadata}"#
        )
    );
}

#[tokio::test]
async fn token_in_query_form_or_cookie_is_not_accepted() {
    let (app, _issuer, token) = start().await;
    let answer = app.get(&format!("/api/items?access_token={token}"), None).await;
    assert_eq!(answer.error().1, "credentials_required");
    let form = format!("access_token={token}");
    assert_eq!(app.call("/rpc/items/list", &form, None).await.error().1, "credentials_required");
    let cookie = format!("access_token={token}");
    let answer = app.ask(Method::GET, "/api/items", &[("cookie", &cookie)], None).await;
    assert_eq!(answer.error().1, "credentials_required");
}

/// Asserts a 400 for ambiguous credentials, with its challenge.
fn is_ambiguous(what: &str, answer: &Answer) {
    let (status, code, _) = answer.error();
    assert_eq!((status, code.as_str()), (400, "invalid_request"), "{what}: {}", answer.text);
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with(r#"Bearer error="invalid_request", error_description=""#), "{what}: {challenge}");
}

#[tokio::test]
async fn token_sent_twice_is_an_invalid_request() {
    let (app, _issuer, token) = start().await;
    let bearer = format!("Bearer {token}");
    let twice = [("authorization", bearer.as_str()), ("authorization", bearer.as_str())];
    is_ambiguous("the header twice", &app.ask(Method::GET, "/api/items", &twice, None).await);
    let in_query = format!("access_token={token}");
    let path = format!("/api/items?{in_query}");
    is_ambiguous("header and query", &app.get(&path, Some(&token)).await);
    is_ambiguous("the query twice", &app.get(&format!("{path}&{in_query}"), None).await);
    is_ambiguous("header and form", &app.call("/rpc/items/list", &in_query, Some(&token)).await);
    let headers = [("authorization", bearer.as_str())];
    for odd in ["text/plain", "application/json", "multipart/form-data"] {
        let answer = app.ask_as(odd, "/rpc/items/list", &headers, &in_query).await;
        is_ambiguous(&format!("header and form that is said to be {odd}"), &answer);
    }
    let shouting =
        app.ask_as("APPLICATION/x-www-form-urlencoded; charset=utf-8", "/rpc/items/list", &headers, &in_query);
    is_ambiguous("header and form, whatever the case of its type", &shouting.await);
}

#[tokio::test]
async fn form_without_credentials_reaches_the_handler_whole() {
    let (app, _issuer, token) = start().await;
    assert_eq!(app.get("/api/items?limit=1", Some(&token)).await.status, 200);
    let answer = app.call("/rpc/items/get", "id=000000000000000000000000&note=access_token", Some(&token)).await;
    assert_eq!(answer.error().0, 404, "the form came through whole");
    // An invalid token in the header gets 401, whatever the form contains.
    let answer = app.call("/rpc/items/list", "access_token=x", Some("nonsense")).await;
    assert_eq!(answer.error().1, "invalid_token");
}
