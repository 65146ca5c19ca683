//! Requests over TCP that end before their write's turn: the write is not made.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::post;
use axum::{Extension, Json, Router};
use http::StatusCode;
use http::request::Parts;
use portcullis::record::Record;
use portcullis::{Access, AppError, Caller, Scopes};
use portcullis_server::connection::ConnectionLimits;
use portcullis_server::deadline::{self, REQUEST_TIMEOUT};
use portcullis_server::store::Records;
use portcullis_server::{Authenticate, Permit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::embedded::test_support::fixture::{Fixture, eventually};
use crate::test_record::{Thing, UseThings};
use portcullis_server::serve;

const ISSUER: &str = "https://issuer.example";

struct Ada;

#[async_trait]
impl Authenticate for Ada {
    async fn authenticate(&self, _: &Parts) -> Result<Arc<Caller>, AppError> {
        let scopes = Scopes::parse("use:things");
        Ok(Arc::new(Caller { issuer: ISSUER.into(), subject: Some("ada".into()), scopes }))
    }
}

/// Counts a waiting request, until it is dropped.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Counts a request from the moment when its write is queued: the handler has the whole body, and has waited for
/// nothing else before.
async fn count(State(waiting): State<Arc<AtomicUsize>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1_000).await.expect("a body");
    waiting.fetch_add(1, Ordering::SeqCst);
    let _waiting = Waiting(waiting);
    next.run(Request::from_parts(parts, body.into())).await
}

/// A server whose disk is stalled during the commit of `first`, while the creation of `late` is queued.
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

/// Creates a record, as a handler does.
async fn handler(
    permit: Permit<UseThings>,
    things: Records<Thing>,
    Json(thing): Json<Thing>,
) -> Result<StatusCode, AppError> {
    things.create(&permit, thing.validate()?, None).await.map(|_| StatusCode::CREATED)
}

/// Serves the store of `fixture` to admitted requests. Returns the address.
async fn serve(fixture: &Fixture, waiting: Arc<AtomicUsize>) -> SocketAddr {
    let (anyone, ()) = http::Request::new(()).into_parts();
    let admitted = portcullis_server::test_support::gate(Arc::new(Ada))
        .admit(&anyone, Access::SignedIn)
        .await
        .expect("she is let in");
    let app = Router::new()
        .route("/things", post(handler))
        .layer(Extension(admitted))
        .layer(from_fn_with_state(waiting, count))
        .layer(from_fn(deadline::enforce))
        .with_state(fixture.database());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    tokio::spawn(serve::serve(listener, app, ConnectionLimits::default(), std::future::pending()));
    addr
}

/// Sends a request to create a record with the name `name`.
async fn create(addr: SocketAddr, name: &str) -> TcpStream {
    let mut connection = TcpStream::connect(addr).await.expect("it listens");
    let (path, body) = ("/things", format!(r#"{{"name":"{name}"}}"#));
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
    // Its write was in progress, so it is made. The response says that this is possible.
    assert!(response(first).await.contains("deadline_exceeded"));
    fixture.disk.resume();
    assert!(response(create(addr, "later").await).await.starts_with("HTTP/1.1 201 "));
    assert_eq!(fixture.names().expect("read"), ["first", "later"]);
}
