//! Floods of unknown key IDs.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::advance;

use super::*;
use crate::jwks::{MAX_WAITING_REQUESTS, MIN_REFRESH_INTERVAL};

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
