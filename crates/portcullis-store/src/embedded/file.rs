//! The database file: created completely or not at all, and opened.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{Database, DatabaseError, StorageError};
use tempfile::{NamedTempFile, PersistError};

use crate::OpenError;

/// The maximum memory for the cache. The page cache of the system keeps more if there is room.
const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// The maximum number of links to the file that are followed, the same as in Linux.
const MAX_LINKS: usize = 40;
/// The number of random characters in the name of a temporary file.
const RANDOM_CHARS: usize = 6;
/// The suffix of an unfinished database file.
const UNFINISHED_SUFFIX: &str = ".new";
/// The suffix of a file that is written to find out whether the disk has room.
pub const PROBE_SUFFIX: &str = ".probe";

/// Creates the database at `path` and its folder, if nothing is there.
///
/// The file is created next to `path`, synced, and then renamed. A process that is killed before the rename leaves
/// nothing at `path`.
///
/// # Errors
/// [`OpenError::File`] if it cannot be written.
pub fn create_if_missing(path: &Path) -> Result<(), OpenError> {
    let failed = |error: &dyn std::fmt::Display| OpenError::File { path: path.to_owned(), reason: error.to_string() };
    let path = target(path).map_err(|error| failed(&error))?;
    create_folder(folder(&path), sync_folder).map_err(|error| failed(&error))?;
    if !path.exists() {
        let unfinished = create_beside(&path).map_err(|error| failed(&error))?;
        publish(unfinished, &path).map_err(|error| failed(&error))?;
    }
    remove_temporary(&path);
    Ok(())
}

/// Opens the database at `path` and checks all of it, so that a damaged page is found now and not during a request.
///
/// # Errors
/// [`OpenError::Corrupt`] if it is not a valid database, [`OpenError::InUse`] if another process has it open,
/// [`OpenError::File`] if it cannot be read or written. The file is never overwritten.
pub fn open(path: &Path) -> Result<Database, OpenError> {
    // redb would accept an empty file as a new database, but it may be the rest of an existing one.
    if fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == 0) {
        let reason = "the file is empty; delete it if an earlier first start was interrupted".to_owned();
        return Err(OpenError::Corrupt { path: path.to_owned(), reason });
    }
    let mut builder = Database::builder();
    builder.set_check_integrity_on_open(true).set_cache_size(CACHE_BYTES);
    builder.open(path).map_err(|error| open_error(path, error))
}

/// Returns why the database at `path` cannot be opened.
pub fn open_error(path: &Path, error: DatabaseError) -> OpenError {
    let path = path.to_owned();
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::InUse { path },
        DatabaseError::Storage(StorageError::Io(error)) if error.kind() != io::ErrorKind::InvalidData => {
            OpenError::File { path, reason: error.to_string() }
        }
        other => OpenError::Corrupt { path, reason: other.to_string() },
    }
}

/// Returns the path of the real file. `path` may be a link or a chain of links, also to a file that does not exist yet.
///
/// # Errors
/// If there are more than [`MAX_LINKS`], as in a loop.
fn target(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..=MAX_LINKS {
        match fs::read_link(&target) {
            Ok(next) => target = folder(&target).join(next),
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::other(format!("more than {MAX_LINKS} symbolic links")))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Creates `path` and the folders above it, only for their owner (0700). Calls `sync` for each folder that has a new
/// entry: until the entry is on the disk, a system crash can remove the new folder and everything in it.
fn create_folder(path: &Path, mut sync: impl FnMut(&Path)) -> io::Result<()> {
    let missing: Vec<_> = path.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).collect();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    missing.into_iter().for_each(|created| sync(folder(created)));
    Ok(())
}

/// Syncs a folder. Errors are ignored, because not every system supports this.
fn sync_folder(path: &Path) {
    let _ = File::open(path).and_then(|folder| folder.sync_all());
}

/// Returns the prefix of the names of temporary files for `path`.
fn temporary_prefix(path: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or(OsStr::new("database")));
    prefix.push(".");
    prefix
}

/// Creates a file `.NAME.XXXXXX` with `suffix` in the folder of the database at `path`. Only its owner can access it
/// (0600), and it is removed when it is dropped.
///
/// # Errors
/// [`io::Error`] of the system.
pub fn create_temporary(path: &Path, suffix: &str) -> io::Result<NamedTempFile> {
    let path = target(path)?;
    let prefix = temporary_prefix(&path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).rand_bytes(RANDOM_CHARS).suffix(suffix).tempfile_in(folder(&path))
}

/// Creates a complete, empty database next to `path`.
fn create_beside(path: &Path) -> Result<NamedTempFile, redb::Error> {
    let file = create_temporary(path, UNFINISHED_SUFFIX)?;
    Database::builder().create_with_backend(FileBackend::new(file.as_file().try_clone()?)?)?.close()?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Renames the file to `path`, unless another process was faster. In that case, the file of that process is used.
///
/// # Errors
/// [`io::Error`] of the system, for example if the file system can neither rename without replacing nor create links.
fn publish(unfinished: NamedTempFile, path: &Path) -> io::Result<()> {
    publish_by(|file, path| file.persist_noclobber(path), unfinished, path)
}

/// `rename` must never replace a file: another process may have created one and acknowledged writes to it.
fn publish_by(
    rename: impl FnOnce(NamedTempFile, &Path) -> Result<File, PersistError>,
    unfinished: NamedTempFile,
    path: &Path,
) -> io::Result<()> {
    if let Err(PersistError { error, .. }) = rename(unfinished, path)
        && !path.exists()
    {
        let hint = "the file system must support hard links or renaming without replacing";
        return Err(io::Error::new(error.kind(), format!("cannot name the new file: {error} ({hint})")));
    }
    sync_folder(folder(path));
    Ok(())
}

/// Removes the temporary files of killed processes. A process that is still creating the database finds the finished
/// one.
fn remove_temporary(path: &Path) {
    let prefix = temporary_prefix(path);
    let Ok(entries) = fs::read_dir(folder(path)) else { return };
    for entry in entries.flatten().filter(|entry| is_temporary(&entry.file_name(), &prefix)) {
        let _ = fs::remove_file(entry.path());
    }
}

/// Returns whether `name` is a temporary file of this database, and not of one with a longer name.
fn is_temporary(name: &OsStr, prefix: &OsStr) -> bool {
    let Some(rest) = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes()) else { return false };
    [UNFINISHED_SUFFIX, PROBE_SUFFIX].iter().any(|suffix| {
        let random = rest.strip_suffix(suffix.as_bytes());
        random.is_some_and(|random| random.len() == RANDOM_CHARS && random.iter().all(u8::is_ascii_alphanumeric))
    })
}

#[cfg(test)]
mod tests;
