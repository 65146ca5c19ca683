//! Checks whether the disk has room for writes, without the database: redb rejects all work after an I/O error.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::file::{PROBE_SUFFIX, create_temporary};

/// The room that is required before writes are accepted again: enough for a full batch of typical writes.
const PROBE_BYTES: usize = 1024 * 1024;

/// Writes 1 MiB to a separate file next to the database at `path`, syncs it and removes it.
///
/// # Errors
/// [`io::Error`] of the system, such as [`ErrorKind::StorageFull`].
pub fn probe(path: &Path) -> io::Result<()> {
    write(create_temporary(path, PROBE_SUFFIX))
}

fn write(created: io::Result<NamedTempFile>) -> io::Result<()> {
    let mut file = match created {
        // A database can be writable in a folder that is not. In that case only its next write can tell.
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
            return Ok(());
        }
        created => created?,
    };
    let mut bytes = vec![0; PROBE_BYTES];
    // Random bytes, because zeros take no room on a file system with compression.
    aws_lc_rs::rand::fill(&mut bytes).map_err(io::Error::other)?;
    file.write_all(&bytes)?;
    file.as_file().sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn probe_leaves_nothing_and_reports_missing_folder() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        probe(&folder.path().join("items.redb")).expect("there is room");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
        probe(&folder.path().join("missing/items.redb")).expect_err("no such folder");
    }

    #[test]
    fn probe_in_unwritable_folder_leaves_it_to_the_database() {
        write(Err(ErrorKind::PermissionDenied.into())).expect("unknown");
        write(Err(ErrorKind::ReadOnlyFilesystem.into())).expect("unknown");
        write(Err(ErrorKind::StorageFull.into())).expect_err("full");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn probe_reports_full_disk() {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        let path = tempfile::NamedTempFile::new().expect("a file").into_temp_path();
        let error = write(Ok(NamedTempFile::from_parts(full, path))).expect_err("full");
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }
}
