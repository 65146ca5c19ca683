//! A server in front of the application: it counts and forwards requests, and has the holes that a test plants.

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

/// A planted fault: returns the response to a request, or `None` to forward it.
pub type Plant = fn(&Parts) -> Option<Response>;

struct Shared {
    behind: String,
    plant: Plant,
    http: reqwest::Client,
    asked: AtomicUsize,
}

/// The server. Dropping it stops it.
pub struct Front {
    /// Its address.
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
    /// Starts in front of `app`, with the fault `plant`.
    pub async fn start(app: &App, plant: Plant) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let shared = Arc::new(Shared { behind: app.url.clone(), plant, http, asked: AtomicUsize::new(0) });
        let router = Router::new().fallback(hand_on).with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("serving") });
        Self { url, shared, task }
    }

    /// Returns the number of requests that it received.
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
            // The body is forwarded in one piece.
            headers.remove(http::header::TRANSFER_ENCODING);
            let mut response = Body::from(answer.bytes().await.expect("a body")).into_response();
            (*response.status_mut(), *response.headers_mut()) = (status, headers);
            response
        }
    }
}

/// Returns header and claims of the bearer token of a request without any check, as a careless server would.
pub fn careless(parts: &Parts) -> Option<(serde_json::Value, serde_json::Value)> {
    use base64::Engine;
    let token = parts.headers.get(http::header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    let part = |place: usize| {
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').nth(place)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    Some((part(0)?, part(1)?))
}
