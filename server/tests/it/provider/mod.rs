//! The development provider, tested with the independent client in the `openidconnect` crate.

mod codes;
mod sessions;
mod tokens;

use http::Method;
use openidconnect::core::{CoreClient, CoreProviderMetadata, CoreResponseType};
use openidconnect::{
    AuthenticationFlow, AuthorizationCode, ClientId, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::support::{Answer, App};

/// Returns the address of the provider, for requests that bypass the application.
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

    /// Signs in as `account`. `change` replaces or adds parameters. Returns the parameters of the redirect.
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
async fn openidconnect_client_signs_in_and_verifies_the_id_token() {
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
    // The ID token of the same person gives no access.
    let answer = provider.app.get("/api/items", Some(&id_token.to_string())).await;
    assert_eq!(answer.error().0, 401);
}
