//! Requests over TCP that end before their write's turn: it is not made.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::items::{CREATE_ITEM, ItemDraft};
use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::{Extension, Router};
use http::request::Parts;
use leptos::config::LeptosOptions;
use portcullis::sign_in::TokenPlace;
use portcullis::{Access, AppError, Caller, Scopes};
use portcullis_server::config::{Trust, TrustedIssuer};
use portcullis_server::connection::ConnectionLimits;
use portcullis_server::deadline::REQUEST_TIMEOUT;
use portcullis_server::identify::IdTokens;
use portcullis_server::release::Release;
use portcullis_server::sign_in::SignInOffer;
use portcullis_server::store::{Database, Stores};
use portcullis_server::{Authenticate, Gate};
use portcullis_verifier::discovery::Discovery;
use portcullis_verifier::jwks::Http;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::readiness::Readiness;
use crate::state::AppState;
use crate::store::embedded::test_fixture::{Fixture, eventually};
use crate::{rest, router, startup};

const ISSUER: &str = "https://issuer.example";

struct Ada;

#[async_trait]
impl Authenticate for Ada {
    async fn authenticate(&self, _: &Parts) -> Result<Arc<Caller>, AppError> {
        let scopes = Scopes::parse("read:items write:items delete:items");
        Ok(Arc::new(Caller { issuer: ISSUER.into(), subject: Some("ada".into()), scopes }))
    }
}

fn trust() -> Trust {
    Trust::strict(&app::registry::REGISTRY, TrustedIssuer::new(ISSUER, "api"))
}

/// A request that waits for its write, until it is dropped.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Counts a request from the moment when its write is queued: the handler, which has the whole body, waits for nothing
/// before.
async fn count(State(waiting): State<Arc<AtomicUsize>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1_000).await.expect("a body");
    waiting.fetch_add(1, Ordering::SeqCst);
    let _waiting = Waiting(waiting);
    next.run(Request::from_parts(parts, body.into())).await
}

/// A server whose disk is stalled under the commit of `first`, with the creation of `late` behind it.
struct Blocked {
    fixture: Fixture,
    addr: SocketAddr,
    waiting: Arc<AtomicUsize>,
    first: TcpStream,
    late: TcpStream,
}

impl Blocked {
    async fn new() -> Self {
        let fixture = Fixture::new();
        let waiting = Arc::<AtomicUsize>::default();
        let addr = serve(&fixture, waiting.clone()).await;
        fixture.disk.stall();
        let syncs = fixture.disk.syncs();
        let first = create(addr, "first").await;
        fixture.synced(syncs + 1).await;
        let late = create(addr, "late").await;
        eventually("it is queued", || waiting.load(Ordering::SeqCst) == 2).await;
        Self { fixture, addr, waiting, first, late }
    }
}

/// Serves the REST API with the store of `fixture`, for requests that the gate has let through. Returns where.
async fn serve(fixture: &Fixture, waiting: Arc<AtomicUsize>) -> SocketAddr {
    let gate = Gate::new(Arc::new(Ada));
    let (anyone, ()) = http::Request::new(()).into_parts();
    let admitted = gate.admit(&anyone, Access::SignedIn).await.expect("she is let in");
    let mut stores = Stores::default();
    stores.insert::<ItemDraft>(fixture.store.store());
    let database = Database::new(fixture.store.clone(), stores);
    let discovery = Discovery::new(ISSUER.into(), Http::new().expect("a client")).expect("a URL");
    let state = AppState {
        options: LeptosOptions::builder().output_name("portcullis").build(),
        release: Release::of(Path::new("")),
        gate,
        readiness: Arc::new(Readiness::new(Vec::new(), database.clone(), Vec::new())),
        database,
        id_tokens: Arc::new(IdTokens(None)),
        metadata: None,
        sign_in: SignInOffer::start(trust(), TokenPlace::LocalStorage, String::new(), Arc::new(discovery)),
    };
    let mut api = Router::new();
    for rest::Served { endpoint, handler } in rest::endpoints() {
        api = api.route(endpoint.path, handler.layer(Extension(admitted.clone())));
    }
    let api = api.layer(from_fn_with_state(waiting, count));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let app = router::with_common_layers(api, state);
    tokio::spawn(startup::serve(listener, app, ConnectionLimits::default(), std::future::pending()));
    addr
}

/// Asks for the creation of an item that is called `name`.
async fn create(addr: SocketAddr, name: &str) -> TcpStream {
    let mut connection = TcpStream::connect(addr).await.expect("it listens");
    let (path, body) = (CREATE_ITEM.path(), format!(r#"{{"name":"{name}"}}"#));
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n");
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    connection.write_all(request.as_bytes()).await.expect("it is open");
    connection
}

async fn response(mut connection: TcpStream) -> String {
    let mut text = String::new();
    connection.read_to_string(&mut text).await.expect("a response");
    text
}

#[tokio::test]
async fn create_of_disconnected_client_is_not_made() {
    let Blocked { fixture, addr, waiting, first, late } = Blocked::new().await;
    drop(late);
    eventually("its request has ended", || waiting.load(Ordering::SeqCst) == 1).await;
    fixture.disk.resume();
    assert!(response(first).await.starts_with("HTTP/1.1 201 "));
    assert!(response(create(addr, "later").await).await.starts_with("HTTP/1.1 201 "));
    assert_eq!(fixture.names().expect("read"), ["first", "later"]);
}

#[tokio::test]
async fn create_after_deadline_exceeded_is_not_made() {
    let Blocked { fixture, addr, first, late, .. } = Blocked::new().await;
    tokio::time::pause();
    tokio::time::advance(REQUEST_TIMEOUT).await;
    tokio::time::resume();
    let late = response(late).await;
    assert!(late.starts_with("HTTP/1.1 503 ") && late.contains("deadline_exceeded"), "{late}");
    // Its write was under way, so it is made, as the response says that it may be.
    assert!(response(first).await.contains("deadline_exceeded"));
    fixture.disk.resume();
    assert!(response(create(addr, "later").await).await.starts_with("HTTP/1.1 201 "));
    assert_eq!(fixture.names().expect("read"), ["first", "later"]);
}
