//! The background task that fetches the keys of one provider: the only one that fetches, and limited by a token bucket.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::key::KeySet;
use super::remote::KeySource;
use super::updates::KeySetUpdates;
use crate::bucket::TokenBucket;

/// The time after which known keys are fetched again. A key that the provider has removed stops working within it.
pub const REFRESH_INTERVAL: Duration = Duration::from_secs(300);

/// The time until one more fetch may start after the burst: five per minute.
pub const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(12);
/// The number of fetches that may start one after the other after a quiet time: providers create several keys at first
/// use.
pub const REFRESH_BURST: u32 = 3;

/// The number of requests that may wait for a fetch at the same time. All others are rejected without a wait.
pub const MAX_WAITING_REQUESTS: usize = 256;

/// The progress of the refresh task.
#[derive(Clone, Copy)]
pub(super) struct RefreshProgress {
    /// The number of fetches that have started.
    pub(super) started: u64,
    /// Whether a fetch is running.
    pub(super) is_fetching: bool,
    /// Whether the last completed fetch returned keys.
    pub(super) succeeded: bool,
    /// The limit of further fetches.
    pub(super) bucket: TokenBucket,
    /// Whether the task has panicked and was not restarted yet. Nobody must wait for it.
    pub(super) has_stopped: bool,
}

/// What the cache and the refresh task share.
pub(super) struct SharedKeys {
    pub(super) keys: ArcSwapOption<KeySet>,
    /// A key is unknown: a fetch is due as soon as the bucket allows one.
    is_fetch_requested: AtomicBool,
    /// A known key does not verify a token: a fetch is due, but at the earliest [`MIN_REFRESH_INTERVAL`] after the last.
    is_refresh_requested: AtomicBool,
    wake: Notify,
    pub(super) progress: watch::Sender<RefreshProgress>,
    pub(super) wait_permits: Semaphore,
}

impl SharedKeys {
    pub(super) fn new() -> Self {
        let bucket = TokenBucket::full(REFRESH_BURST, MIN_REFRESH_INTERVAL, Instant::now());
        let (started, is_fetching, succeeded, has_stopped) = (0, true, false, false);
        Self {
            keys: ArcSwapOption::empty(),
            is_fetch_requested: AtomicBool::new(false),
            is_refresh_requested: AtomicBool::new(false),
            wake: Notify::new(),
            progress: watch::Sender::new(RefreshProgress { started, is_fetching, succeeded, bucket, has_stopped }),
            wait_permits: Semaphore::new(MAX_WAITING_REQUESTS),
        }
    }

    /// Requests a fetch as soon as the bucket allows one.
    pub(super) fn request_fetch(&self) {
        self.is_fetch_requested.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    /// Requests a fetch at the earliest [`MIN_REFRESH_INTERVAL`] after the last.
    pub(super) fn request_refresh(&self) {
        self.is_refresh_requested.store(true, Ordering::Release);
        self.wake.notify_one();
    }
}

/// Tells the requests that wait for a fetch when the task panics.
struct StopNotice(Arc<SharedKeys>);

impl Drop for StopNotice {
    fn drop(&mut self) {
        self.0.progress.send_modify(|p| {
            *p = RefreshProgress { is_fetching: false, succeeded: false, has_stopped: true, ..*p };
        });
    }
}

/// Fetches the keys from `source` whenever a fetch is due.
pub(super) async fn keep_fresh(shared: Arc<SharedKeys>, source: Arc<impl KeySource>) {
    let _stop_notice = StopNotice(shared.clone());
    let mut updates = KeySetUpdates::new(source.issuer());
    // A restart of the task must not refill the bucket.
    let mut bucket = shared.progress.borrow().bucket;
    let wait = bucket.wait(Instant::now());
    if !wait.is_zero() {
        sleep(wait).await;
    }
    loop {
        let started = Instant::now();
        bucket.take(started);
        shared.progress.send_modify(|p| {
            *p = RefreshProgress { started: p.started + 1, is_fetching: true, bucket, has_stopped: false, ..*p };
        });
        // This fetch satisfies all earlier requests.
        shared.is_fetch_requested.store(false, Ordering::Release);
        shared.is_refresh_requested.store(false, Ordering::Release);
        // In a task of its own, so that a panic in it is only a failed fetch.
        let fetch = tokio::spawn({
            let source = source.clone();
            async move { source.fetch().await }
        });
        let keys = updates.apply(fetch.await, shared.keys.load().as_deref());
        let succeeded = keys.is_some();
        if let Some(keys) = keys {
            shared.keys.store(Some(Arc::new(keys)));
        }
        shared.progress.send_modify(|p| *p = RefreshProgress { is_fetching: false, succeeded, ..*p });
        let interval = if succeeded { REFRESH_INTERVAL } else { MIN_REFRESH_INTERVAL };
        wait_until_due(&shared, bucket, started, interval).await;
    }
}

/// Waits until the next fetch is due: `interval` after the last, or earlier if one is requested.
async fn wait_until_due(shared: &SharedKeys, bucket: TokenBucket, started: Instant, interval: Duration) {
    loop {
        let now = Instant::now();
        let allowed = now + bucket.wait(now);
        let mut due = allowed.max(started + interval);
        if shared.is_refresh_requested.load(Ordering::Acquire) {
            due = due.min(allowed.max(started + MIN_REFRESH_INTERVAL));
        }
        if shared.is_fetch_requested.load(Ordering::Acquire) {
            due = due.min(allowed);
        }
        tokio::select! {
            () = sleep_until(due) => return,
            () = shared.wake.notified() => {}
        }
    }
}
