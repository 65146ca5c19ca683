//! The development provider, held against the `openidconnect` crate as a client that nobody here wrote.

use http::Method;
use openidconnect::core::{CoreClient, CoreProviderMetadata, CoreResponseType};
use openidconnect::{
    AuthenticationFlow, AuthorizationCode, ClientId, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::support::{Answer, App};

/// The provider's own address, to ask it without the application.
struct Provider {
    app: App,
    issuer: String,
    http: reqwest::Client,
}

impl Provider {
    async fn start() -> Self {
        let app = App::start().await;
        let issuer = app.dev_issuer.clone().expect("the development provider");
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { app, issuer, http }
    }

    fn redirect_uri(&self) -> String {
        format!("{}/callback", self.app.url)
    }

    async fn ask(&self, method: Method, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.issuer));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if method == Method::POST {
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a body") }
    }

    /// Signs in as `account`; `change` replaces or adds parameters. Gives the parameters of the redirect.
    async fn authorize(&self, account: &str, change: &[(&str, &str)]) -> Result<Value, Answer> {
        let redirect_uri = self.redirect_uri();
        // RFC 7636 appendix B.
        let usual = [
            ("client_id", "portcullis-dev"),
            ("redirect_uri", &redirect_uri),
            ("response_type", "code"),
            ("scope", "openid read:items"),
            ("state", "s"),
            ("nonce", "n"),
            ("account", account),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual.into_iter().filter(|(name, _)| !change.iter().any(|(changed, _)| changed == name));
        let form: Vec<_> = kept.chain(change.iter().copied()).filter(|(_, value)| !value.is_empty()).collect();
        let answer = self.ask(Method::POST, "/authorize", &form, &[]).await;
        match Url::parse(answer.header("location")) {
            Ok(location) => Ok(location
                .query_pairs()
                .map(|(name, value)| (name.into_owned(), value.into()))
                .collect::<serde_json::Map<_, _>>()
                .into()),
            Err(_) => Err(answer),
        }
    }

    async fn code(&self) -> String {
        let back = self.authorize("ada", &[]).await.ok().expect("a redirect");
        back["code"].as_str().expect("a code").to_owned()
    }

    async fn exchange(&self, code: &str, change: &[(&str, &str)]) -> Answer {
        let redirect_uri = self.redirect_uri();
        let usual = [
            ("grant_type", "authorization_code"),
            ("client_id", "portcullis-dev"),
            ("redirect_uri", &redirect_uri),
            ("code", code),
            ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        ];
        let kept = usual.into_iter().filter(|(name, _)| !change.iter().any(|(changed, _)| changed == name));
        let form: Vec<_> = kept.chain(change.iter().copied()).collect();
        self.ask(Method::POST, "/token", &form, &[]).await
    }
}

#[tokio::test]
async fn a_client_that_nobody_here_wrote_signs_in_and_verifies_the_id_token() {
    let provider = Provider::start().await;
    let issuer = IssuerUrl::new(provider.issuer.clone()).expect("an issuer");
    let http = |request: openidconnect::HttpRequest| async {
        let request = reqwest::Request::try_from(request).map_err(std::io::Error::other)?;
        let response = provider.http.execute(request).await.map_err(std::io::Error::other)?;
        let mut answer = http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let body = response.bytes().await.map_err(std::io::Error::other)?.to_vec();
        answer.body(body).map_err(std::io::Error::other)
    };
    let metadata = CoreProviderMetadata::discover_async(issuer, &http).await.expect("a discovery document and keys");
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new("portcullis-dev".into()), None)
        .set_redirect_uri(RedirectUrl::new(provider.redirect_uri()).expect("a URL"));
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (address, _, nonce) = client
        .authorize_url(
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("read:items".into()))
        .set_pkce_challenge(challenge)
        .url();
    let query: Vec<_> = address.query_pairs().into_owned().collect();
    let change: Vec<_> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let back = provider.authorize("ben", &change).await.ok().expect("a redirect");
    assert_eq!(back["iss"], provider.issuer);
    let code = AuthorizationCode::new(back["code"].as_str().expect("a code").to_owned());
    let verifier = PkceCodeVerifier::new(verifier.into_secret());
    let tokens = client
        .exchange_code(code)
        .expect("a token endpoint")
        .set_pkce_verifier(verifier)
        .request_async(&http)
        .await
        .expect("tokens");
    let id_token = tokens.id_token().expect("an ID token");
    let claims = id_token.claims(&client.id_token_verifier(), &nonce).expect("a good ID token");
    assert_eq!(claims.subject().as_str(), "ben");
    assert!(tokens.refresh_token().is_some());
    let answer = provider.app.get("/api/items", Some(tokens.access_token().secret())).await;
    assert_eq!(answer.status, 200);
    // The same person's ID token opens nothing.
    let answer = provider.app.get("/api/items", Some(&id_token.to_string())).await;
    assert_eq!(answer.error().0, 401);
}

#[tokio::test]
async fn a_code_is_good_once() {
    let provider = Provider::start().await;
    let code = provider.code().await;
    assert_eq!(provider.exchange(&code, &[]).await.status, 200);
    let again = provider.exchange(&code, &[]).await;
    assert_eq!((again.status, &again.json()["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test]
async fn a_code_is_good_only_with_its_verifier_redirect_uri_and_client() {
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
async fn a_token_request_that_cannot_be_read_gets_an_error_of_oauth() {
    let provider = Provider::start().await;
    let answer = provider.ask(Method::POST, "/token", &[("code", "x")], &[]).await;
    assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_request")));
    let huge = "x".repeat(20_000);
    let answer = provider.ask(Method::POST, "/authorize", &[("nonce", &huge)], &[]).await;
    assert!((400..500).contains(&answer.status), "{}", answer.status);
}

#[tokio::test]
async fn redirect_uris_are_compared_exactly_and_nothing_is_sent_to_another() {
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
async fn a_challenge_with_s256_is_demanded() {
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

#[tokio::test]
async fn a_refresh_token_is_rotated_and_good_once() {
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
    // A stranger revokes nothing, and neither does a request without a token.
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
async fn accounts_are_granted_what_they_have_and_no_more() {
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
async fn only_the_applications_origin_may_read_its_answers() {
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
async fn userinfo_needs_an_access_token() {
    let provider = Provider::start().await;
    assert_eq!(provider.ask(Method::GET, "/userinfo", &[], &[]).await.status, 401);
    assert_eq!(provider.ask(Method::GET, "/userinfo", &[], &[("authorization", "Bearer x")]).await.status, 401);
}

#[tokio::test]
async fn the_end_of_a_session_leads_only_to_the_application() {
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
async fn the_command_line_gets_tokens_and_says_what_an_account_lacks() {
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
async fn who_has_signed_in_is_known_without_a_page_until_the_session_is_ended() {
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

#[tokio::test]
async fn tokens_live_as_long_as_it_is_told() {
    let app = App::try_start(&[("DEV_PROVIDER_TOKEN_SECONDS", "77")]).await.expect("it starts");
    let token = app.token("ada").await;
    let payload = token.split('.').nth(1).expect("a payload");
    use base64::Engine;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("claims");
    assert_eq!(claims["exp"].as_u64().expect("exp") - claims["iat"].as_u64().expect("iat"), 77);
}
