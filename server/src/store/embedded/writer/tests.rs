//! A database that fails: what is answered meanwhile, and how it comes back.

use std::collections::BTreeSet;

use app::ssr::items::{ItemStore, StoreError};
use futures_util::future::join_all;

use super::*;
use crate::readiness::Readiness;
use crate::store::embedded::test_disk::{Fixture, eventually, names, reopened};

/// How soon everything works after the disk has room again.
const RECOVERY: Duration = Duration::from_secs(2);

async fn is_ready(readiness: &Readiness) -> bool {
    readiness.now().await.store
}

/// Creates items until the disk is full after `writes` more writes of pages, makes room again, and goes on.
async fn fill_and_free(writes: usize) {
    let fixture = Fixture::new();
    let readiness = Readiness::new(Vec::new(), Arc::new(fixture.store.clone()), Vec::new());
    fixture.create("0").await.expect("created");
    let mut acknowledged = BTreeSet::from(["0".to_owned()]);
    fixture.disk.fill_after(writes);
    let unknown = loop {
        let name = acknowledged.len().to_string();
        match fixture.create(&name).await {
            Ok(_) => acknowledged.insert(name),
            Err(fault) => {
                assert!(matches!(fault, Fault::System(_)), "after {writes}: {fault:?}");
                break name;
            }
        };
    };
    assert!(!is_ready(&readiness).await, "after {writes}");
    let refused = fixture.create("refused").await.map_err(StoreError::from);
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "after {writes}: {refused:?}");

    fixture.disk.fill_after(usize::MAX);
    let freed = Instant::now();
    while fixture.create("later").await.is_err() {
        assert!(freed.elapsed() < RECOVERY, "after {writes}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    acknowledged.insert("later".into());
    while !is_ready(&readiness).await {
        assert!(freed.elapsed() < RECOVERY + Duration::from_secs(1), "after {writes}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Nothing is lost, nothing is there twice, and of what failed nothing but the one whose commit failed.
    let mut found = fixture.names().expect("read");
    let Fixture { store, path, _folder, .. } = fixture;
    drop((readiness, store));
    assert_eq!(names(&reopened(&path).await).expect("read"), found);
    found.retain(|name| *name != unknown);
    assert_eq!(found, acknowledged.into_iter().collect::<Vec<_>>(), "after {writes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn store_recovers_from_full_disk_and_loses_nothing() {
    // Each number ends another step of a commit.
    join_all((0..24).map(|writes| tokio::spawn(fill_and_free(writes))))
        .await
        .into_iter()
        .for_each(|one| one.expect("right"));
}

#[tokio::test]
async fn reads_answer_while_file_cannot_grow() {
    let fixture = Fixture::new();
    let id = fixture.create("lamp").await.expect("created").id;
    fixture.disk.refuse_growth(true);
    let large = vec![0; 4 * PROBE_BYTES];
    let fill =
        fixture.store.writes.write(move |writing| Ok(_ = writing.open_table(PROBE)?.insert((), large.as_slice())?));
    assert!(matches!(fill.await, Err(Fault::System(_))));
    eventually("it is reopened for reads", || fixture.names().is_ok()).await;
    // Through one attempt at writing at least.
    let failed = Instant::now();
    let mut answered = 0;
    while failed.elapsed() < REOPEN_INTERVAL + REOPEN_INTERVAL / 2 {
        answered += usize::from(fixture.get(id).await.is_ok());
        assert!(matches!(fixture.store.ping().await, Err(StoreError::Unavailable(_))), "it is not ready");
        assert!(fixture.create("refused").await.is_err());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(answered > 50, "{answered} reads were answered");
    fixture.disk.refuse_growth(false);
    let freed = Instant::now();
    while fixture.create("later").await.is_err() {
        assert!(freed.elapsed() < RECOVERY);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(fixture.names().expect("read"), ["lamp", "later"]);
    fixture.store.ping().await.expect("it is ready");
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
    assert!(gaps.iter().all(|gap| *gap > REOPEN_INTERVAL * 9 / 10), "{gaps:?}");
}
