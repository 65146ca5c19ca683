//! The key cache. Reading takes no lock; one task alone fetches, so fetches are single-flight and limited in number.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::{ArcSwapOption, Guard};
use jsonwebtoken::Algorithm;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::key::{KeySet, SigningKey};
use super::refresh::KeySetUpdates;
use super::remote::KeySource;
use crate::AuthError;
use crate::bucket::TokenBucket;
use crate::supervise::{Supervised, TaskHealth};

/// How old keys get before they are fetched again unasked: a key that the provider has removed stops working
/// within this time.
pub const REFRESH_EVERY: Duration = Duration::from_secs(300);

/// How long it takes until one more fetch may start: five a minute in the long run.
pub const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(12);
/// How many fetches may follow each other at once after a quiet time: providers make several keys at first use.
pub const REFRESH_BURST: u32 = 3;

/// How many requests may wait for a fetch at once; of a flood, the rest are refused without waiting.
pub const MOST_WAITING: usize = 256;

/// How far the fetching has come.
#[derive(Clone, Copy)]
struct Progress {
    /// How many fetches have started.
    started: u64,
    /// Whether it is still under way.
    under_way: bool,
    /// Whether the last one that ended brought keys.
    succeeded: bool,
    /// What is left of the fetches that may start.
    bucket: TokenBucket,
    /// The task has panicked and was not started again yet: nothing is to be waited for.
    has_stopped: bool,
}

struct Shared {
    keys: ArcSwapOption<KeySet>,
    /// An unknown key was asked for: a fetch is due as soon as the bucket allows.
    is_fetch_requested: AtomicBool,
    /// A known key did not fit: a fetch is due, but not sooner than [`MIN_REFRESH_INTERVAL`] after the last.
    is_refresh_requested: AtomicBool,
    wake: Notify,
    progress: watch::Sender<Progress>,
    places_to_wait: Semaphore,
}

/// The keys of one provider, kept fresh by a task that ends with the cache.
pub struct KeyCache {
    shared: Arc<Shared>,
    task: Supervised,
}

impl KeyCache {
    /// Starts to fetch from `source`, and goes on trying while it does not answer.
    #[must_use]
    pub fn start(source: impl KeySource) -> Self {
        let bucket = TokenBucket::full(REFRESH_BURST, MIN_REFRESH_INTERVAL, Instant::now());
        let progress =
            watch::Sender::new(Progress { started: 0, under_way: true, succeeded: false, bucket, has_stopped: false });
        let shared = Arc::new(Shared {
            keys: ArcSwapOption::empty(),
            is_fetch_requested: AtomicBool::new(false),
            is_refresh_requested: AtomicBool::new(false),
            wake: Notify::new(),
            progress,
            places_to_wait: Semaphore::new(MOST_WAITING),
        });
        let (source, refreshed) = (Arc::new(source), shared.clone());
        let task = Supervised::start("key refresh", move || keep_fresh(refreshed.clone(), source.clone()));
        Self { shared, task }
    }

    /// Returns what tells whether the task that fetches runs.
    #[must_use]
    pub fn refresh_task(&self) -> TaskHealth {
        self.task.health()
    }

