//! A provider that does as it is told: it counts what it is asked, fails, rotates, lies and dawdles.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::Key;

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
    /// With a first byte, and then nothing more.
    Drip,
    /// With this many megabytes, as long as somebody reads them.
    Endless(usize),
}

struct Shared {
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
        let shared = Arc::new(Shared {
            mood: Mutex::new(Mood::Keys(keys.iter().map(|key| key.jwk.clone()).collect())),
            asked: AtomicUsize::new(0),
            discovered: AtomicUsize::new(0),
            read: Arc::default(),
            claims_to_be: Mutex::new(url.clone()),
            url,
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
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

    /// What its discovery document says it is.
    pub fn claims_to_be(&self, issuer: &str) {
        *self.shared.claims_to_be.lock().expect("an issuer") = issuer.to_owned();
    }
}

async fn discovery(State(shared): State<Arc<Shared>>) -> axum::Json<Value> {
    shared.discovered.fetch_add(1, Ordering::SeqCst);
    let issuer = shared.claims_to_be.lock().expect("an issuer").clone();
    let at = |path: &str| format!("{}{path}", shared.url);
    axum::Json(json!({
        "issuer": issuer, "jwks_uri": at("/jwks"),
        "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
    }))
}

async fn jwks(State(shared): State<Arc<Shared>>) -> Response {
    shared.asked.fetch_add(1, Ordering::SeqCst);
    let mood = shared.mood.lock().expect("a mood").clone();
    match mood {
        Mood::Keys(keys) => axum::Json(json!({ "keys": keys })).into_response(),
        Mood::Down => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Redirect(to) => Redirect::temporary(&to).into_response(),
        Mood::Bytes(bytes) => bytes.into_response(),
        Mood::Endless(megabytes) => {
            let read = shared.read.clone();
            let chunks = (0..megabytes).map(move |_| {
                read.fetch_add(1, Ordering::SeqCst);
                Ok::<_, std::convert::Infallible>(" ".repeat(1024 * 1024))
            });
            Body::from_stream(futures_util::stream::iter(chunks)).into_response()
        }
        Mood::Drip => {
            let first = futures_util::stream::once(async { Ok::<_, std::convert::Infallible>("{") });
            let never = futures_util::stream::pending();
            Body::from_stream(futures_util::StreamExt::chain(first, never)).into_response()
        }
    }
}
