//! Connections: how long one may take to send the head of a request, how long it may be idle between two, how fast it
//! must take the response, and how many there may be.
//!
//! Hyper has one timer for both: its `header_read_timeout` also runs while a connection is idle. A balancer keeps idle
//! connections for a minute and more, and a request that it sends while we close one becomes a 502. So both limits are
//! kept here, below HTTP. Hyper has no limit at all for a client that does not read.

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

/// How long a connection may take to send the head of a request, from its first byte on; a new connection, from the
/// moment when it is there. Slow clients must not hold a connection open.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// The same for a connection beyond the cap.
pub const SPARE_READ_TIMEOUT: Duration = Duration::from_secs(2);
/// The largest head of a request, in bytes (Hyper lets pass what it has read beyond that); also how much of a response waits for a client that does not read.
pub const MAX_HEAD_BYTES: usize = 64 * 1024;
/// How long a connection may be idle between two requests, unless `KEEP_ALIVE_SECONDS` says otherwise: longer than the
/// 60 seconds of nginx and of most cloud balancers.
pub const DEFAULT_KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(75);
/// How many connections there may be, unless `MAX_CONNECTIONS` says otherwise.
pub const DEFAULT_MAX_CONNECTIONS: usize = 12_000;

/// The address at the other end of the connection that a request came by. Behind a proxy it is the proxy's.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The limits that can be set.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// How long a connection may be idle between two requests.
    pub keep_alive: Duration,
    /// How many connections there may be.
    pub max_connections: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { keep_alive: DEFAULT_KEEP_ALIVE_TIMEOUT, max_connections: DEFAULT_MAX_CONNECTIONS }
    }
}

/// Accepts connections with the limits.
#[derive(Clone, Debug)]
pub struct TimedAcceptor {
    keep_alive: Duration,
    slots: Arc<ConnectionSlots>,
}

impl TimedAcceptor {
    /// An acceptor that counts the connections of one server.
    #[must_use]
    pub fn new(limits: ConnectionLimits) -> Self {
        Self { keep_alive: limits.keep_alive, slots: Arc::new(ConnectionSlots::new(limits.max_connections)) }
    }

    /// `stream` with the limits, and the `service` that tells it when a request is under way. `abort` has the system
    /// discard what waits to be sent.
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
        // Where it cannot be set, a slow client may be taken for one that does not read.
        #[cfg(target_os = "linux")]
        {
            /// How much of a response the kernel takes before it is sent. The less it takes, the sooner the server sees that
            /// a client reads.
            const MAX_UNSENT_BYTES: u32 = 16 * 1024;
            let _ = socket2::SockRef::from(&stream).set_tcp_notsent_lowat(MAX_UNSENT_BYTES);
        }
        ready(Ok(self.timed(stream, service, peer, |stream| _ = stream.set_zero_linger())))
    }
}

#[cfg(test)]
mod tests;
