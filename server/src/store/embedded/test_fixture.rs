//! A store on a disk for tests, and what the tests ask of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use app::items::{Item, ItemDraft, ItemId, Owner, ValidDraft};
use redb::ReadableTable;
use tempfile::TempDir;

use super::tables::{ITEMS, name_of};
use super::test_disk::Disk;
use super::{EmbeddedStore, Fault, file, writes};
use crate::store::{Clock, OpenError};

/// A store on a disk for tests.
pub struct Fixture {
    pub disk: Arc<Disk>,
    pub store: EmbeddedStore,
    pub path: PathBuf,
    pub _folder: TempDir,
}

impl Fixture {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, disk) = (folder.path().join("items.redb"), Disk::new());
        file::create_if_missing(&path).expect("a new database");
        let store = EmbeddedStore::start(&path, Clock::system(), disk.file(&path)).expect("it opens");
        Self { disk, store, path, _folder: folder }
    }

    /// Queues the creation of an item that is called `name`.
    pub fn create(&self, name: &str) -> impl Future<Output = Result<Item, Fault>> + Send + use<> {
        let (store, draft) = (self.store.clone(), draft(name));
        let owner = Owner { issuer: "i".into(), subject: "ada".into() };
        async move {
            let clock = store.clock.clone();
            store.writes.write(move |writing| writes::create(writing, &clock, &owner, &draft, None)).await
        }
    }

    /// The names of all items, in their order.
    pub fn names(&self) -> Result<Vec<String>, Fault> {
        names(&self.store)
    }

    pub async fn get(&self, id: ItemId) -> Result<(), app::ssr::items::StoreError> {
        self.store.read(move |reading| Ok(_ = reading.open_table(ITEMS)?.get(id.0)?)).await
    }

    /// Waits until so many syncs were begun.
    pub async fn synced(&self, count: usize) {
        eventually("the disk is asked to sync", || self.disk.syncs() >= count).await;
    }
}

pub fn draft(name: &str) -> ValidDraft {
    ItemDraft { name: name.into(), ..ItemDraft::default() }.validate().expect("right")
}

pub fn names(store: &EmbeddedStore) -> Result<Vec<String>, Fault> {
    let table = store.database.begin_read()?.open_table(ITEMS)?;
    let mut names = Vec::new();
    for entry in table.iter()? {
        names.extend(name_of(entry?.1.value()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// The store at `path` on the disk of this machine, as soon as the one before has closed it.
pub async fn reopened(path: &Path) -> EmbeddedStore {
    let opening = async {
        loop {
            match EmbeddedStore::open(path, Clock::system()) {
                Err(OpenError::InUse { .. }) => tokio::time::sleep(Duration::from_millis(5)).await,
                opened => return opened.expect("sound"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), opening).await.expect("closed")
}

/// Asks until it is so.
pub async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let asking = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asking).await.unwrap_or_else(|_| panic!("{what}"));
}
