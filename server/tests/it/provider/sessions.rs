//! Sessions of the provider, and the origin that may read its responses.

use http::Method;
use url::form_urlencoded;

use super::Provider;

#[tokio::test]
async fn cors_allows_the_origin_of_the_application_only() {
    let provider = Provider::start().await;
    let ours = [("origin", provider.app.url.as_str())];
    for path in ["/.well-known/openid-configuration", "/jwks", "/userinfo", "/revoke"] {
        let answer = provider.ask(Method::GET, path, &[], &ours).await;
        assert_eq!(answer.header("access-control-allow-origin"), provider.app.url, "{path}");
        let answer = provider.ask(Method::GET, path, &[], &[("origin", "http://evil.example")]).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}

#[tokio::test]
async fn end_session_redirects_to_the_application_only() {
    let provider = Provider::start().await;
    let to = async |uri: &str| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("post_logout_redirect_uri", uri)
            .append_pair("state", "s")
            .finish();
        provider.ask(Method::GET, &format!("/end-session?{query}"), &[], &[]).await
    };
    let home = format!("{}/", provider.app.url);
    assert_eq!(to(&home).await.header("location"), format!("{home}?state=s"));
    let elsewhere = to("https://evil.example/").await;
    assert_eq!((elsewhere.status, elsewhere.header("location")), (200, ""));
}

#[tokio::test]
async fn silent_authentication_works_until_the_session_ends() {
    let provider = Provider::start().await;
    let redirect_uri = provider.redirect_uri();
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", "portcullis-dev"),
            ("redirect_uri", &redirect_uri),
            ("response_type", "code"),
            ("scope", "openid read:items"),
            ("state", "s"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    let silently = async |cookie: &str| {
        let path = format!("/authorize?prompt=none&{query}");
        let answer = provider.ask(Method::GET, &path, &[], &[("cookie", cookie)]).await;
        answer.header("location").to_owned()
    };
    assert!(silently("").await.contains("error=login_required"));
    let form: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    form.push(("account", "ada"));
    let answer = provider.ask(Method::POST, "/authorize", &form, &[]).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    assert!(silently(&cookie).await.contains("code="));
    assert!(silently(&format!("other=x; {cookie}")).await.contains("code="));
    let ended = provider.ask(Method::GET, "/end-session", &[], &[("cookie", &cookie)]).await;
    assert!(ended.header("set-cookie").contains("Max-Age=0"));
    assert!(silently(&cookie).await.contains("error=login_required"));
}
