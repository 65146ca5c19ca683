//! The content of files, as far as it fits into memory, and their entity-tags. A client that reads a file of these slowly
//! holds neither a descriptor nor a buffer.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Bytes;

/// How many bytes of files are kept in memory. A client has about 3 MB, with its compressed twins.
pub(super) const MAX_KEPT_BYTES: usize = 32 * 1024 * 1024;
/// How many bytes of the hash of a file its entity-tag has.
const TAG_BYTES: usize = 16;

/// What is known of the files.
pub(super) struct Contents {
    max_kept: usize,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    files: HashMap<PathBuf, Content>,
    kept: usize,
}

/// One file, as long as it has this date and length.
#[derive(Clone)]
pub(super) struct Content {
    modified: SystemTime,
    length: u64,
    /// What its entity-tag says: a hash of its content. Dates and lengths alone would not do: where files come from a
    /// reproducible build, all have the same date.
    pub(super) tag: String,
    /// What is in it, if that is kept.
    pub(super) bytes: Option<Bytes>,
}

impl Contents {
    /// Keeps at most `max_kept` bytes.
    pub(super) fn new(max_kept: usize) -> Self {
        Self { max_kept, known: Mutex::default() }
    }

    /// Returns what is in the file at `path`. It may read it, so it blocks.
    pub(super) fn of(&self, path: PathBuf) -> io::Result<Content> {
        let metadata = fs::metadata(&path)?;
        let (modified, length) = (metadata.modified()?, metadata.len());
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).files.get(&path).cloned();
        if let Some(known) = known.filter(|known| known.modified == modified && known.length == length) {
            return Ok(known);
        }
        let bytes = Bytes::from(fs::read(&path)?);
        let hash = digest(&SHA256, &bytes);
        let tag = hash.as_ref().iter().take(TAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let kept_before = known.files.remove(&path).and_then(|old| old.bytes).map_or(0, |old| old.len());
        known.kept -= kept_before;
        let fits = known.kept + bytes.len() <= self.max_kept;
        let content = Content { modified, length, tag, bytes: fits.then_some(bytes) };
        known.kept += content.bytes.as_ref().map_or(0, Bytes::len);
        known.files.insert(path, content.clone());
        Ok(content)
    }
}
