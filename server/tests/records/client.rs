//! The running app and its clients.

use http::Method;
use portcullis_cli::server::Server;
use portcullis_server::config::Config;
use portcullis_server::dev_provider::DevelopmentProvider;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::composition::{PROGRAM, PROVIDER};

/// The running app. Dropping it stops it.
pub struct Client {
    url: String,
    issuer: String,
    http: reqwest::Client,
    _stop: oneshot::Sender<()>,
    _folder: TempDir,
}

/// A response of the app.
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    /// Returns the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

impl Client {
    /// Starts the app with an empty database and the development provider.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = format!("redb:{}", folder.path().join("notes.redb").display());
        let config = Config::read(PROGRAM.build(), &|name| {
            Ok(match name {
                "LEPTOS_SITE_ADDR" | "DEV_PROVIDER_ADDR" => Some("127.0.0.1:0".into()),
                "DATABASE_URL" => Some(database.clone()),
                _ => None,
            })
        })
        .expect("a valid configuration");
        let server = Server::start(&PROGRAM, config).await.expect("it starts");
        let issuer = server.dev_provider().expect("it runs").auth.issuer.issuer.to_string();
        let url = format!("http://{}", server.addr());
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(server.run(async { _ = stopped.await }));
        Self { url, issuer, http: reqwest::Client::new(), _stop: stop, _folder: folder }
    }

    /// Returns an access token of `account` with `scopes`, or with all scopes of the account.
    pub async fn token(&self, account: &str, scopes: Option<&str>) -> String {
        PROVIDER.access_token(&self.issuer, account, scopes).await.expect("a token")
    }

    /// Sends a request with `headers` and a `body` of the type `kind`.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        headers: &[(&str, &str)],
        body: Option<(&str, String)>,
    ) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body);
        }
        let response = request.send().await.expect("an answer");
        Answer { status: response.status().as_u16(), text: response.text().await.expect("a body") }
    }

    /// Calls the server function `name` of notes with `form`.
    pub async fn call(&self, name: &str, form: &str, token: Option<&str>) -> Answer {
        let body = ("application/x-www-form-urlencoded", form.to_owned());
        self.send(Method::POST, &format!("/rpc/notes/{name}"), token, &[], Some(body)).await
    }

    /// Sends `json` to a REST endpoint.
    pub async fn rest(&self, method: Method, path: &str, token: Option<&str>, json: Option<Value>) -> Answer {
        let body = json.map(|json| ("application/json", json.to_string()));
        self.send(method, path, token, &[("if-match", "*")], body).await
    }
}
