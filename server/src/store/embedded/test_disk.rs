//! A store on a disk for tests, which can be full, fail, or let a sync wait.

use std::fs::OpenOptions;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use app::items::{Item, ItemDraft, ItemId, Owner, ValidDraft};
use redb::backends::FileBackend;
use redb::{BackendError, Database, ReadableTable, StorageBackend};
use tempfile::TempDir;

use super::tables::{ITEMS, name_of};
use super::writer::Opener;
use super::{EmbeddedStore, Fault, file, writes};
use crate::store::{Clock, OpenError};

/// What is wrong with the disk.
#[derive(Debug)]
pub struct Disk {
    /// How many more writes succeed.
    room: AtomicUsize,
    /// Whether the file cannot grow, while what is in it can be overwritten.
    refuses_growth: AtomicBool,
    refuses_reads: AtomicBool,
    /// Whether the file has just grown: redb syncs that at once, and lets reads wait for it.
    has_grown: AtomicBool,
    is_stalled: Mutex<bool>,
    on_resume: Condvar,
    syncs: AtomicUsize,
    openings: Mutex<Vec<Instant>>,
}

impl Disk {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            room: AtomicUsize::new(usize::MAX),
            refuses_growth: AtomicBool::new(false),
            refuses_reads: AtomicBool::new(false),
            has_grown: AtomicBool::new(false),
            is_stalled: Mutex::new(false),
            on_resume: Condvar::new(),
            syncs: AtomicUsize::new(0),
            openings: Mutex::new(Vec::new()),
        })
    }

    /// Is full after so many more writes.
    pub fn fill_after(&self, writes: usize) {
        self.room.store(writes, Ordering::SeqCst);
    }

    pub fn refuse_growth(&self, is_refused: bool) {
        self.refuses_growth.store(is_refused, Ordering::SeqCst);
    }

    pub fn refuse_reads(&self, is_refused: bool) {
        self.refuses_reads.store(is_refused, Ordering::SeqCst);
    }

    /// Lets the sync of every commit wait from now on.
    pub fn stall(&self) {
        *self.is_stalled.lock().expect("not poisoned") = true;
    }

    pub fn resume(&self) {
        *self.is_stalled.lock().expect("not poisoned") = false;
        self.on_resume.notify_all();
    }

    /// How often the sync of a commit was begun.
    pub fn syncs(&self) -> usize {
        self.syncs.load(Ordering::SeqCst)
    }

    /// When the database was opened.
    pub fn openings(&self) -> Vec<Instant> {
        self.openings.lock().expect("not poisoned").clone()
    }

    fn has_room(&self) -> io::Result<()> {
        let full = io::ErrorKind::StorageFull;
        if self.room.load(Ordering::SeqCst) == 0 { Err(full.into()) } else { Ok(()) }
    }

    pub fn opener(self: &Arc<Self>, path: &Path) -> Opener {
        let (disk, path) = (self.clone(), path.to_owned());
        Box::new(move || {
            disk.openings.lock().expect("not poisoned").push(Instant::now());
            let failed = |error| file::open_error(&path, error);
            let file = OpenOptions::new().read(true).write(true).open(&path).map_err(|error| failed(error.into()))?;
            let file = FileBackend::new(file).map_err(failed)?;
            let mut builder = Database::builder();
            // Without a cache, so that reads reach the disk.
            builder.set_check_integrity_on_open(true).set_cache_size(0);
            builder.create_with_backend(File { file, disk: disk.clone() }).map_err(failed)
        })
    }
}

/// A file on the disk.
#[derive(Debug)]
struct File {
    file: FileBackend,
    disk: Arc<Disk>,
}

type Range = Bound<u64>;

impl StorageBackend for File {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if self.disk.refuses_reads.load(Ordering::SeqCst) {
            return Err(io::Error::other("a bad sector"));
        }
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.has_room()?;
        let is_growth = len > self.file.len()?;
        if is_growth && self.disk.refuses_growth.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.disk.has_grown.store(is_growth, Ordering::SeqCst);
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        if !self.disk.has_grown.swap(false, Ordering::SeqCst) {
            self.disk.syncs.fetch_add(1, Ordering::SeqCst);
            let stalled = self.disk.is_stalled.lock().expect("not poisoned");
            drop(self.disk.on_resume.wait_while(stalled, |is_stalled| *is_stalled).expect("not poisoned"));
        }
        self.disk.has_room()?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.has_room()?;
        if self.disk.room.load(Ordering::SeqCst) != usize::MAX {
            self.disk.room.fetch_sub(1, Ordering::SeqCst);
        }
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Range, end: Range) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Range, end: Range) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Range, end: Range) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Range, end: Range) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Range, end: Range) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Range, end: Range) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

/// A store on such a disk.
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
        let store = EmbeddedStore::start(&path, Clock::system(), disk.opener(&path)).expect("it opens");
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
