//! Lets the service of a connection tell its stream when a request is in progress and how the connection ends.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::Service;

use super::Peer;
use super::slots::BeyondCap;

/// The state that the service of a connection shares with its stream.
#[derive(Clone, Default)]
pub(super) struct Progress(Arc<ConnectionState>);

#[derive(Default)]
struct ConnectionState {
    request: AtomicU8,
    expects_more_input: AtomicBool,
}

impl Progress {
    /// A request is in progress.
    const BUSY: u8 = 1;
    /// The request was answered, and the stream has not seen it yet. Both may happen between two reads.
    const DONE: u8 = 2;

    fn set(&self, progress: u8) {
        self.0.request.store(progress, Ordering::Release);
    }

    pub(super) fn is_busy(&self) -> bool {
        self.0.request.load(Ordering::Acquire) == Self::BUSY
    }

    /// Returns whether a request was answered since the last call.
    pub(super) fn take_done(&self) -> bool {
        self.0.request.compare_exchange(Self::DONE, 0, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Records that the client may send more data, which is not read.
    pub(super) fn expect_more_input(&self) {
        self.0.expects_more_input.store(true, Ordering::Release);
    }

    /// Returns whether the client may send more data, which is not read.
    pub(super) fn expects_more_input(&self) -> bool {
        self.0.expects_more_input.load(Ordering::Acquire)
    }
}

/// Lets a layer tell the connection that it did not read the whole body of a request.
#[derive(Clone)]
pub struct UnreadInput(Progress);

impl UnreadInput {
    /// Lets the client send the rest before the connection ends. Otherwise its system could discard the response (RFC
    /// 9112 §9.6).
    pub fn expect(&self) {
        self.0.expect_more_input();
    }
}

/// A service that tells its connection when a request is in progress, and adds the [`Peer`] to requests.
#[derive(Clone)]
pub struct TrackedService<S> {
    pub(super) service: S,
    pub(super) progress: Progress,
    pub(super) peer: Option<Peer>,
    /// The limit for requests, if the connection is over the connection limit.
    pub(super) beyond_cap: Option<Arc<Semaphore>>,
}

impl<S, B> Service<Request<B>> for TrackedService<S>
where
    S: Service<Request<B>, Response = Response>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        self.progress.set(Progress::BUSY);
        let is_beyond_cap = self.beyond_cap.is_some();
        let is_last = is_beyond_cap || is_get_with_body(&request);
        let permit = self.beyond_cap.as_ref().and_then(|requests| requests.clone().try_acquire_owned().ok());
        if is_beyond_cap {
            request.extensions_mut().insert(BeyondCap { has_room: permit.is_some() });
        }
        let busy = Busy { progress: self.progress.clone(), _permit: permit };
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        request.extensions_mut().insert(UnreadInput(self.progress.clone()));
        let answered = self.service.call(request);
        Box::pin(async move {
            let mut response = answered.await?;
            if is_last {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            if ends_connection(&response) {
                busy.progress.expect_more_input();
            }
            Ok(response.map(|body| Body::new(TrackedBody { body, _busy: busy })))
        })
    }
}

/// Returns whether `request` has a body that no handler reads. Hyper would read the next request before the response is
/// sent, and could write its own error response into the middle of it.
fn is_get_with_body<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    let has_body = headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    has_body && matches!(*request.method(), Method::GET | Method::HEAD)
}

/// Returns whether the connection ends with `response`, possibly before the client has sent the whole request.
fn ends_connection(response: &Response) -> bool {
    response.status() == StatusCode::PAYLOAD_TOO_LARGE
        || response.headers().get(header::CONNECTION).is_some_and(|value| value == "close")
}

/// A request in progress, until this is dropped.
struct Busy {
    progress: Progress,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.progress.set(Progress::DONE);
    }
}

/// The body of a response. Its request is in progress until the body is sent.
struct TrackedBody {
    body: Body,
    _busy: Busy,
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
