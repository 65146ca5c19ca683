//! The creation of the database file, also if it is interrupted.

use std::sync::Barrier;
use std::thread;

use redb::ReadableDatabase;

use super::*;

fn names(folder: &Path) -> Vec<OsString> {
    let mut names: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("read").file_name()).collect();
    names.sort();
    names
}

#[test]
fn creation_killed_midway_does_not_refuse_next_start() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("items.redb");
    // Killed before the rename, and in the middle of a write. Neither leaves anything at the path.
    let (_, whole) = create_beside(&path).expect("made").keep().expect("kept");
    fs::write(folder.path().join(".items.redb.Ab12Cd.new"), "redb").expect("a file");
    assert!(whole.exists() && !path.exists());
    create_if_missing(&path).expect("created");
    open(&path).expect("sound").begin_read().expect("readable");
    assert_eq!(names(folder.path()), ["items.redb"], "what was left is removed");
}

#[test]
fn start_removes_probe_of_killed_process() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("items.redb");
    create_if_missing(&path).expect("created");
    create_temporary(&path, PROBE_SUFFIX).expect("made").keep().expect("kept");
    assert_eq!(names(folder.path()).len(), 2);
    create_if_missing(&path).expect("it is there");
    assert_eq!(names(folder.path()), ["items.redb"]);
}

#[test]
fn creation_leaves_other_files_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let others = [
        ".items.redb",
        ".items.redb.new.bak",
        ".other.redb.Ab12Cd.new",
        "items.redb.new",
        // Of the databases `items.redb.x` and `items.redb.a`, and by nobody.
        ".items.redb.x.Ab12Cd.new",
        ".items.redb.a.Ab12Cd.probe",
        ".items.redb.Ab1-Cd.new",
        ".items.redb.new",
    ];
    for other in others {
        fs::write(folder.path().join(other), "kept").expect("a file");
    }
    create_if_missing(&folder.path().join("items.redb")).expect("created");
    assert_eq!(names(folder.path()).len(), others.len() + 1);
}

#[test]
fn creation_keeps_database_that_was_published_first() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("items.redb");
    let late = create_beside(&path).expect("made");
    fs::write(&path, "first").expect("a file");
    publish(late, &path).expect("left to the first");
    assert_eq!(fs::read(&path).expect("a file"), b"first");
    assert_eq!(names(folder.path()), ["items.redb"]);
}

#[test]
fn creation_without_safe_rename_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("items.redb");
    let made = create_beside(&path).expect("made");
    let unsupported = |file, _: &Path| Err(PersistError { error: io::ErrorKind::Unsupported.into(), file });
    let error = publish_by(unsupported, made, &path).expect_err("it could replace the file of another process");
    assert!(error.to_string().contains("hard links"), "{error}");
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn creation_by_many_at_once_gives_one_database() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("items.redb");
    let barrier = Barrier::new(8);
    let start = || {
        barrier.wait();
        create_if_missing(&path).and_then(|()| open(&path))
    };
    let opened: Vec<_> = thread::scope(|scope| {
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        starts.into_iter().map(|start| start.join().expect("no panic")).collect()
    });
    assert_eq!(opened.iter().filter(|one| one.is_ok()).count(), 1, "{opened:?}");
    assert!(opened.iter().flat_map(|one| one.as_ref().err()).all(|error| matches!(error, OpenError::InUse { .. })));
    assert_eq!(names(folder.path()), ["items.redb"]);
}

#[test]
fn creation_syncs_parent_of_each_new_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a/b/c");
    let mut synced = Vec::new();
    create_folder(&path, |path| synced.push(path.to_owned())).expect("created");
    assert!(path.is_dir());
    assert_eq!(synced, [folder.path().join("a/b"), folder.path().join("a"), folder.path().to_owned()]);
    create_folder(&path, |_| panic!("nothing is new")).expect("it is there");
}

#[test]
fn missing_database_is_not_created_by_opening() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("items.redb");
    assert!(matches!(open(&path).err(), Some(OpenError::File { .. })));
    assert!(!path.exists());
}

#[test]
fn cache_of_database_is_64_mib() {
    const TABLE: redb::TableDefinition<u32, &[u8]> = redb::TableDefinition::new("large");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("items.redb");
    create_if_missing(&path).expect("created");
    let database = open(&path).expect("sound");
    let value = vec![1; 1024 * 1024];
    let (count, most) = (80, 64 * 1024 * 1024);
    let writing = database.begin_write().expect("a transaction");
    for key in 0..count {
        writing.open_table(TABLE).expect("a table").insert(key, value.as_slice()).expect("inserted");
    }
    writing.commit().expect("committed");
    let table = database.begin_read().expect("a transaction").open_table(TABLE).expect("a table");
    for key in 0..count {
        assert!(table.get(key).expect("read").is_some());
    }
    let used = database.cache_stats().used_bytes();
    assert!((most / 2..=most).contains(&used), "{used} bytes");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[test]
    fn new_database_and_folder_are_for_owner_only() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("data/deeper/items.redb");
        create_if_missing(&path).expect("created");
        let modes = [folder.path().join("data"), folder.path().join("data/deeper"), path].map(|path| mode(&path));
        assert_eq!(modes, [0o700, 0o700, 0o600]);
    }

    #[test]
    fn existing_file_and_folder_keep_their_modes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (data, path) = (folder.path().join("data"), folder.path().join("data/items.redb"));
        create_if_missing(&path).expect("created");
        fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).expect("set");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
        create_if_missing(&path).expect("left alone");
        drop(open(&path).expect("sound"));
        assert_eq!([mode(&data), mode(&path)], [0o755, 0o644]);
    }

    #[test]
    fn temporary_file_is_for_owner_only() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = create_temporary(&folder.path().join("items.redb"), PROBE_SUFFIX).expect("made");
        assert_eq!(mode(file.path()), 0o600);
    }

    #[test]
    fn creation_behind_dangling_link_makes_its_target() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, target) = (folder.path().join("items.redb"), folder.path().join("volume/items.redb"));
        symlink("volume/items.redb", &path).expect("a link");
        create_if_missing(&path).expect("created");
        open(&path).expect("sound");
        assert!(target.is_file() && fs::read_link(&path).is_ok());
    }

    #[test]
    fn creation_behind_chain_of_links_makes_its_target() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, target) = (folder.path().join("items.redb"), folder.path().join("volume/data/items.redb"));
        symlink("links/first", &path).expect("a link");
        fs::create_dir(folder.path().join("links")).expect("a folder");
        symlink("second", folder.path().join("links/first")).expect("a link");
        symlink("../volume/data/items.redb", folder.path().join("links/second")).expect("a link");
        create_if_missing(&path).expect("created");
        open(&path).expect("sound");
        assert!(target.is_file() && fs::read_link(folder.path().join("links/second")).is_ok());
    }

    #[test]
    fn creation_behind_loop_of_links_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("items.redb");
        symlink("other.redb", &path).expect("a link");
        symlink("items.redb", folder.path().join("other.redb")).expect("a link");
        let error = create_if_missing(&path).expect_err("a loop");
        assert!(error.to_string().contains("symbolic links"), "{error}");
        assert_eq!(names(folder.path()).len(), 2);
    }
}
