//! A provider that is down or serves no keys, and tasks that panic.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{advance, sleep};

use super::*;
use crate::jwks::{EMPTY_KEY_SET_GRACE, MIN_REFRESH_INTERVAL, REFRESH_INTERVAL};

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
async fn cache_whose_task_panics_recovers_and_no_request_waits() {
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
