//! A database that fails: what is answered until it recovers, and when it does.

mod full_disk;
mod reopening;

use portcullis::record::RecordId;
use redb::{TableDefinition, WriteTransaction};

use super::*;
use crate::embedded::test_support::fixture::{Fixture, eventually};

/// How soon everything works after the disk has room again.
const RECOVERY: Duration = Duration::from_secs(2);

const LARGE: TableDefinition<(), &[u8]> = TableDefinition::new("large");

/// Makes a write that needs a larger file.
async fn grow(fixture: &Fixture) -> Result<(), StorageError> {
    let value = vec![0; 4 * 1024 * 1024];
    let insert = move |writing: &_| Ok(_ = WriteTransaction::open_table(writing, LARGE)?.insert((), value.as_slice())?);
    fixture.store.writes.write(insert).await
}

/// A store on a disk without room, which is reopened already.
async fn full() -> (Fixture, RecordId) {
    let fixture = Fixture::new();
    let id = fixture.create("lamp").await.expect("created").id;
    fixture.disk.refuse_growth(true);
    assert!(matches!(grow(&fixture).await, Err(StorageError::System(_))));
    eventually("it is reopened for reads", || fixture.names().is_ok()).await;
    (fixture, id)
}

/// Waits until a write is accepted, which must be soon.
async fn recovered(fixture: &Fixture) {
    let freed = Instant::now();
    let recovery = async {
        while fixture.create("later").await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(RECOVERY, recovery).await.unwrap_or_else(|_| panic!("after {:?}", freed.elapsed()));
}
