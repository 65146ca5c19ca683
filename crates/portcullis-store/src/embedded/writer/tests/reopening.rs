//! When the database is reopened, and what is logged of it.

use std::path::Path;
use std::task::Poll;

use futures_util::future::join_all;
use futures_util::poll;
use portcullis_server::store::StoreError;

use super::*;
use crate::embedded::file;
use crate::embedded::test_support::fixture::{Fixture, eventually};

#[tokio::test]
async fn write_is_rejected_at_once_while_database_is_reopened() {
    let fixture = Fixture::new();
    fixture.disk.stall();
    let syncs = fixture.disk.syncs();
    let mut first = Box::pin(fixture.create("first"));
    assert!(poll!(&mut first).is_pending());
    fixture.synced(syncs + 1).await;
    let mut queued: Vec<_> = (0..2 * MAX_BATCH).map(|n| Box::pin(fixture.create(&format!("{n}")))).collect();
    for write in &mut queued {
        assert!(poll!(write).is_pending());
    }
    fixture.disk.stall_openings();
    fixture.disk.fill_after(0);
    fixture.disk.resume_syncs();
    let is_unavailable = |outcome: Result<_, StorageError>| matches!(outcome, Err(StorageError::System(_)));
    let rejected = async { is_unavailable(first.await) && join_all(queued).await.into_iter().all(is_unavailable) };
    assert!(tokio::time::timeout(Duration::from_secs(10), rejected).await.expect("those that waited are rejected"));
    eventually("it is being reopened", || fixture.disk.openings().len() > 1).await;
    let late = poll!(Box::pin(fixture.create("late")));
    assert!(matches!(late, Poll::Ready(Err(StorageError::System(_)))), "{late:?}");
    fixture.disk.fill_after(usize::MAX);
    fixture.disk.resume();
    eventually("it recovers", || fixture.store.database.failure().is_none()).await;
    fixture.create("later").await.expect("created");
}

/// A writer in this thread, whose database is opened by `open` and whose disk has room.
fn writer(database: Database, open: impl Fn() -> Result<Database, OpenError> + Send + 'static) -> Writer {
    let database = Arc::new(SharedDatabase::new(database));
    let (_, receiver) = std::sync::mpsc::sync_channel(1);
    let file = DatabaseFile { open: Box::new(open), probe: Box::new(|| Ok(())) };
    Writer::new(database, file, receiver)
}

#[test]
fn failed_opening_is_repeated_as_soon_as_there_is_room() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("items.redb");
    file::create_if_missing(&path).expect("created");
    let mut writer = writer(file::open(&path).expect("sound"), move || file::open(&path));
    let database = writer.database.clone();
    writer.on_failure("an error".into());
    database.replace(None);
    // As after an opening that took long and failed.
    let later = Some(Instant::now() + Duration::from_secs(3_600));
    writer.reopen_at = later;
    writer.recover();
    assert!(database.failure().is_some(), "the room was not the reason");
    writer.has_room = false;
    writer.recover();
    assert_eq!(database.failure(), None);
}

#[tokio::test]
async fn write_failing_after_recovery_restarts_it_after_a_second() {
    let (fixture, id) = full().await;
    fixture.disk.keep_room_beside();
    let mut failures = 0;
    while fixture.disk.openings().len() < 5 {
        // Refused, or accepted and failed.
        grow(&fixture).await.expect_err("the file cannot grow");
        failures += 1;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(failures > 50, "{failures} writes");
    let openings = fixture.disk.openings();
    let gaps: Vec<_> = openings[1..].windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.iter().all(|gap| *gap >= RECOVERY_INTERVAL), "{gaps:?}");
    eventually("it is reopened", || fixture.names().is_ok()).await;
    fixture.get(id).await.expect("read");
}

#[tokio::test]
async fn store_recovers_from_failed_read_without_a_write() {
    let fixture = Fixture::new();
    let id = fixture.create("lamp").await.expect("created").id;
    fixture.disk.refuse_reads(true);
    assert!(matches!(fixture.get(id).await, Err(StoreError::Unavailable(_))));
    eventually("it is not ready", || fixture.store.database.failure().is_some()).await;
    fixture.disk.refuse_reads(false);
    eventually("it is ready", || fixture.store.database.failure().is_none()).await;
    fixture.get(id).await.expect("read");
}

#[tokio::test]
async fn failed_database_is_reopened_once_a_second_at_most() {
    let fixture = Fixture::new();
    fixture.disk.fill_after(0);
    fixture.create("unknown").await.expect_err("the disk is full");
    eventually("it is tried again and again", || fixture.disk.openings().len() > 3).await;
    // The first opening is the start.
    let openings = fixture.disk.openings();
    let gaps: Vec<_> = openings[1..].windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.iter().all(|gap| *gap > RECOVERY_INTERVAL * 9 / 10), "{gaps:?}");
}

#[test]
fn failing_database_is_logged_once_per_interval() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("items.redb");
    file::create_if_missing(&path).expect("created");
    let mut writer = writer(file::open(&path).expect("sound"), move || file::open(Path::new("/missing")));
    let log = tempfile::NamedTempFile::new().expect("a file");
    let file = Arc::new(log.reopen().expect("the file"));
    let subscriber = tracing_subscriber::fmt().with_writer(file).without_time().with_ansi(false).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    writer.on_failure("the first".into());
    writer.on_recovery();
    for _ in 0..3 {
        writer.on_failure("the next".into());
        writer.on_recovery();
    }
    writer.on_failure("the last".into());
    writer.database.replace(None);
    for _ in 0..3 {
        writer.reopen_at = None;
        writer.recover();
    }
    let lines = std::fs::read_to_string(log.path()).expect("the log");
    let count = |words| lines.matches(words).count();
    assert_eq!(count("database error; rejecting writes until it recovers"), 1, "{lines}");
    assert_eq!(count("database recovered"), 1, "{lines}");
    assert_eq!(count("cannot reopen the database"), 1, "{lines}");
    writer.failures = Throttle::default();
    writer.recover();
    let lines = std::fs::read_to_string(log.path()).expect("the log");
    assert!(lines.contains("the last"), "one that lasts is logged: {lines}");
}
