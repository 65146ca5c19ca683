//! The key cache. Reading takes no lock; one task alone fetches, so fetches are single-flight and spaced.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use jsonwebtoken::Algorithm;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::fetch::KeySource;
use super::key::{KeySet, SigningKey};
use crate::auth::AuthError;

/// The time from one fetch to the next at the least: five fetches a minute at the most, evenly spread, so that
/// no flood of unknown key ids can hammer the provider or keep a rotated key out for longer than this.
pub const SPACING: Duration = Duration::from_secs(12);
/// How old keys get before they are fetched anew unasked: a key that the provider has removed stops working
/// within this time.
pub const REFRESH_EVERY: Duration = Duration::from_secs(300);

/// How many requests may wait for a fetch at once; of a flood, the rest are refused without waiting.
pub const MOST_WAITING: usize = 256;

/// How far the fetching has come.
#[derive(Clone, Copy)]
struct Progress {
    /// When the last fetch began; none before the first.
    begun: Option<Instant>,
    /// Whether it is still under way.
    under_way: bool,
}

struct Shared {
    keys: ArcSwapOption<KeySet>,
    wanted: Notify,
    progress: watch::Sender<Progress>,
    places_to_wait: Semaphore,
}

/// The keys of one provider, kept fresh by a task that ends with the cache.
pub struct KeyCache {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for KeyCache {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl KeyCache {
    /// Starts to fetch from `source`, and goes on trying while it does not answer.
    #[must_use]
    pub fn start(source: impl KeySource) -> Self {
        let progress = watch::Sender::new(Progress { begun: None, under_way: true });
        let shared = Arc::new(Shared {
            keys: ArcSwapOption::empty(),
            wanted: Notify::new(),
            progress,
            places_to_wait: Semaphore::new(MOST_WAITING),
        });
        let task = tokio::spawn(keep_fresh(shared.clone(), source));
        Self { shared, task }
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

    /// The key by `id`, for `algorithm` where there are several; as far as is known. Takes no lock.
    #[must_use]
    pub fn known(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<SigningKey>> {
        self.shared.keys.load().as_ref()?.find(id, algorithm)
    }

    /// Asks for a fetch, as soon as one may begin, and does not wait for it: a known key did not fit, and the provider
    /// may have put another in its place.
    pub fn doubt(&self) {
        self.shared.wanted.notify_one();
    }

    /// The key by `id` for `algorithm`. An unknown id asks for a fetch; one that is under way or may begin now is
    /// waited for, so that between fetches a flood of unknown ids is refused at once.
    ///
    /// # Errors
    /// [`AuthError::UnknownKey`] without such a key, [`AuthError::Algorithm`] where the key is for another
    /// algorithm, [`AuthError::KeysUnavailable`] without any keys.
    pub async fn key(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Arc<SigningKey>, AuthError> {
        self.find_or_fetch(|keys| keys.find(id, algorithm), algorithm).await
    }

    /// As [`KeyCache::key`], among the keys for ID tokens.
    ///
    /// # Errors
    /// As [`KeyCache::key`].
    pub async fn id_token_key(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Arc<SigningKey>, AuthError> {
        self.find_or_fetch(|keys| keys.find_for_id_token(id, algorithm), algorithm).await
    }

    async fn find_or_fetch(
        &self,
        find: impl Fn(&KeySet) -> Option<Arc<SigningKey>>,
        algorithm: Algorithm,
    ) -> Result<Arc<SigningKey>, AuthError> {
        let known = || find(self.shared.keys.load().as_ref()?);
        let found = match known() {
            Some(key) => key,
            None => {
                let missed_the_start = self.ask_for_a_fetch().await;
                known().ok_or_else(|| {
                    if missed_the_start {
                        // That fetch may have begun before the key was made: the next one is asked for.
                        self.shared.wanted.notify_one();
                    }
                    if self.is_ready() { AuthError::UnknownKey } else { AuthError::KeysUnavailable }
                })?
            }
        };
        if found.algorithm() == algorithm { Ok(found) } else { Err(AuthError::Algorithm) }
    }

    /// Asks for a fetch, and waits for one that is under way or may begin now; tells whether it was under way.
    async fn ask_for_a_fetch(&self) -> bool {
        let mut progress = self.shared.progress.subscribe();
        let now = *progress.borrow_and_update();
        let may_begin = now.begun.is_none_or(|begun| begun.elapsed() >= SPACING);
        if !now.under_way {
            self.shared.wanted.notify_one();
        }
        let place = self.shared.places_to_wait.try_acquire();
        if place.is_ok() && (now.under_way || may_begin) {
            // The sender lives as long as `self`: this ends with the end of the fetch, which has its time limit.
            let began_later = |p: &Progress| now.under_way || p.begun != now.begun;
            let _ = progress.wait_for(|p| !p.under_way && began_later(p)).await;
        }
        now.under_way
    }
}

async fn keep_fresh(shared: Arc<Shared>, source: impl KeySource) {
    let source = Arc::new(source);
    loop {
        let begun = Instant::now();
        shared.progress.send_replace(Progress { begun: Some(begun), under_way: true });
        // In a task of its own: even a panic in there is no more than a fetch that failed.
        let fetching = tokio::spawn({
            let source = source.clone();
            async move { source.fetch().await }
        });
        let next = match fetching.await {
            Ok(Ok(keys)) => {
                if keys.is_empty() {
                    // It is the provider's word all the same: keys that it has withdrawn must not go on working.
                    tracing::warn!("the provider's key set holds no usable key; no token can be checked");
                } else {
                    tracing::debug!(keys = keys.len(), "fetched the provider's signing keys");
                }
                let keys = match &*shared.keys.load() {
                    Some(older) => keys.succeeding(older),
                    None => keys,
                };
                shared.keys.store(Some(Arc::new(keys)));
                begun + REFRESH_EVERY
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the provider's signing keys could not be fetched; trying again");
                begun + SPACING
            }
            Err(_) => {
                tracing::error!("fetching the provider's signing keys has panicked; trying again");
                begun + SPACING
            }
        };
        shared.progress.send_replace(Progress { begun: Some(begun), under_way: false });
        tokio::select! {
            () = shared.wanted.notified() => sleep_until(begun + SPACING).await,
            () = sleep_until(next) => {}
        }
    }
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
