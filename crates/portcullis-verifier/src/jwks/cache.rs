//! The key cache of one provider. A lookup takes no lock, and one background task fetches.

use std::sync::Arc;

use arc_swap::Guard;
use jsonwebtoken::Algorithm;
use tokio::time::Instant;

use super::key::{KeySet, SigningKey};
use super::refresh_task::{RefreshProgress, SharedKeys, keep_fresh};
use super::remote::KeySource;
use crate::AuthError;
use crate::supervise::{Supervised, TaskHealth};

/// The cached keys of one provider. A background task refreshes them until the cache is dropped.
pub struct KeyCache {
    shared: Arc<SharedKeys>,
    task: Supervised,
}

impl KeyCache {
    /// Starts to fetch keys from `source`. Failed fetches are retried.
    #[must_use]
    pub fn start(source: impl KeySource) -> Self {
        let shared = Arc::new(SharedKeys::new());
        let (source, refreshed) = (Arc::new(source), shared.clone());
        let task = Supervised::start("key refresh", move || keep_fresh(refreshed.clone(), source.clone()));
        Self { shared, task }
    }

    /// Returns the health of the task that fetches.
    #[must_use]
    pub fn refresh_task(&self) -> TaskHealth {
        self.task.health()
    }

    /// Whether there are keys to verify access tokens with.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.shared.keys.load().as_ref().is_some_and(|keys| !keys.is_empty())
    }

    /// Whether `key` is one of the current keys. Takes no lock.
    #[must_use]
    pub fn contains(&self, key: &Arc<SigningKey>) -> bool {
        self.shared.keys.load().as_ref().is_some_and(|keys| keys.contains(key))
    }

    /// Returns the known keys, without a fetch. Takes no lock.
    #[must_use]
    pub fn known(&self) -> Guard<Option<Arc<KeySet>>> {
        self.shared.keys.load()
    }

    /// Requests a fetch without waiting for it. Call it if a known key does not verify a token: the provider may have
    /// replaced the key.
    ///
    /// The fetch starts at the earliest [`MIN_REFRESH_INTERVAL`](super::MIN_REFRESH_INTERVAL) after the last, so that
    /// forged signatures with a known key id leave the burst to unknown keys.
    pub fn request_refresh(&self) {
        self.shared.request_refresh();
    }

    /// Returns the keys to try for an access token, as [`KeySet::matching`] does. Fetches if there are none.
    ///
    /// # Errors
    /// The errors of [`KeyCache::await_key`], and [`AuthError::Algorithm`] if the key is for another algorithm.
    pub async fn keys(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Vec<Arc<SigningKey>>, AuthError> {
        let matching = |keys: &KeySet| keys.matching(id, algorithm).cloned().collect();
        self.find(matching, |keys| id.is_some_and(|id| keys.has_id(id))).await
    }

    /// Returns the keys to try for an ID token, as [`KeyCache::keys`] does for access tokens.
    ///
    /// # Errors
    /// The errors of [`KeyCache::keys`].
    pub async fn id_token_keys(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Vec<Arc<SigningKey>>, AuthError> {
        let matching = |keys: &KeySet| keys.matching_id_token(id, algorithm).cloned().collect();
        self.find(matching, |keys| id.is_some_and(|id| keys.has_id_token_key(id))).await
    }

    async fn find(
        &self,
        matching: impl Fn(&KeySet) -> Vec<Arc<SigningKey>>,
        has_id: impl Fn(&KeySet) -> bool,
    ) -> Result<Vec<Arc<SigningKey>>, AuthError> {
        let known = || self.known().as_ref().map(|keys| matching(keys)).unwrap_or_default();
        let found = known();
        if !found.is_empty() {
            return Ok(found);
        }
        self.await_key(|keys| has_id(keys) || !matching(keys).is_empty()).await?;
        let found = known();
        if found.is_empty() { Err(AuthError::Algorithm) } else { Ok(found) }
    }

    /// Waits until `is_known` returns true for the known keys: for a running fetch, and then for one more if the
    /// bucket allows it. Otherwise it does not wait, so that a flood of unknown key ids is rejected immediately.
    ///
    /// # Errors
    /// - [`AuthError::UnknownKey`] if a fetch that started after this call has no such key
    /// - [`AuthError::KeyNotYetKnown`] if there was no such fetch
    /// - [`AuthError::KeysUnavailable`] if there are no keys at all
    pub async fn await_key(&self, is_known: impl Fn(&KeySet) -> bool) -> Result<(), AuthError> {
        let has_key = || self.known().as_ref().is_some_and(|keys| is_known(keys));
        if has_key() {
            return Ok(());
        }
        let mut progress = self.shared.progress.subscribe();
        let Ok(_permit) = self.shared.wait_permits.try_acquire() else { return Err(self.unavailable_error()) };
        let mut last = *progress.borrow_and_update();
        let was_fetching = last.is_fetching;
        if was_fetching {
            // This ends with the fetch, which has a timeout. The sender lives as long as `self`.
            last = match progress.wait_for(|p| !p.is_fetching).await {
                Ok(ended) => *ended,
                Err(_) => return Err(self.unavailable_error()),
            };
        }
        if has_key() {
            return Ok(());
        }
        // A failed fetch is retried later. A successful one may have started before the key was created, so it does not
        // prove that the key does not exist.
        if (was_fetching && !last.succeeded) || !self.request_fetch(last) {
            return Err(self.unavailable_error());
        }
        let is_next = |p: &RefreshProgress| p.has_stopped || (!p.is_fetching && p.started > last.started);
        let Ok(next) = progress.wait_for(is_next).await.map(|p| *p) else {
            return Err(self.unavailable_error());
        };
        match next.succeeded {
            _ if has_key() => Ok(()),
            true if self.is_ready() => Err(AuthError::UnknownKey),
            _ => Err(self.unavailable_error()),
        }
    }

    /// Waits for a newer key set than `tried`, as [`KeyCache::await_key`] does.
    ///
    /// # Errors
    /// The errors of [`KeyCache::await_key`].
    pub async fn await_newer(&self, tried: Option<&Arc<KeySet>>) -> Result<(), AuthError> {
        self.await_key(|keys| tried.is_none_or(|tried| !std::ptr::eq(keys, &**tried))).await
    }

    /// Requests a fetch, and returns whether it can start now.
    fn request_fetch(&self, last: RefreshProgress) -> bool {
        self.shared.request_fetch();
        !last.has_stopped && last.bucket.has_token(Instant::now())
    }

    /// Returns the error for an unknown key when no fetch can tell whether it exists.
    fn unavailable_error(&self) -> AuthError {
        if self.is_ready() { AuthError::KeyNotYetKnown } else { AuthError::KeysUnavailable }
    }
}

#[cfg(test)]
mod tests;
