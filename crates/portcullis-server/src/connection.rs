//! Connection limits: the time to send the head of a request, the idle time between requests, the minimum speed of
//! reading the response, and the number of connections.
//!
//! Hyper has one timer for the first two: its `header_read_timeout` also runs while a connection is idle. Load
//! balancers keep idle connections for a minute and more, and a request on a connection that the server is closing
//! becomes a 502. So both limits are implemented here, below HTTP. Hyper has no limit for a client that does not read.

mod hyper_errors;
mod regular;
mod slots;
mod stream;
mod tracked;
mod write_progress;

use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::net::TcpStream;

use slots::ConnectionSlots;
pub use slots::{BeyondCap, SPARE_CONNECTIONS, SPARE_REQUESTS};
pub use stream::TimedStream;
use tracked::Progress;
pub use tracked::{TrackedService, UnreadInput};
pub use write_progress::{MIN_BYTES_PER_WRITE_WINDOW, WRITE_WINDOW};

/// The maximum time to send the head of a request. It starts with the first byte, or for a new connection when it is
/// accepted. Slow clients must not hold a connection open.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// The same for a connection over the limit.
pub const SPARE_READ_TIMEOUT: Duration = Duration::from_secs(2);
/// The maximum size of the head of a request, in bytes (Hyper accepts what it has already read beyond that). It is also
/// the maximum size of the part of a response that waits for a client that does not read.
pub const MAX_HEAD_BYTES: usize = 64 * 1024;
/// The default maximum idle time between two requests. It is longer than the 60 seconds of nginx and most cloud load
/// balancers.
pub const DEFAULT_KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(75);
/// The default maximum number of connections.
pub const DEFAULT_MAX_CONNECTIONS: usize = 12_000;

/// The remote address of the connection of a request. Behind a proxy it is the proxy's address.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The configurable limits.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// The maximum idle time between two requests.
    pub keep_alive: Duration,
    /// The maximum number of connections.
    pub max_connections: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { keep_alive: DEFAULT_KEEP_ALIVE_TIMEOUT, max_connections: DEFAULT_MAX_CONNECTIONS }
    }
}

/// Accepts connections and applies the limits.
#[derive(Clone, Debug)]
pub struct TimedAcceptor {
    keep_alive: Duration,
    slots: Arc<ConnectionSlots>,
}

impl TimedAcceptor {
    /// Creates an acceptor that counts the connections of one server.
    #[must_use]
    pub fn new(limits: ConnectionLimits) -> Self {
        Self { keep_alive: limits.keep_alive, slots: Arc::new(ConnectionSlots::new(limits.max_connections)) }
    }

    /// Returns `stream` with the limits, and the `service` that tells it when a request is in progress. `abort` makes
    /// the system discard unsent data.
    fn timed<T, S>(
        &self,
        stream: T,
        service: S,
        peer: Option<Peer>,
        abort: fn(&T),
    ) -> (TimedStream<T>, TrackedService<S>) {
        let (progress, slot) = (Progress::default(), self.slots.take());
        let limit = if slot.is_spare() { SPARE_READ_TIMEOUT } else { HEADER_READ_TIMEOUT };
        let beyond_cap = slot.is_spare().then(|| self.slots.spare_requests());
        let stream = TimedStream::new(stream, abort, slot, progress.clone(), limit, self.keep_alive);
        (stream, TrackedService { service, progress, peer, beyond_cap })
    }
}

impl<S> Accept<TcpStream, S> for TimedAcceptor {
    type Stream = TimedStream<TcpStream>;
    type Service = TrackedService<S>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let peer = stream.peer_addr().ok().map(Peer);
        // If this fails, a slow client may be treated as one that does not read.
        #[cfg(target_os = "linux")]
        {
            /// The maximum amount of unsent data in the kernel. A small buffer shows the server early that a client
            /// reads.
            const MAX_UNSENT_BYTES: u32 = 16 * 1024;
            let _ = socket2::SockRef::from(&stream).set_tcp_notsent_lowat(MAX_UNSENT_BYTES);
        }
        ready(Ok(self.timed(stream, service, peer, |stream| _ = stream.set_zero_linger())))
    }
}

#[cfg(test)]
mod tests;
