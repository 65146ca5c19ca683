//! The cache under many requests, and when its room is used up.

use super::*;
use futures_util::future::join_all;

struct Folder {
    folder: tempfile::TempDir,
    cache: Arc<FileCache>,
}

impl Folder {
    /// A folder whose files are kept up to 100 bytes.
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), cache: Arc::new(FileCache::new(100)) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, length: usize) {
        fs::write(self.path(name), "x".repeat(length)).expect("a file");
    }

    async fn get(&self, name: &str) -> Option<Bytes> {
        let file = self.cache.get(self.path(name)).await.expect("the file");
        assert_eq!(file.tag.len(), 2 * TAG_BYTES);
        self.assert_count();
        file.bytes
    }

    /// What is kept is what is counted, and within the limit.
    fn assert_count(&self) {
        let entries = self.cache.entries();
        let sum: usize = entries.files.values().map(Entry::kept).sum();
        assert_eq!(entries.kept, sum);
        assert!(sum <= entries.max_kept, "{sum}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_first_reads_share_one_copy() {
    let folder = Folder::new();
    folder.write("a", 60);
    let files = join_all((0..100).map(|_| {
        let (cache, path) = (folder.cache.clone(), folder.path("a"));
        tokio::spawn(async move { cache.get(path).await })
    }))
    .await;
    let files: Vec<_> = files.into_iter().map(|file| file.expect("it ends").expect("the file")).collect();
    let copies: std::collections::HashSet<_> =
        files.iter().map(|file| file.bytes.as_ref().expect("kept").as_ptr()).collect();
    assert_eq!(copies.len(), 1);
    assert!(folder.cache.loads.lock().expect("no panic").len() <= 1);
    folder.assert_count();
}

#[tokio::test(start_paused = true)]
async fn new_file_takes_place_of_one_long_unused() {
    let folder = Folder::new();
    for (name, length) in [("a", 60), ("b", 40), ("c", 30)] {
        folder.write(name, length);
        assert_eq!(folder.get(name).await.is_some(), name != "c", "{name}: there is no room while all are in use");
    }
    tokio::time::advance(MIN_IDLE_TIME).await;
    folder.get("a").await;
    assert!(folder.get("c").await.is_some(), "b was not used for longest");
    assert!(folder.get("a").await.is_some());
    assert!(folder.get("b").await.is_none());
}

#[tokio::test(start_paused = true)]
async fn file_that_is_being_sent_keeps_its_place() {
    let folder = Folder::new();
    folder.write("a", 60);
    folder.write("b", 60);
    let sent = folder.get("a").await.expect("kept");
    tokio::time::advance(MIN_IDLE_TIME * 2).await;
    assert!(folder.get("b").await.is_none(), "dropping it would free nothing");
    drop(sent);
    assert!(folder.get("b").await.is_some());
    assert!(folder.get("a").await.is_none());
}

#[tokio::test(start_paused = true)]
async fn deleted_file_makes_room_at_once() {
    let folder = Folder::new();
    for release in 0..5 {
        let (name, old) = (format!("app-{release}.wasm"), format!("app-{}.wasm", release - 1));
        folder.write(&name, 60);
        let _ = fs::remove_file(folder.path(&old));
        assert!(folder.get(&name).await.is_some(), "{name}");
        assert_eq!(folder.cache.entries().files.len(), 1);
    }
    fs::remove_file(folder.path("app-4.wasm")).expect("the file");
    assert!(folder.cache.get(folder.path("app-4.wasm")).await.is_err());
    let entries = folder.cache.entries();
    assert_eq!((entries.files.len(), entries.kept), (0, 0));
}

#[tokio::test]
async fn file_that_changes_is_counted_once() {
    let folder = Folder::new();
    for length in [60, 90, 101, 20] {
        folder.write("a", length);
        assert_eq!(folder.get("a").await.map(|bytes| bytes.len()), (length <= 100).then_some(length));
    }
}
