//! An identity provider that tests control: it counts requests, and can fail, rotate keys, lie or respond slowly.

mod handlers;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{get, options, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::Key;
use handlers::{authorize, discovery, jwks, logout, token, userinfo, usual_document};

/// The response of the provider to a request for its keys.
#[derive(Clone)]
pub enum Mood {
    /// These keys.
    Keys(Vec<Value>),
    /// Status 500.
    Down,
    /// A redirect to another URL that serves the keys.
    Redirect(String),
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes with this `Content-Encoding`.
    Encoded(&'static str, Vec<u8>),
    /// One byte, and then nothing.
    Drip,
    /// This many megabytes, while the client reads them.
    Endless(usize),
}

/// The response of the provider to an authorization request.
#[derive(Clone)]
pub enum Welcome {
    /// A redirect to the redirect URI of the request, with this error.
    Back(&'static str, &'static str),
    /// A redirect to this URL.
    Elsewhere(String),
    /// This status and page.
    Page(u16, &'static str),
}

/// Further settings, for requests like those of a browser.
#[derive(Clone)]
struct Manners {
    /// Members that replace those of the discovery document. A null removes one.
    document: Value,
    /// The `Date` of the discovery document. By default, the current time.
    date: Option<String>,
    /// The origin that may read its responses.
    allows_origin: Option<String>,
    welcome: Welcome,
    /// The response to a sign-out.
    farewell: Welcome,
    /// The response to a wrong code.
    refusal: Value,
    /// The queries of the authorization requests, and the forms of the token requests.
    heard: Vec<String>,
    /// The `Accept-Encoding` of the requests for keys and documents.
    encodings: Vec<String>,
    /// Bytes that replace the discovery document.
    document_bytes: Option<Vec<u8>>,
}

struct Shared {
    manners: Mutex<Manners>,
    mood: Mutex<Mood>,
    asked: AtomicUsize,
    /// The number of requests for the discovery document.
    discovered: AtomicUsize,
    /// The number of megabytes that were read of an endless response.
    read: Arc<AtomicUsize>,
    url: String,
    /// The issuer in the discovery document.
    claims_to_be: Mutex<String>,
}

/// A running provider. Dropping it stops it.
pub struct Issuer {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Issuer {
    /// Starts a provider that serves `keys`.
    pub async fn start(keys: &[&Key]) -> Self {
        Self::start_at(TcpListener::bind("127.0.0.1:0").await.expect("a free port"), keys)
    }

    /// Starts it with an existing listener.
    pub fn start_at(listener: TcpListener, keys: &[&Key]) -> Self {
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let manners = Manners {
            document: json!({}),
            date: None,
            allows_origin: None,
            welcome: Welcome::Back("login_required", ""),
            farewell: Welcome::Page(200, "Do you want to sign out?"),
            refusal: json!({"error": "invalid_grant"}),
            heard: Vec::new(),
            encodings: Vec::new(),
            document_bytes: None,
        };
        let shared = Arc::new(Shared {
            manners: Mutex::new(manners),
            mood: Mutex::new(Mood::Keys(keys.iter().map(|key| key.jwk.clone()).collect())),
            asked: AtomicUsize::new(0),
            discovered: AtomicUsize::new(0),
            read: Arc::default(),
            claims_to_be: Mutex::new(url.clone()),
            url,
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/realms/main/.well-known/openid-configuration", get(discovery))
            .route("/.well-known/oauth-authorization-server/moved", get(discovery))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/oauth/token", post(token))
            .route("/userinfo", options(userinfo))
            .route("/logout", get(logout))
            .with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("serving") });
        Self { shared, task }
    }

    /// Returns its issuer identifier.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// Returns the number of requests for its keys.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// How often it was asked for its discovery document.
    pub fn discovered(&self) -> usize {
        self.shared.discovered.load(Ordering::SeqCst)
    }

    /// Returns the number of megabytes that were read of its endless response.
    pub fn megabytes_read(&self) -> usize {
        self.shared.read.load(Ordering::SeqCst)
    }

    /// Sets the response to requests for its keys.
    pub fn becomes(&self, mood: Mood) {
        *self.shared.mood.lock().expect("a mood") = mood;
    }

    /// Serves `keys` from now on.
    pub fn rotates_to(&self, keys: &[&Key]) {
        self.becomes(Mood::Keys(keys.iter().map(|key| key.jwk.clone()).collect()));
    }

    fn mind(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut self.shared.manners.lock().expect("manners"));
    }

    /// Sets members of its discovery document. A null removes one.
    pub fn document(&self, members: Value) {
        self.mind(|manners| manners.document = members);
    }

    /// Sets the `Date` of its discovery document.
    pub fn date(&self, date: String) {
        self.mind(|manners| manners.date = Some(date));
    }

    /// Lets pages of `origin` read its responses.
    pub fn allows_origin(&self, origin: &str) {
        self.mind(|manners| manners.allows_origin = Some(origin.to_owned()));
    }

    /// Sets the response to authorization requests.
    pub fn welcomes(&self, welcome: Welcome) {
        self.mind(|manners| manners.welcome = welcome);
    }

    /// The response to a sign-out.
    pub fn says_farewell_with(&self, farewell: Welcome) {
        self.mind(|manners| manners.farewell = farewell);
    }

    /// Sets the response to a wrong code.
    pub fn refuses_codes_with(&self, refusal: Value) {
        self.mind(|manners| manners.refusal = refusal);
    }

    /// Returns the queries and forms that it received.
    pub fn heard(&self) -> Vec<String> {
        self.shared.manners.lock().expect("manners").heard.clone()
    }

    /// Returns the `Accept-Encoding` of every request for keys and documents.
    pub fn encodings(&self) -> Vec<String> {
        self.shared.manners.lock().expect("manners").encodings.clone()
    }

    /// Replaces the current discovery document with the result of a function of its bytes.
    pub fn document_becomes(&self, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        let document = usual_document(&self.shared).to_string().into_bytes();
        self.mind(|manners| manners.document_bytes = Some(change(document)));
    }

    /// Sets the issuer in its discovery document.
    pub fn claims_to_be(&self, issuer: &str) {
        *self.shared.claims_to_be.lock().expect("an issuer") = issuer.to_owned();
    }
}
