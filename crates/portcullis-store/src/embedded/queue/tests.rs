//! Queued writes: their limit, their cost, and the result if their request has ended.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use axum::response::IntoResponse;
use futures_util::future::join_all;
use futures_util::poll;
use portcullis::record::{Expected, RecordId, Stored};
use portcullis::{Caller, Scopes};
use tokio::runtime::Builder;

use super::*;
use crate::Clock;
use crate::embedded::test_support::fixture::{Fixture, names, reopened, writes};
use crate::test_record::Thing;

/// Stalls the disk during the commit of a first write. All later writes queue behind it.
async fn blocked(fixture: &Fixture) -> tokio::task::JoinHandle<Result<Stored<Thing>, StorageError>> {
    fixture.disk.stall();
    let syncs_before = fixture.disk.syncs();
    let first = tokio::spawn(fixture.create("first"));
    fixture.synced(syncs_before + 1).await;
    first
}

/// Queues `write`, which then waits.
async fn queued<F: Future>(write: F) -> Pin<Box<F>> {
    let mut write = Box::pin(write);
    assert!(poll!(&mut write).is_pending());
    write
}

#[test]
fn waiting_writes_take_no_threads_and_reads_answer() {
    const WRITERS: usize = 800;
    let threads = Arc::new(AtomicUsize::new(0));
    let started = threads.clone();
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().on_thread_start(move || _ = started.fetch_add(1, Ordering::SeqCst));
    builder.build().expect("a runtime").block_on(async {
        let fixture = Fixture::new();
        let first = blocked(&fixture).await;
        let writes: Vec<_> = (0..WRITERS).map(|n| tokio::spawn(fixture.create(&format!("{n}")))).collect();
        for _ in 0..100 {
            let read = tokio::time::timeout(Duration::from_secs(5), fixture.get(RecordId([0; 12]))).await;
            read.expect("in time").expect("read");
        }
        assert!(writes.iter().all(|write| !write.is_finished()), "they wait for the disk");
        fixture.disk.resume();
        first.await.expect("no panic").expect("created");
        for write in writes {
            write.await.expect("no panic").expect("created");
        }
        assert_eq!(fixture.names().expect("read").len(), 1 + WRITERS);
    });
    // Reads need some threads, one after the other.
    assert!(threads.load(Ordering::SeqCst) < WRITERS / 10, "{threads:?} threads");
}

#[tokio::test]
async fn write_beyond_bound_is_refused_with_503() {
    const TOO_MANY: usize = MAX_QUEUED_WRITES + 50;
    let fixture = Fixture::new();
    let first = blocked(&fixture).await;
    let mut writes: Vec<_> = (0..TOO_MANY).map(|n| Box::pin(fixture.create(&format!("{n}")))).collect();
    let mut refused = Vec::new();
    for write in &mut writes {
        if let std::task::Poll::Ready(outcome) = poll!(write) {
            refused.push(outcome.expect_err("no room"));
        }
    }
    // The first write counts too.
    assert_eq!(refused.len(), 1 + TOO_MANY - MAX_QUEUED_WRITES);
    for error in refused {
        assert!(matches!(error, StorageError::Refused(StoreError::Busy)), "{error:?}");
        let answer = StoreError::from(error).into_app_error::<Thing>().into_response();
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
    }
    fixture.disk.resume();
    first.await.expect("no panic").expect("created");
    join_all(writes.into_iter().take(MAX_QUEUED_WRITES - 1))
        .await
        .into_iter()
        .for_each(|write| _ = write.expect("created"));
    fixture.create("again").await.expect("there is room again");
    assert_eq!(fixture.names().expect("read").len(), MAX_QUEUED_WRITES + 1);
}

#[tokio::test]
async fn queued_write_of_dropped_request_is_not_made() {
    let fixture = Fixture::new();
    let first = blocked(&fixture).await;
    let gone = queued(fixture.create("gone")).await;
    let kept = queued(fixture.create("kept")).await;
    drop(gone);
    fixture.disk.resume();
    kept.await.expect("created");
    first.await.expect("no panic").expect("created");
    assert_eq!(fixture.names().expect("read"), ["first", "kept"]);
}

#[tokio::test]
async fn queued_writes_share_commit_and_keep_their_outcomes() {
    let fixture = Fixture::new();
    let syncs_before = fixture.disk.syncs();
    let theirs = fixture.create("theirs").await.expect("created").id;
    let syncs_of_one = fixture.disk.syncs() - syncs_before;
    let first = blocked(&fixture).await;
    let syncs_before = fixture.disk.syncs();
    let refused = {
        let caller = Caller { issuer: "i".into(), subject: Some("cy".into()), scopes: Scopes::default() };
        fixture
            .store
            .writes
            .write(move |writing| writes(&Clock::system()).delete(writing, &caller, theirs, &Expected::Any))
    };
    let mut created = Vec::new();
    for n in 1..MAX_BATCH / 2 {
        created.push(queued(fixture.create(&format!("before {n}"))).await);
    }
    let refused = queued(refused).await;
    for n in 1..MAX_BATCH / 2 {
        created.push(queued(fixture.create(&format!("after {n}"))).await);
    }
    fixture.disk.resume();
    let refused = refused.await;
    assert!(matches!(refused, Err(StorageError::Refused(StoreError::NotYours))), "{refused:?}");
    for created in created {
        created.await.expect("created");
    }
    first.await.expect("no panic").expect("created");
    assert_eq!(fixture.names().expect("read").len(), 2 + MAX_BATCH - 2);
    // The first write had started its first sync.
    assert!(fixture.disk.syncs() - syncs_before < 2 * syncs_of_one, "{} syncs", fixture.disk.syncs() - syncs_before);
}

#[tokio::test]
async fn broken_write_in_batch_fails_alone() {
    let fixture = Fixture::new();
    let first = blocked(&fixture).await;
    let writes = &fixture.store.writes;
    let one = queued(fixture.create("one")).await;
    let broken = queued(writes.write(|_| -> Result<(), _> { Err(StorageError::Database("broken".into())) })).await;
    let panics = queued(writes.write(|_| -> Result<(), _> { panic!("a bug") })).await;
    let two = queued(fixture.create("two")).await;
    fixture.disk.resume();
    assert!(matches!(broken.await, Err(StorageError::Database(_))));
    assert!(matches!(panics.await, Err(StorageError::Database(_))));
    one.await.expect("created");
    two.await.expect("created");
    first.await.expect("no panic").expect("created");
    assert_eq!(fixture.names().expect("read"), ["first", "one", "two"]);
    assert_eq!(fixture.store.database.failure(), None);
}

#[tokio::test]
async fn store_ends_in_time_with_800_writers_on_dead_disk() {
    let fixture = Fixture::new();
    let first = blocked(&fixture).await;
    let mut writes = Vec::new();
    for n in 0..800 {
        writes.push(queued(fixture.create(&format!("{n}"))).await);
    }
    // The order at shutdown: first the requests end, then the store.
    first.abort();
    drop(writes);
    assert!(first.await.is_err());
    let Fixture { disk, store, path, _folder } = fixture;
    let begun = Instant::now();
    drop(store);
    assert!(begun.elapsed() < CLOSE_TIMEOUT + Duration::from_secs(1), "{:?}", begun.elapsed());
    disk.resume();
    // The commit in progress is complete. Waiting writes are not made.
    assert_eq!(names(&reopened(&path).await).expect("read"), ["first"]);
}