    /// Whether there are keys to check tokens with.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.shared.keys.load().as_ref().is_some_and(|keys| !keys.is_empty())
    }

    /// Whether `key` is one of those that the provider has now. Takes no lock.
    #[must_use]
    pub fn has(&self, key: &Arc<SigningKey>) -> bool {
        self.shared.keys.load().as_ref().is_some_and(|keys| keys.has(key))
    }

    /// Returns the keys as far as they are known. Takes no lock.
    #[must_use]
    pub fn known(&self) -> Guard<Option<Arc<KeySet>>> {
        self.shared.keys.load()
    }

    /// Asks for a fetch and does not wait for it: a known key did not fit, and the provider may have put another in its
    /// place. Such a fetch starts [`MIN_REFRESH_INTERVAL`] after the last one at the earliest, so that forged signatures
    /// under a known key id leave the bucket to unknown keys.
    pub fn request_refresh(&self) {
        self.shared.is_refresh_requested.store(true, Ordering::Release);
        self.shared.wake.notify_one();
    }

    /// Returns the keys to try for an access token, as [`KeySet::fitting`] does; fetches where there are none.
    ///
    /// # Errors
    /// Those of [`KeyCache::await_key`], and [`AuthError::Algorithm`] if the key is for another algorithm.
    pub async fn keys(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Vec<Arc<SigningKey>>, AuthError> {
        let fitting = |keys: &KeySet| keys.fitting(id, algorithm).cloned().collect();
        self.find(fitting, |keys| id.is_some_and(|id| keys.has_id(id))).await
    }

    /// As [`KeyCache::keys`], for ID tokens.
    ///
    /// # Errors
    /// As [`KeyCache::keys`].
    pub async fn id_token_keys(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Vec<Arc<SigningKey>>, AuthError> {
        let fitting = |keys: &KeySet| keys.fitting_id_token(id, algorithm).cloned().collect();
        self.find(fitting, |keys| id.is_some_and(|id| keys.has_id_for_id_tokens(id))).await
    }

    async fn find(
        &self,
        fitting: impl Fn(&KeySet) -> Vec<Arc<SigningKey>>,
        has_id: impl Fn(&KeySet) -> bool,
    ) -> Result<Vec<Arc<SigningKey>>, AuthError> {
        let known = || self.known().as_ref().map(|keys| fitting(keys)).unwrap_or_default();
        let found = known();
        if !found.is_empty() {
            return Ok(found);
        }
        self.await_key(|keys| has_id(keys) || !fitting(keys).is_empty()).await?;
        let found = known();
        if found.is_empty() { Err(AuthError::Algorithm) } else { Ok(found) }
    }

    /// Waits until `is_known` holds of the keys: for a fetch that is under way, and then for one more if that may start.
    /// Where none may start it does not wait, so that a flood of unknown key ids is refused at once.
    ///
    /// # Errors
    /// [`AuthError::UnknownKey`] if the provider has no such key, by a fetch that started after this call;
    /// [`AuthError::KeyNotYetKnown`] if the provider could not be asked again by now;
    /// [`AuthError::KeysUnavailable`] without any keys.
    pub async fn await_key(&self, is_known: impl Fn(&KeySet) -> bool) -> Result<(), AuthError> {
        let holds = || self.known().as_ref().is_some_and(|keys| is_known(keys));
        if holds() {
            return Ok(());
        }
        let mut progress = self.shared.progress.subscribe();
        let Ok(_place) = self.shared.places_to_wait.try_acquire() else { return Err(self.unavailable_error()) };
        let mut last = *progress.borrow_and_update();
        let was_under_way = last.under_way;
        if was_under_way {
            // The sender lives as long as `self`: this ends with the end of the fetch, which has its time limit.
            last = match progress.wait_for(|p| !p.under_way).await {
                Ok(ended) => *ended,
                Err(_) => return Err(self.unavailable_error()),
            };
        }
        if holds() {
            return Ok(());
        }
        // One that has failed just now is tried again in its time. One that has not may have started before the key was
        // made, so its keys do not tell that there is no such key.
        if (was_under_way && !last.succeeded) || !self.request_fetch(last) {
            return Err(self.unavailable_error());
        }
        let is_next = |p: &Progress| p.has_stopped || (!p.under_way && p.started > last.started);
        let Ok(next) = progress.wait_for(is_next).await.map(|p| *p) else {
            return Err(self.unavailable_error());
        };
        match next.succeeded {
            _ if holds() => Ok(()),
            true if self.is_ready() => Err(AuthError::UnknownKey),
            _ => Err(self.unavailable_error()),
        }
    }

    /// Waits for other keys than those that were `tried` in vain, as [`KeyCache::await_key`] does.
    ///
    /// # Errors
    /// As [`KeyCache::await_key`].
    pub async fn await_newer(&self, tried: Option<&Arc<KeySet>>) -> Result<(), AuthError> {
        self.await_key(|keys| tried.is_none_or(|tried| !std::ptr::eq(keys, &**tried))).await
    }

    /// Requests a fetch as soon as the bucket allows one, and returns whether it does now.
    fn request_fetch(&self, last: Progress) -> bool {
        self.shared.is_fetch_requested.store(true, Ordering::Release);
        self.shared.wake.notify_one();
        !last.has_stopped && last.bucket.has_token(Instant::now())
    }

    /// Returns the error for a key that is not known, while the provider cannot be asked.
    fn unavailable_error(&self) -> AuthError {
        if self.is_ready() { AuthError::KeyNotYetKnown } else { AuthError::KeysUnavailable }
    }
}

/// Ends the waiting for a fetch when the task that fetches panics.
struct EndWaiting(Arc<Shared>);

impl Drop for EndWaiting {
    fn drop(&mut self) {
        self.0.progress.send_modify(|p| *p = Progress { under_way: false, succeeded: false, has_stopped: true, ..*p });
    }
}

async fn keep_fresh(shared: Arc<Shared>, source: Arc<impl KeySource>) {
    let _end_waiting = EndWaiting(shared.clone());
    let mut updates = KeySetUpdates::new(source.issuer());
    // What is left of it: being started again gives no more fetches.
    let mut bucket = shared.progress.borrow().bucket;
    let wait = bucket.wait(Instant::now());
    if !wait.is_zero() {
        sleep(wait).await;
    }
    loop {
        let started = Instant::now();
        bucket.take(started);
        shared.progress.send_modify(|p| {
            *p = Progress { started: p.started + 1, under_way: true, bucket, has_stopped: false, ..*p };
        });
        // Asked for before this fetch started: it is the answer.
        shared.is_fetch_requested.store(false, Ordering::Release);
        shared.is_refresh_requested.store(false, Ordering::Release);
        // In a task of its own: even a panic in there is no more than a fetch that failed.
        let fetching = tokio::spawn({
            let source = source.clone();
            async move { source.fetch().await }
        });
        let keys = updates.apply(fetching.await, shared.keys.load().as_deref());
        let succeeded = keys.is_some();
        if let Some(keys) = keys {
            shared.keys.store(Some(Arc::new(keys)));
        }
        shared.progress.send_modify(|p| *p = Progress { under_way: false, succeeded, ..*p });
        wait_until_due(&shared, bucket, started, if succeeded { REFRESH_EVERY } else { MIN_REFRESH_INTERVAL }).await;
    }
}

/// Waits until the next fetch is due: `at_the_latest` after the last, or sooner if it is asked for.
async fn wait_until_due(shared: &Shared, bucket: TokenBucket, started: Instant, at_the_latest: Duration) {
    loop {
        let now = Instant::now();
        let allowed = now + bucket.wait(now);
        let mut due = allowed.max(started + at_the_latest);
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

#[cfg(test)]
mod tests;
