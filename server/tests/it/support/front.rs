//! A server before the application: it counts what comes, hands it on, and has holes where a test wants them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::App;

/// What a test plants: the answer to a request, or none to hand it on.
pub type Plant = fn(&Parts) -> Option<Response>;

struct Shared {
    behind: String,
    plant: Plant,
    http: reqwest::Client,
    asked: AtomicUsize,
}

/// The server; it ends with this value.
pub struct Front {
    /// Where it is.
    pub url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Front {
    /// Starts before `app`, with what `plant` answers in its place.
    pub async fn start(app: &App, plant: Plant) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let shared = Arc::new(Shared { behind: app.url.clone(), plant, http, asked: AtomicUsize::new(0) });
        let router = Router::new().fallback(hand_on).with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("serving") });
        Self { url, shared, task }
    }

    /// How many requests it has received.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }
}

async fn hand_on(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    shared.asked.fetch_add(1, Ordering::SeqCst);
    let (parts, body) = request.into_parts();
    if let Some(planted) = (shared.plant)(&parts) {
        return planted;
    }
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    let address = format!("{}{}", shared.behind, parts.uri.path_and_query().expect("a path"));
    let mut headers = parts.headers;
    headers.remove(http::header::HOST);
    match shared.http.request(parts.method, address).headers(headers).body(body).send().await {
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
        Ok(answer) => {
            let (status, mut headers) = (answer.status(), answer.headers().clone());
            // The body is sent in one piece from here.
            headers.remove(http::header::TRANSFER_ENCODING);
            let mut response = Body::from(answer.bytes().await.expect("a body")).into_response();
            (*response.status_mut(), *response.headers_mut()) = (status, headers);
            response
        }
    }
}

/// The bearer token of a request, its header and its claims, read without any check: what a careless server does.
pub fn careless(parts: &Parts) -> Option<(serde_json::Value, serde_json::Value)> {
    use base64::Engine;
    let token = parts.headers.get(http::header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    let part = |place: usize| {
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').nth(place)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    Some((part(0)?, part(1)?))
}
