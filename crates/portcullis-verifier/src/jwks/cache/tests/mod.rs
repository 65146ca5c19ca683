//! The key cache with a provider that counts fetches, fails, is slow and rotates its keys, on a paused clock.

mod failures;
mod fetching;
mod floods;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::time::sleep;

use super::*;
use crate::jwks::FetchError;

const RS256: Algorithm = Algorithm::RS256;

/// A modulus of 2048 bits; nothing is verified here, so any will do.
const MODULUS: &str = concat!(
    "-----------------------------------------------------------------------------------------------------",
    "-----------------------------------------------------------------------------------------------------",
    "-----------------------------------------------------------------------------------------------------",
    "--------------------------------------w"
);

fn keys(ids: &[&str]) -> KeySet {
    let keys: Vec<_> = ids.iter().map(|id| json!({"kty": "RSA", "kid": id, "n": MODULUS, "e": "AQAB"})).collect();
    let set = KeySet::read(json!({ "keys": keys }).to_string().as_bytes(), &[RS256]).expect("a key set");
    assert_eq!(set.len(), ids.len(), "the test's keys are usable");
    set
}

#[derive(Default)]
struct Provider {
    /// The ids of its keys; none while it is down.
    keys: Mutex<Option<Vec<&'static str>>>,
    fetches: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    delay: Mutex<Duration>,
    panics: std::sync::atomic::AtomicBool,
}

impl Provider {
    fn with(ids: &[&'static str]) -> Arc<Self> {
        let provider = Arc::new(Self::default());
        provider.serves(ids);
        provider
    }

    fn serves(&self, ids: &[&'static str]) {
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some(ids.to_vec());
    }

    fn goes_down(&self) {
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn takes(&self, delay: Duration) {
        *self.delay.lock().unwrap_or_else(PoisonError::into_inner) = delay;
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl KeySource for Arc<Provider> {
    async fn fetch(&self) -> Result<KeySet, FetchError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let at_once = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(at_once, Ordering::SeqCst);
        let delay = *self.delay.lock().unwrap_or_else(PoisonError::into_inner);
        let ids = self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone();
        sleep(delay).await;
        assert!(!self.panics.load(Ordering::SeqCst), "told to panic");
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        let url = url::Url::parse("https://provider.example/jwks").expect("a URL");
        ids.map(|ids| keys(&ids)).ok_or(FetchError::Status { url, status: 500 })
    }
}

fn knows(cache: &KeyCache, id: &str) -> bool {
    cache.known().as_ref().is_some_and(|keys| keys.has_id(id))
}

async fn has(cache: &KeyCache, id: &str) -> Result<(), AuthError> {
    cache.keys(Some(id), RS256).await.map(|_| ())
}
