//! The application under test: built by the same code as `main`, on a free port, with its own database.

use std::future::Future;

use http::{HeaderMap, Method};
use portcullis_cli::server::{Server, ServerError};
use portcullis_server::config::Config;
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::Issuer;

/// A running application. Dropping it stops it.
pub struct App {
    /// Its address.
    pub url: String,
    /// The issuer of the development provider, if it has one.
    pub dev_issuer: Option<String>,
    http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    _folder: TempDir,
}

/// A response.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// Returns the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Returns the value of a header, or an empty string.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// Returns status, code and message of an error.
    pub fn error(&self) -> (u16, String, String) {
        let body = self.json();
        assert_eq!(body["status"], self.status, "the body says another status: {body}");
        assert_eq!(body["inner"]["message"], body["message"], "{body}");
        assert_eq!(self.header("cache-control"), "no-store", "errors are not for caches");
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (self.status, text("code"), text("message"))
    }
}

impl App {
    /// Starts with `variables`, by default on a free port and with an embedded database.
    pub async fn try_start(variables: &[(&str, &str)]) -> Result<Self, ServerError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = format!("redb:{}", folder.path().join("items.redb").display());
        let defaults =
            [("LEPTOS_SITE_ADDR", "127.0.0.1:0"), ("DEV_PROVIDER_ADDR", "127.0.0.1:0"), ("DATABASE_URL", &database)];
        let config = Config::read(server::PROGRAM.build(), &|name| {
            let mut all = variables.iter().chain(&defaults);
            Ok(all.find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        })?;
        let application = Server::start(&server::PROGRAM, config).await?;
        let (stop, stopped) = oneshot::channel::<()>();
        let url = format!("http://{}", application.addr());
        let dev_issuer = application.dev_provider().map(|provider| provider.auth.issuer.issuer.to_string());
        tokio::spawn(application.run(async {
            let _ = stopped.await;
        }));
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Ok(Self { url, dev_issuer, http, stop: Some(stop), _folder: folder })
    }

    /// Starts with the development provider.
    pub async fn start() -> Self {
        Self::try_start(&[]).await.expect("it starts")
    }

    /// Starts with `issuer` as its provider.
    pub async fn with_issuer(issuer: &Issuer) -> Self {
        Self::try_start(&[("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE)]).await.expect("it starts")
    }

    /// Sends a request with `headers`, and a form if there is one.
    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], form: Option<&str>) -> Answer {
        match form {
            Some(form) => self.ask_as("application/x-www-form-urlencoded", path, headers, form).await,
            None => self.send(method, path, headers, None).await,
        }
    }

    /// Sends a request with `headers` and a body.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body.to_owned());
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a body") }
    }

    /// Posts `form` to `path` with `headers` and the content type `kind`.
    pub async fn ask_as(&self, kind: &str, path: &str, headers: &[(&str, &str)], form: &str) -> Answer {
        let headers = [headers, &[("content-type", kind)]].concat();
        self.send(Method::POST, path, &headers, Some(form)).await
    }

    /// Sends `GET path` with `token`.
    pub async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = bearer.iter().map(|value| ("authorization", value.as_str())).collect();
        self.ask(Method::GET, path, &headers, None).await
    }

    /// Calls the server function at `path` with `token`.
    pub async fn call(&self, path: &str, form: &str, token: Option<&str>) -> Answer {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = bearer.iter().map(|value| ("authorization", value.as_str())).collect();
        self.ask(Method::POST, path, &headers, Some(form)).await
    }

    /// Returns a token of the development provider.
    pub async fn token(&self, account: &str) -> String {
        self.token_with(account, None).await
    }

    /// Returns a token of the development provider with some of the account's scopes.
    pub async fn token_with(&self, account: &str, scopes: Option<&str>) -> String {
        let issuer = self.dev_issuer.as_deref().expect("the development provider");
        server::DEV_PROVIDER.expect("it is built in").access_token(issuer, account, scopes).await.expect("a token")
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

/// Polls until `done` returns true. Fails after a generous time limit.
pub async fn eventually<F: Future<Output = bool>>(what: &str, done: impl Fn() -> F) {
    let asking = async {
        while !done().await {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), asking).await.unwrap_or_else(|_| panic!("{what}"));
}
