//! A store on a test disk, with helpers for tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bson::Document;
use portcullis::record::{Owner, Record, RecordId, Stored, Valid};
use portcullis_server::store::{Database, Stores};
use redb::{ReadableTable, TableDefinition};
use tempfile::TempDir;

use super::disk::Disk;
use crate::embedded::tables::RecordTables;
use crate::embedded::writes::Writes;
use crate::embedded::{EmbeddedDatabase, StorageError, file};
use crate::schema::{Registration, Schema};
use crate::test_record::Thing;
use crate::{Clock, OpenError};

/// The table with the documents of the tests.
pub const DOCUMENTS: TableDefinition<[u8; 12], &[u8]> = TableDefinition::new("items");

/// Returns the record kinds of the tests.
pub fn records() -> [Registration; 1] {
    [Registration::of::<Thing>()]
}

/// Opens the database at `path` with the test records.
pub fn open(path: &Path, clock: Clock) -> Result<EmbeddedDatabase, OpenError> {
    EmbeddedDatabase::open(path, &records(), false, clock)
}

pub fn tables() -> Arc<RecordTables> {
    Arc::new(RecordTables::of(Schema::of::<Thing>()))
}

pub fn writes(clock: &Clock) -> Writes<Thing> {
    Writes::new(tables(), clock.clone())
}

/// Adds `documents`, if the collection is empty.
pub fn fill(database: &EmbeddedDatabase, documents: &[Document]) {
    database.database.write(|transaction| tables().fill_if_empty(transaction, documents)).expect("filled");
}

/// A store on a test disk.
pub struct Fixture {
    pub disk: Arc<Disk>,
    pub store: EmbeddedDatabase,
    pub path: PathBuf,
    pub _folder: TempDir,
}

impl Fixture {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, disk) = (folder.path().join("items.redb"), Disk::new());
        file::create_if_missing(&path).expect("a new database");
        let store =
            EmbeddedDatabase::start(&path, &records(), false, Clock::system(), disk.file(&path)).expect("it opens");
        Self { disk, store, path, _folder: folder }
    }

    /// Returns the database in the form that the server uses.
    pub fn database(&self) -> Database {
        let mut stores = Stores::default();
        records().iter().for_each(|record| (record.embedded)(&self.store, &mut stores));
        Database::new(self.store.clone(), stores)
    }

    /// Queues the creation of a record with the name `name`.
    pub fn create(&self, name: &str) -> impl Future<Output = Result<Stored<Thing>, StorageError>> + Send + use<> {
        let (store, draft) = (self.store.clone(), draft(name));
        let owner = Owner { issuer: "i".into(), subject: "ada".into() };
        async move {
            let writes = writes(&store.clock);
            store.writes.write(move |writing| writes.create(writing, &owner, &draft, None)).await
        }
    }

    /// Returns the names of all records, in order.
    pub fn names(&self) -> Result<Vec<String>, StorageError> {
        names(&self.store)
    }

    pub async fn get(&self, id: RecordId) -> Result<(), portcullis_server::store::StoreError> {
        self.store.read(move |reading| Ok(_ = reading.open_table(DOCUMENTS)?.get(id.0)?)).await
    }

    /// Waits until this many syncs have started.
    pub async fn synced(&self, count: usize) {
        eventually("the disk is asked to sync", || self.disk.syncs() >= count).await;
    }
}

pub fn draft(name: &str) -> Valid<Thing> {
    Thing { name: name.into(), ..Thing::default() }.validate().expect("right")
}

pub fn names(store: &EmbeddedDatabase) -> Result<Vec<String>, StorageError> {
    let table = store.database.begin_read()?.open_table(DOCUMENTS)?;
    let (tables, mut names) = (tables(), Vec::new());
    for entry in table.iter()? {
        names.extend(tables.name_of(entry?.1.value()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// Opens the store at `path` on the disk of this machine, as soon as the previous one has closed it.
pub async fn reopened(path: &Path) -> EmbeddedDatabase {
    let opening = async {
        loop {
            match open(path, Clock::system()) {
                Err(OpenError::InUse { .. }) => tokio::time::sleep(Duration::from_millis(5)).await,
                opened => return opened.expect("sound"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), opening).await.expect("closed")
}

/// Waits until `is_so` returns true.
pub async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let asking = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asking).await.unwrap_or_else(|_| panic!("{what}"));
}
