//! The contents of files in memory, up to a limit, and their entity-tags. A client that reads a cached file slowly
//! holds neither a descriptor nor a buffer.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Bytes;
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

use super::is_missing;

/// The maximum size of the cache in bytes. A client has about 3 MB, including its compressed variants.
pub(super) const MAX_KEPT_BYTES: usize = 32 * 1024 * 1024;
/// The minimum time since the last use before a file may be evicted. Files that are all in use must not evict each
/// other with every request.
const MIN_IDLE_TIME: Duration = Duration::from_secs(60);
/// The number of bytes of the hash in an entity-tag.
const TAG_BYTES: usize = 16;

/// The cached files of one folder.
pub(super) struct FileCache {
    entries: Mutex<Entries>,
    /// One lock per file that is being read, so that concurrent requests share one read.
    loads: Mutex<HashMap<PathBuf, Weak<AsyncMutex<()>>>>,
}

struct Entries {
    max_kept: usize,
    kept: usize,
    files: HashMap<PathBuf, Entry>,
}

struct Entry {
    file: CachedFile,
    last_used: Instant,
}

/// A cached file. It is valid while the file has this date and length.
#[derive(Clone)]
pub(super) struct CachedFile {
    modified: SystemTime,
    length: u64,
    /// The entity-tag, a hash of the content. Dates and lengths are not enough: in a reproducible build all files have
    /// the same date.
    pub(super) tag: String,
    /// The content, if it is cached.
    pub(super) bytes: Option<Bytes>,
}

impl FileCache {
    /// Creates a cache of at most `max_kept` bytes.
    pub(super) fn new(max_kept: usize) -> Self {
        let entries = Mutex::new(Entries { max_kept, kept: 0, files: HashMap::new() });
        Self { entries, loads: Mutex::default() }
    }

    /// Returns the content of the file at `path`, from the cache or from disk.
    pub(super) async fn get(self: &Arc<Self>, path: PathBuf) -> io::Result<CachedFile> {
        let (cache, name) = (self.clone(), path.clone());
        let cached = tokio::task::spawn_blocking(move || cache.cached(&name)).await;
        if let Some(file) = cached.map_err(io::Error::other)?? {
            return Ok(file);
        }
        // The task owns the lock, so the read continues if the request is dropped.
        let (cache, load) = (self.clone(), self.load_lock(&path).lock_owned().await);
        let loaded = tokio::task::spawn_blocking(move || {
            let _load = load;
            match cache.cached(&path)? {
                Some(file) => Ok(file),
                None => cache.load(path),
            }
        });
        loaded.await.map_err(io::Error::other)?
    }

    /// Returns the cached file at `path`, if it is still the one on disk and its content is cached as far as possible.
    fn cached(&self, path: &Path) -> io::Result<Option<CachedFile>> {
        let metadata = fs::metadata(path);
        let mut entries = self.entries();
        if metadata.as_ref().is_err_and(is_missing) {
            entries.remove(path);
        }
        let metadata = metadata?;
        let (modified, length) = (metadata.modified()?, metadata.len());
        let now = Instant::now();
        let entry = entries.files.get(path);
        let Some(entry) = entry.filter(|entry| entry.file.modified == modified && entry.file.length == length) else {
            return Ok(None);
        };
        if entry.file.bytes.is_none() && entries.has_room_for(length, now) {
            return Ok(None);
        }
        Ok(entries.files.get_mut(path).map(|entry| {
            entry.last_used = now;
            entry.file.clone()
        }))
    }

    fn load(&self, path: PathBuf) -> io::Result<CachedFile> {
        let metadata = fs::metadata(&path)?;
        let (modified, length) = (metadata.modified()?, metadata.len());
        let bytes = Bytes::from(fs::read(&path)?);
        let hash = digest(&SHA256, &bytes);
        let tag = hash.as_ref().iter().take(TAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
        let now = Instant::now();
        if !self.entries().has_room_for(length, now) {
            self.remove_missing();
        }
        let mut entries = self.entries();
        entries.remove(&path);
        let is_kept = entries.make_room_for(bytes.len(), now);
        let file = CachedFile { modified, length, tag, bytes: is_kept.then_some(bytes) };
        entries.kept += file.bytes.as_ref().map_or(0, Bytes::len);
        entries.files.insert(path, Entry { file: file.clone(), last_used: now });
        Ok(file)
    }

    /// Removes files that are no longer on disk, such as those of the previous release.
    fn remove_missing(&self) {
        let paths: Vec<_> = self.entries().files.keys().cloned().collect();
        for path in paths {
            if fs::metadata(&path).is_err_and(|error| is_missing(&error)) {
                self.entries().remove(&path);
            }
        }
    }

    fn load_lock(&self, path: &Path) -> Arc<AsyncMutex<()>> {
        let mut loads = self.loads.lock().unwrap_or_else(PoisonError::into_inner);
        loads.retain(|_, load| load.strong_count() > 0);
        loads.get(path).and_then(Weak::upgrade).unwrap_or_else(|| {
            let load = Arc::default();
            loads.insert(path.to_owned(), Arc::downgrade(&load));
            load
        })
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// Returns whether `length` bytes could be cached at `now`.
    fn has_room_for(&self, length: u64, now: Instant) -> bool {
        let fits = |kept: usize| usize::try_from(length).is_ok_and(|length| length <= self.max_kept - kept);
        if fits(self.kept) || !fits(0) {
            return fits(self.kept);
        }
        let evictable = self.files.values().filter(|entry| entry.is_evictable(now)).map(Entry::kept);
        fits(self.kept - evictable.sum::<usize>())
    }

    /// Evicts the least recently used files until `length` bytes fit. Returns whether they do.
    fn make_room_for(&mut self, length: usize, now: Instant) -> bool {
        if !self.has_room_for(length as u64, now) {
            return false;
        }
        while self.kept + length > self.max_kept {
            let evictable = self.files.values_mut().filter(|entry| entry.is_evictable(now));
            let Some(oldest) = evictable.min_by_key(|entry| entry.last_used) else { return false };
            self.kept -= oldest.kept();
            oldest.file.bytes = None;
        }
        true
    }

    fn remove(&mut self, path: &Path) {
        self.kept -= self.files.remove(path).map_or(0, |entry| entry.kept());
    }
}

impl Entry {
    fn kept(&self) -> usize {
        self.file.bytes.as_ref().map_or(0, Bytes::len)
    }

    /// Returns whether its content may be dropped. While a response uses it, dropping it frees no memory.
    fn is_evictable(&self, now: Instant) -> bool {
        self.file.bytes.as_ref().is_some_and(Bytes::is_unique) && now - self.last_used >= MIN_IDLE_TIME
    }
}

#[cfg(test)]
mod tests;
