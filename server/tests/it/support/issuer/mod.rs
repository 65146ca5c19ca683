//! A provider that does as it is told: it counts what it is asked, fails, rotates, lies and dawdles.

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

/// How the provider answers when it is asked for its keys.
#[derive(Clone)]
pub enum Mood {
    /// With these keys.
    Keys(Vec<Value>),
    /// With status 500.
    Down,
    /// With a redirect to somewhere else that has the keys.
    Redirect(String),
    /// With these bytes.
    Bytes(Vec<u8>),
    /// With these bytes, said to be in this `Content-Encoding`.
    Encoded(&'static str, Vec<u8>),
    /// With a first byte, and then nothing more.
    Drip,
    /// With this many megabytes, as long as somebody reads them.
    Endless(usize),
}

/// How the provider answers an authorization request.
#[derive(Clone)]
pub enum Welcome {
    /// With a redirect to the redirect URI of the request, and this error.
    Back(&'static str, &'static str),
    /// With a redirect to there.
    Elsewhere(String),
    /// With this status and page.
    Page(u16, &'static str),
}

/// What else may be set, for those who ask as a browser does.
#[derive(Clone)]
struct Manners {
    /// Members of the discovery document that replace the usual ones; null takes one out.
    document: Value,
    /// The `Date` of the discovery document; the usual one if there is none.
    date: Option<String>,
    /// The origin that may read its answers.
    allows_origin: Option<String>,
    welcome: Welcome,
    /// How it answers who signs out.
    farewell: Welcome,
    /// What a wrong code is answered with.
    refusal: Value,
    /// The queries of the authorization requests, and the forms of the token requests.
    heard: Vec<String>,
    /// The `Accept-Encoding` of the requests for keys and documents.
    encodings: Vec<String>,
    /// Bytes that stand in for the discovery document.
    document_bytes: Option<Vec<u8>>,
}

struct Shared {
    manners: Mutex<Manners>,
    mood: Mutex<Mood>,
    asked: AtomicUsize,
    /// How often its discovery document was asked for.
    discovered: AtomicUsize,
    /// How many megabytes of an endless answer were read.
    read: Arc<AtomicUsize>,
    url: String,
    /// What the discovery document says the issuer is.
    claims_to_be: Mutex<String>,
}

/// A running provider; it ends with this value.
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

    /// Starts it behind a listener that is already there.
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

    /// Its issuer identifier.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// How often it was asked for its keys.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// How often it was asked for its discovery document.
    pub fn discovered(&self) -> usize {
        self.shared.discovered.load(Ordering::SeqCst)
    }

    /// How many megabytes of its endless answer were read.
    pub fn megabytes_read(&self) -> usize {
        self.shared.read.load(Ordering::SeqCst)
    }

    /// How it answers from now on.
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

    /// Sets members of its discovery document; null takes one out.
    pub fn document(&self, members: Value) {
        self.mind(|manners| manners.document = members);
    }

    /// Sets the `Date` of its discovery document.
    pub fn date(&self, date: String) {
        self.mind(|manners| manners.date = Some(date));
    }

    /// Lets pages of `origin` read its answers.
    pub fn allows_origin(&self, origin: &str) {
        self.mind(|manners| manners.allows_origin = Some(origin.to_owned()));
    }

    /// How it answers authorization requests.
    pub fn welcomes(&self, welcome: Welcome) {
        self.mind(|manners| manners.welcome = welcome);
    }

    /// How it answers who signs out.
    pub fn says_farewell_with(&self, farewell: Welcome) {
        self.mind(|manners| manners.farewell = farewell);
    }

    /// What it answers a wrong code with.
    pub fn refuses_codes_with(&self, refusal: Value) {
        self.mind(|manners| manners.refusal = refusal);
    }

    /// The queries and forms that it was sent.
    pub fn heard(&self) -> Vec<String> {
        self.shared.manners.lock().expect("manners").heard.clone()
    }

    /// The `Accept-Encoding` of every request for keys and documents.
    pub fn encodings(&self) -> Vec<String> {
        self.shared.manners.lock().expect("manners").encodings.clone()
    }

    /// Makes something of the bytes of its discovery document, as it is now.
    pub fn document_becomes(&self, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        let document = usual_document(&self.shared).to_string().into_bytes();
        self.mind(|manners| manners.document_bytes = Some(change(document)));
    }

    /// What its discovery document says it is.
    pub fn claims_to_be(&self, issuer: &str) {
        *self.shared.claims_to_be.lock().expect("an issuer") = issuer.to_owned();
    }
}
