//! The limits of the security log: a flood of requests must not fill the disk.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use portcullis_verifier::bucket::TokenBucket;
use tokio::runtime::Handle;
use tokio::time::Instant;

/// The target of every line, for filters such as `RUST_LOG=warn,portcullis_server::security_log=info`.
pub(super) const TARGET: &str = "portcullis_server::security_log";

/// The time from the first suppressed line of a kind to the log line with the number of suppressed lines.
pub const SUMMARY_INTERVAL: Duration = Duration::from_secs(60);

/// The kind of a line. Each kind has its own limit, so that a flood of one kind does not hide the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Event {
    Unauthorized,
    Forbidden,
    Write,
}

impl Event {
    pub(super) const fn name(self) -> &'static str {
        LOG_LIMITS[self as usize].event
    }
}

/// The limit for one kind of lines.
#[derive(Clone, Copy, Debug)]
pub struct LogLimit {
    /// The name of the kind in the log.
    pub event: &'static str,
    /// The maximum number of lines at once.
    pub burst: u32,
    /// The time until another line is allowed.
    pub interval: Duration,
}

/// The limits: one line per second for rejected requests, which anyone can cause; ten for writes, which need a token.
pub const LOG_LIMITS: [LogLimit; 3] = [
    LogLimit { event: "unauthorized", burst: 100, interval: Duration::from_secs(1) },
    LogLimit { event: "forbidden", burst: 100, interval: Duration::from_secs(1) },
    LogLimit { event: "write", burst: 1000, interval: Duration::from_millis(100) },
];

/// The state of the limits.
pub(super) struct Limits([Arc<Mutex<EventLimit>>; 3]);

impl Default for Limits {
    fn default() -> Self {
        Self(LOG_LIMITS.map(|limit| {
            let bucket = TokenBucket::full(limit.burst, limit.interval, Instant::now());
            Arc::new(Mutex::new(EventLimit { event: limit.event, bucket, suppressed: 0 }))
        }))
    }
}

impl Limits {
    /// Returns whether a line about `event` may be written. If not, counts it as suppressed.
    pub(super) fn admit(&self, event: Event) -> bool {
        let limit = &self.0[event as usize];
        let mut locked = limit.lock().unwrap_or_else(PoisonError::into_inner);
        if locked.bucket.try_take(Instant::now()) {
            return true;
        }
        locked.suppressed += 1;
        if locked.suppressed == 1
            && let Ok(runtime) = Handle::try_current()
        {
            let limit = limit.clone();
            runtime.spawn(async move {
                tokio::time::sleep(SUMMARY_INTERVAL).await;
                limit.lock().unwrap_or_else(PoisonError::into_inner).summarize();
            });
        }
        false
    }
}

/// The state of the limit for one kind.
struct EventLimit {
    event: &'static str,
    bucket: TokenBucket,
    suppressed: u64,
}

impl EventLimit {
    fn summarize(&mut self) {
        let suppressed = std::mem::take(&mut self.suppressed);
        if suppressed > 0 {
            tracing::info!(target: TARGET, event = self.event, suppressed, "security events suppressed by the rate limit");
        }
    }
}

impl Drop for EventLimit {
    /// A server that stops logs the pending summary.
    fn drop(&mut self) {
        self.summarize();
    }
}
