//! A disk for tests. It can be full, fail, or stall a sync or an opening.

use std::fs::OpenOptions;
use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use redb::backends::FileBackend;
use redb::{BackendError, Database, StorageBackend};

use crate::OpenError;
use crate::embedded::file;
use crate::embedded::writer::DatabaseFile;

/// The state of the disk.
#[derive(Debug)]
pub struct Disk {
    /// The number of writes that still succeed.
    room: AtomicUsize,
    /// Whether the file cannot grow, while its content can be overwritten.
    refuses_growth: AtomicBool,
    /// Whether there is room next to the file, as with a limit on the size of one file.
    has_room_beside: AtomicBool,
    refuses_reads: AtomicBool,
    /// Whether the file has just grown. redb then syncs immediately, and reads wait for it.
    has_grown: AtomicBool,
    stalled: Mutex<Stalled>,
    on_resume: Condvar,
    syncs: AtomicUsize,
    probes: AtomicUsize,
    openings: Mutex<Vec<Instant>>,
}

/// The operations that wait until [`Disk::resume`].
#[derive(Debug, Default)]
struct Stalled {
    syncs: bool,
    openings: bool,
}

impl Disk {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            room: AtomicUsize::new(usize::MAX),
            refuses_growth: AtomicBool::new(false),
            has_room_beside: AtomicBool::new(false),
            refuses_reads: AtomicBool::new(false),
            has_grown: AtomicBool::new(false),
            stalled: Mutex::default(),
            on_resume: Condvar::new(),
            syncs: AtomicUsize::new(0),
            probes: AtomicUsize::new(0),
            openings: Mutex::new(Vec::new()),
        })
    }

    /// Makes the disk full after this number of writes.
    pub fn fill_after(&self, writes: usize) {
        self.room.store(writes, Ordering::SeqCst);
    }

    pub fn refuse_growth(&self, is_refused: bool) {
        self.refuses_growth.store(is_refused, Ordering::SeqCst);
    }

    pub fn keep_room_beside(&self) {
        self.has_room_beside.store(true, Ordering::SeqCst);
    }

    pub fn refuse_reads(&self, is_refused: bool) {
        self.refuses_reads.store(is_refused, Ordering::SeqCst);
    }

    /// Stalls the sync of every commit from now on.
    pub fn stall(&self) {
        self.stalled.lock().expect("not poisoned").syncs = true;
    }

    /// Stalls every opening from now on, as if the file were large.
    pub fn stall_openings(&self) {
        self.stalled.lock().expect("not poisoned").openings = true;
    }

    pub fn resume_syncs(&self) {
        self.stalled.lock().expect("not poisoned").syncs = false;
        self.on_resume.notify_all();
    }

    pub fn resume(&self) {
        *self.stalled.lock().expect("not poisoned") = Stalled::default();
        self.on_resume.notify_all();
    }

    fn wait_while(&self, is_stalled: impl Fn(&Stalled) -> bool) {
        let stalled = self.stalled.lock().expect("not poisoned");
        drop(self.on_resume.wait_while(stalled, |stalled| is_stalled(stalled)).expect("not poisoned"));
    }

    /// Returns the number of commit syncs that were started.
    pub fn syncs(&self) -> usize {
        self.syncs.load(Ordering::SeqCst)
    }

    /// Returns the number of probes of the disk.
    pub fn probes(&self) -> usize {
        self.probes.load(Ordering::SeqCst)
    }

    /// Returns the times when the database was opened.
    pub fn openings(&self) -> Vec<Instant> {
        self.openings.lock().expect("not poisoned").clone()
    }

    fn has_room(&self) -> io::Result<()> {
        let full = io::ErrorKind::StorageFull;
        if self.room.load(Ordering::SeqCst) == 0 { Err(full.into()) } else { Ok(()) }
    }

    fn probe(&self) -> io::Result<()> {
        self.probes.fetch_add(1, Ordering::SeqCst);
        self.has_room()?;
        let is_full = self.refuses_growth.load(Ordering::SeqCst) && !self.has_room_beside.load(Ordering::SeqCst);
        if is_full { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn open(self: &Arc<Self>, path: &Path) -> Result<Database, OpenError> {
        self.openings.lock().expect("not poisoned").push(Instant::now());
        self.wait_while(|stalled| stalled.openings);
        let failed = |error| file::open_error(path, error);
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(|error| failed(error.into()))?;
        let file = FileBackend::new(file).map_err(failed)?;
        let mut builder = Database::builder();
        // Without a cache, reads reach the disk.
        builder.set_check_integrity_on_open(true).set_cache_size(0);
        builder.create_with_backend(File { file, disk: self.clone() }).map_err(failed)
    }

    /// Returns the database at `path` on this disk.
    pub fn file(self: &Arc<Self>, path: &Path) -> DatabaseFile {
        let (opened, probed, path) = (self.clone(), self.clone(), path.to_owned());
        DatabaseFile { open: Box::new(move || opened.open(&path)), probe: Box::new(move || probed.probe()) }
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
            self.disk.wait_while(|stalled| stalled.syncs);
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
