//! The key cache with a provider that counts fetches, fails, is slow and rotates its keys, on a paused clock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use serde_json::json;
use tokio::time::{advance, sleep};

use super::*;
use crate::jwks::{
    EMPTY_KEY_SET_GRACE, FetchError, MAX_WAITING_REQUESTS, MIN_REFRESH_INTERVAL, REFRESH_BURST, REFRESH_INTERVAL,
};

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

/// Takes what is left of the burst, so that no fetch may start at once.
async fn spend_burst(cache: &KeyCache) {
    for n in 1..REFRESH_BURST {
        assert_eq!(has(cache, &format!("spent-{n}")).await, Err(AuthError::UnknownKey));
    }
}

async fn has(cache: &KeyCache, id: &str) -> Result<(), AuthError> {
    cache.keys(Some(id), RS256).await.map(|_| ())
}

#[tokio::test(start_paused = true)]
async fn cache_first_request_waits_for_first_fetch() {
    let provider = Provider::with(&["a"]);
    provider.takes(Duration::from_secs(1));
    let cache = KeyCache::start(provider.clone());
    assert!(!cache.is_ready());
    assert_eq!(has(&cache, "a").await, Ok(()));
    assert!(cache.is_ready());
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn cache_known_key_causes_no_fetch() {
    let provider = Provider::with(&["a"]);
    let cache = KeyCache::start(provider.clone());
    for _ in 0..10_000 {
        assert_eq!(has(&cache, "a").await, Ok(()));
    }
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn cache_flood_causes_a_burst_then_five_fetches_a_minute() {
    let provider = Provider::with(&["a"]);
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Ok(()));
    let mut rotated_after = None;
    let mut fetches = Vec::new();
    for minute in 0..3_u32 {
        for tick in 0..60_000_u32 {
            if minute == 0 && tick == 1_000 {
                provider.serves(&["b"]);
            }
            let refused = has(&cache, &format!("random-{minute}-{tick}")).await;
            assert!(matches!(refused, Err(AuthError::UnknownKey | AuthError::KeyNotYetKnown)), "{refused:?}");
            if minute == 0 && tick >= 1_000 && rotated_after.is_none() && knows(&cache, "b") {
                rotated_after = Some(tick - 1_000);
            }
            advance(Duration::from_millis(1)).await;
        }
        fetches.push(provider.fetches());
    }
    // Three at once, and one each 12 seconds.
    assert_eq!(fetches, [3 + 4, 3 + 9, 3 + 14]);
    assert!(rotated_after.expect("the rotated key was taken") <= 12_000);
    assert_eq!(provider.most_at_once.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn cache_second_new_key_within_the_interval_is_taken_at_once() {
    let provider = Provider::with(&["a"]);
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Ok(()));
    provider.serves(&["a", "b"]);
    assert_eq!(has(&cache, "b").await, Ok(()));
    provider.serves(&["a", "b", "c"]);
    assert_eq!(has(&cache, "c").await, Ok(()));
    assert_eq!(provider.fetches(), 3);
    // A third is not known until there is a token again, and then without being asked for.
    provider.serves(&["a", "b", "c", "d"]);
    assert_eq!(has(&cache, "d").now_or_never(), Some(Err(AuthError::KeyNotYetKnown)), "it does not wait");
    sleep(MIN_REFRESH_INTERVAL + Duration::from_millis(1)).await;
    assert_eq!(has(&cache, "d").now_or_never(), Some(Ok(())));
    assert_eq!(provider.fetches(), 4);
}

#[tokio::test(start_paused = true)]
async fn cache_says_unknown_only_after_a_fetch_of_its_own() {
    let provider = Provider::with(&["a"]);
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Ok(()));
    assert_eq!(has(&cache, "x").await, Err(AuthError::UnknownKey));
    provider.goes_down();
    assert_eq!(has(&cache, "x").await, Err(AuthError::KeyNotYetKnown), "the provider did not answer");
    assert_eq!(has(&cache, "a").await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn cache_empty_key_set_keeps_good_keys_for_a_while() {
    let provider = Provider::with(&["a"]);
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Ok(()));
    provider.serves(&[]);
    sleep(REFRESH_INTERVAL + Duration::from_secs(1)).await;
    assert_eq!(provider.fetches(), 2);
    assert_eq!(has(&cache, "a").now_or_never(), Some(Ok(())), "the first empty answer costs nothing");
    sleep(EMPTY_KEY_SET_GRACE - Duration::from_secs(2)).await;
    assert_eq!(has(&cache, "a").now_or_never(), Some(Ok(())));
    sleep(MIN_REFRESH_INTERVAL * 2).await;
    assert_eq!(has(&cache, "a").await, Err(AuthError::KeysUnavailable), "it is believed in the end");
    // Keys that come back in between start the time over.
    provider.serves(&["a"]);
    sleep(MIN_REFRESH_INTERVAL * 2).await;
    assert_eq!(has(&cache, "a").await, Ok(()));
    for _ in 0..3 {
        provider.serves(&[]);
        sleep(REFRESH_INTERVAL + EMPTY_KEY_SET_GRACE / 2).await;
        assert_eq!(has(&cache, "a").now_or_never(), Some(Ok(())));
        provider.serves(&["a"]);
        sleep(MIN_REFRESH_INTERVAL * 2).await;
    }
}

#[tokio::test(start_paused = true)]
async fn cache_fetches_unknown_id_immediately() {
    let provider = Provider::with(&["a"]);
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Ok(()));
    provider.serves(&["a", "b"]);
    advance(MIN_REFRESH_INTERVAL).await;
    assert_eq!(has(&cache, "b").await, Ok(()));
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn cache_concurrent_requests_share_one_fetch() {
    let provider = Provider::with(&["a"]);
    let cache = Arc::new(KeyCache::start(provider.clone()));
    assert_eq!(has(&cache, "a").await, Ok(()));
    provider.serves(&["b"]);
    provider.takes(Duration::from_secs(2));
    advance(MIN_REFRESH_INTERVAL).await;
    let asking: Vec<_> = (0..100)
        .map(|_| {
            let cache = cache.clone();
            tokio::spawn(async move { has(&cache, "b").await })
        })
        .collect();
    for one in asking {
        assert_eq!(one.await.expect("no panic"), Ok(()));
    }
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn cache_known_key_never_waits_during_a_flood() {
    let provider = Provider::with(&["a"]);
    let cache = Arc::new(KeyCache::start(provider.clone()));
    assert_eq!(has(&cache, "a").await, Ok(()));
    provider.takes(Duration::from_secs(5));
    advance(MIN_REFRESH_INTERVAL).await;
    let flood: Vec<_> = (0..1_000)
        .map(|n| {
            let cache = cache.clone();
            tokio::spawn(async move { has(&cache, &format!("random-{n}")).await })
        })
        .collect();
    // The fetch is under way, and those of the flood wait for it.
    while provider.fetches() < 2 {
        tokio::task::yield_now().await;
    }
    for _ in 0..1_000 {
        assert_eq!(has(&cache, "a").now_or_never(), Some(Ok(())), "it was answered at the first asking");
    }
    let mut refused = 0;
    for one in flood {
        match one.await.expect("no panic") {
            Err(AuthError::UnknownKey) => refused += 1,
            other => assert_eq!(other, Err(AuthError::KeyNotYetKnown), "who does not wait is not told for good"),
        }
    }
    assert_eq!(refused, MAX_WAITING_REQUESTS);
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn cache_limits_waiting_requests() {
    let provider = Provider::with(&["a"]);
    let cache = Arc::new(KeyCache::start(provider.clone()));
    assert_eq!(has(&cache, "a").await, Ok(()));
    provider.takes(Duration::from_secs(5));
    advance(MIN_REFRESH_INTERVAL).await;
    let waiting: Vec<_> = (0..MAX_WAITING_REQUESTS)
        .map(|n| {
            let cache = cache.clone();
            let mut one = Box::pin(async move { has(&cache, &format!("random-{n}")).await });
            assert_eq!(one.as_mut().now_or_never(), None, "number {n} waits");
            one
        })
        .collect();
    assert_eq!(has(&cache, "one-more").now_or_never(), Some(Err(AuthError::KeyNotYetKnown)));
    for one in waiting {
        assert_eq!(one.await, Err(AuthError::UnknownKey));
    }
    advance(MIN_REFRESH_INTERVAL).await;
    let mut again = Box::pin(has(&cache, "one-more"));
    assert_eq!(again.as_mut().now_or_never(), None, "there is room again");
}

#[tokio::test(start_paused = true)]
async fn cache_refresh_request_keeps_min_interval() {
    let provider = Provider::with(&["a"]);
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Ok(()));
    for _ in 0..1_000 {
        cache.request_refresh();
        advance(Duration::from_millis(1)).await;
    }
    assert_eq!(provider.fetches(), 1);
    sleep(MIN_REFRESH_INTERVAL).await;
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn cache_known_key_works_while_provider_is_down() {
    let provider = Provider::with(&["a"]);
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Ok(()));
    provider.goes_down();
    provider.takes(Duration::from_secs(5));
    for _ in 0..60 {
        advance(Duration::from_secs(60)).await;
        tokio::task::yield_now().await;
        assert_eq!(has(&cache, "a").now_or_never(), Some(Ok(())), "an hour away costs nothing");
    }
    assert!(provider.fetches() > 1, "it goes on trying");
    assert!(provider.fetches() <= 5 * 60, "{} fetches in an hour", provider.fetches());
}

#[tokio::test(start_paused = true)]
async fn cache_without_keys_is_unavailable_until_provider_is_up() {
    let provider = Provider::with(&[]);
    provider.goes_down();
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Err(AuthError::KeysUnavailable));
    assert!(!cache.is_ready());
    provider.serves(&["a"]);
    sleep(MIN_REFRESH_INTERVAL + Duration::from_millis(1)).await;
    assert!(cache.is_ready(), "it was retried in the background, though nobody asked");
    assert_eq!(has(&cache, "a").await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn cache_removed_key_stops_within_refresh_interval() {
    let provider = Provider::with(&["a", "b"]);
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Ok(()));
    provider.serves(&["b"]);
    sleep(REFRESH_INTERVAL + Duration::from_millis(1)).await;
    assert_eq!(has(&cache, "a").await, Err(AuthError::UnknownKey));
    assert_eq!(has(&cache, "b").await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn cache_rejects_key_of_another_algorithm() {
    let cache = KeyCache::start(Provider::with(&["a"]));
    assert_eq!(has(&cache, "a").await, Ok(()));
    let other = cache.keys(Some("a"), Algorithm::PS256).await;
    assert_eq!(other.map(|_| ()), Err(AuthError::Algorithm));
}

#[tokio::test(start_paused = true)]
async fn cache_dropped_stops_fetching() {
    let provider = Provider::with(&["a"]);
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Ok(()));
    drop(cache);
    sleep(REFRESH_INTERVAL * 3).await;
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn cache_key_made_during_a_fetch_is_taken_at_once() {
    let provider = Provider::with(&["a"]);
    provider.takes(Duration::from_secs(2));
    let cache = KeyCache::start(provider.clone());
    sleep(Duration::from_secs(1)).await;
    provider.serves(&["b"]);
    assert_eq!(has(&cache, "b").await, Ok(()), "the next fetch is waited for, too");
    assert_eq!(provider.fetches(), 2);
    // Where no other fetch may start, the key comes with the next one, though nobody asks again.
    let provider = Provider::with(&["a"]);
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Ok(()));
    spend_burst(&cache).await;
    provider.serves(&["b"]);
    assert_eq!(has(&cache, "b").await, Err(AuthError::KeyNotYetKnown));
    sleep(MIN_REFRESH_INTERVAL + Duration::from_millis(1)).await;
    assert!(knows(&cache, "b"));
}

#[tokio::test(start_paused = true)]
async fn cache_fetch_panic_counts_as_failure() {
    let provider = Provider::with(&["a"]);
    provider.panics.store(true, Ordering::SeqCst);
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Err(AuthError::KeysUnavailable));
    provider.panics.store(false, Ordering::SeqCst);
    sleep(MIN_REFRESH_INTERVAL + Duration::from_millis(1)).await;
    assert_eq!(has(&cache, "a").await, Ok(()));
}

/// A log that panics with the first line, as `eprintln!` does once standard error has no reader.
#[derive(Clone, Default)]
struct PanickingLog(Arc<AtomicUsize>);

impl std::io::Write for PanickingLog {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "told to panic");
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn cache_whose_task_panics_recovers_and_none_waits() {
    let log = PanickingLog::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let provider = Provider::with(&["a"]);
    provider.takes(Duration::from_secs(1));
    let cache = KeyCache::start(provider.clone());
    assert_eq!(has(&cache, "a").await, Ok(()));
    // The failure of this fetch is logged, which ends the task.
    provider.goes_down();
    assert_eq!(has(&cache, "b").await, Err(AuthError::KeyNotYetKnown));
    sleep(Duration::from_millis(1)).await;
    assert!(log.0.load(Ordering::SeqCst) > 0 && cache.refresh_task().has_stopped());
    assert_eq!(has(&cache, "b").now_or_never(), Some(Err(AuthError::KeyNotYetKnown)), "nobody waits for it");
    provider.serves(&["a", "b"]);
    sleep(Duration::from_secs(3)).await;
    assert!(!cache.refresh_task().has_stopped());
    assert_eq!(has(&cache, "b").await, Ok(()));
    assert_eq!(provider.fetches(), 3);
}
