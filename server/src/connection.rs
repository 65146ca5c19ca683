//! Connections: how long one may take to send the head of a request, and how long it may be idle between two.
//!
//! Hyper has one timer for both: its `header_read_timeout` also runs while a connection is idle. A balancer keeps idle
//! connections for a minute and more, and a request that it sends while we close one becomes a 502. So both limits are
//! kept here, below HTTP.

use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use axum_server::accept::Accept;
use http::Request;
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};
use tower::Service;

/// How long a connection may take to send the head of a request, from its first byte on; a new connection, from the
/// moment when it is there. Slow clients must not hold a connection open.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be idle between two requests, unless `KEEP_ALIVE_SECONDS` says otherwise: longer than the
/// 60 seconds of nginx and of most cloud balancers.
pub const DEFAULT_KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(75);

/// The address at the other end of the connection that a request came by. Behind a proxy it is the proxy's.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Accepts connections with the two limits.
#[derive(Clone, Copy, Debug)]
pub struct TimedAcceptor {
    /// How long a connection may be idle between two requests.
    pub keep_alive: Duration,
}

impl<S> Accept<TcpStream, S> for TimedAcceptor {
    type Stream = TimedStream<TcpStream>;
    type Service = TrackedService<S>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let peer = stream.peer_addr().ok().map(Peer);
        ready(Ok(timed(stream, service, peer, self.keep_alive)))
    }
}

/// `stream` with the limits, and the `service` that tells it when a request is under way.
fn timed<T, S>(stream: T, service: S, peer: Option<Peer>, keep_alive: Duration) -> (TimedStream<T>, TrackedService<S>) {
    let progress = Progress::default();
    let deadline = Box::pin(sleep(HEADER_READ_TIMEOUT));
    let stream = TimedStream { stream, progress: progress.clone(), phase: Phase::Head, deadline, keep_alive };
    (stream, TrackedService { service, progress, peer })
}

/// What the service of a connection tells its stream.
#[derive(Clone, Default)]
struct Progress(Arc<AtomicU8>);

impl Progress {
    /// A request is under way.
    const BUSY: u8 = 1;
    /// It was answered, and the stream has not seen that yet: both may happen between two reads.
    const DONE: u8 = 2;

    fn set(&self, progress: u8) {
        self.0.store(progress, Ordering::Release);
    }

    fn is_busy(&self) -> bool {
        self.0.load(Ordering::Acquire) == Self::BUSY
    }

    /// Tells once whether a request was answered.
    fn take_done(&self) -> bool {
        self.0.compare_exchange(Self::DONE, 0, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// What a connection waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// The rest of the head of a request, or the first byte of a new connection.
    Head,
    /// The answer to a request. How long that may take is the router's matter.
    Answer,
    /// The first byte of another request.
    Idle,
}

/// A connection that ends when it is late with what it waits for.
pub struct TimedStream<T> {
    stream: T,
    progress: Progress,
    phase: Phase,
    deadline: Pin<Box<Sleep>>,
    keep_alive: Duration,
}

impl<T> TimedStream<T> {
    /// Starts the limit of `phase`, and has this task woken at its end.
    fn enter(&mut self, phase: Phase, limit: Duration, cx: &mut Context<'_>) {
        self.phase = phase;
        self.deadline.as_mut().reset(Instant::now() + limit);
        // Hyper need not read again before something wakes it.
        let _ = self.deadline.as_mut().poll(cx);
    }

    /// Follows what the service has done since the last call.
    fn follow(&mut self, cx: &mut Context<'_>) {
        if self.progress.is_busy() {
            self.phase = Phase::Answer;
        } else if self.progress.take_done() {
            // A head that was sent with the request before is within this limit too: how much of what was read belonged
            // to which request is not known here.
            self.enter(Phase::Idle, self.keep_alive, cx);
        }
    }

    /// The last bytes of an answer are sent when the service is done with it; as long as they flow, nothing is idle.
    fn after_write(&mut self, written: &Poll<io::Result<usize>>, cx: &mut Context<'_>) {
        self.follow(cx);
        if self.phase == Phase::Idle && matches!(written, Poll::Ready(Ok(1..))) {
            self.enter(Phase::Idle, self.keep_alive, cx);
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for TimedStream<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.follow(cx);
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if self.phase == Phase::Idle && buffer.filled().len() > before {
            self.enter(Phase::Head, HEADER_READ_TIMEOUT, cx);
        }
        if read.is_ready() || self.phase == Phase::Answer || self.deadline.as_mut().poll(cx).is_pending() {
            return read;
        }
        match self.phase {
            // As if the client had ended it: nothing is under way.
            Phase::Idle => Poll::Ready(Ok(())),
            _ => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for TimedStream<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.after_write(&written, cx);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.after_write(&written, cx);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.follow(cx);
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A service that tells its connection when a request is under way, and its requests who the [`Peer`] is.
#[derive(Clone)]
pub struct TrackedService<S> {
    service: S,
    progress: Progress,
    peer: Option<Peer>,
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
        let busy = Busy(self.progress.clone());
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        let answered = self.service.call(request);
        Box::pin(async move { Ok(answered.await?.map(|body| Body::new(TrackedBody { body, _busy: busy }))) })
    }
}

/// A request that is under way, until this is dropped.
struct Busy(Progress);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.set(Progress::DONE);
    }
}

/// The body of an answer. Its request is under way as long as it is not sent.
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

#[cfg(test)]
mod tests;
