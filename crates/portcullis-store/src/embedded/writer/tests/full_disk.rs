//! A full disk: reads go on, and writes recover without data loss.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use portcullis_server::readiness::Readiness;
use portcullis_server::store::{Backend, StoreError};

use super::*;
use crate::embedded::test_support::fixture::{Fixture, eventually, names, reopened};

async fn is_ready(readiness: &Readiness) -> bool {
    readiness.now().await.store
}

/// Creates records until the disk is full after `writes` more writes of pages, makes room again, and goes on.
async fn fill_and_free(writes: usize) {
    let fixture = Fixture::new();
    let readiness = Readiness::new(Vec::new(), fixture.database(), Vec::new());
    fixture.create("0").await.expect("created");
    let mut acknowledged = BTreeSet::from(["0".to_owned()]);
    fixture.disk.fill_after(writes);
    let unknown = loop {
        let name = acknowledged.len().to_string();
        match fixture.create(&name).await {
            Ok(_) => acknowledged.insert(name),
            Err(error) => {
                assert!(matches!(error, StorageError::System(_)), "after {writes}: {error:?}");
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
async fn reads_answer_while_disk_is_full() {
    let (fixture, id) = full().await;
    // Through several attempts to recover.
    let probes = fixture.disk.probes();
    let mut answered = 0;
    while fixture.disk.probes() < probes + 3 {
        fixture.get(id).await.expect("read");
        answered += 1;
        assert!(matches!(fixture.store.ping().await, Err(StoreError::Unavailable(_))), "it is not ready");
        assert!(fixture.create("refused").await.is_err());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(answered > 50, "{answered} reads were answered");
    assert_eq!(fixture.disk.openings().len(), 2, "the start, and once after the failure");
    fixture.disk.refuse_growth(false);
    recovered(&fixture).await;
    assert_eq!(fixture.names().expect("read"), ["lamp", "later"]);
    fixture.store.ping().await.expect("it is ready");
}

#[tokio::test]
async fn recovery_does_not_wait_for_another_opening() {
    let (fixture, id) = full().await;
    // As with a file that takes minutes to check.
    fixture.disk.stall_openings();
    let probes = fixture.disk.probes();
    eventually("it is tried again", || fixture.disk.probes() > probes).await;
    fixture.get(id).await.expect("read");
    fixture.disk.refuse_growth(false);
    recovered(&fixture).await;
    assert_eq!(fixture.disk.openings().len(), 2);
}
