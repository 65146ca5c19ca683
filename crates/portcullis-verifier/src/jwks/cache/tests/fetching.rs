//! When keys are fetched, and which requests wait for it.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{advance, sleep};

use super::*;
use crate::jwks::{MIN_REFRESH_INTERVAL, REFRESH_BURST, REFRESH_INTERVAL};

/// Takes what is left of the burst, so that no fetch may start at once.
async fn spend_burst(cache: &KeyCache) {
    for n in 1..REFRESH_BURST {
        assert_eq!(has(cache, &format!("spent-{n}")).await, Err(AuthError::UnknownKey));
    }
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
async fn cache_second_new_key_within_the_interval_is_used_at_once() {
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
async fn cache_key_created_during_a_fetch_is_used_at_once() {
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
