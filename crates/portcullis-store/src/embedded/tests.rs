//! The file of the embedded database: which files are rejected, and what survives a restart.

use std::fs;

use bson::doc;
use bson::oid::ObjectId;
use redb::ReadableTableMetadata;

use super::test_support::fixture::{DOCUMENTS, fill, open};
use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn file_that_is_no_database_is_rejected_and_unchanged() {
    let folder = folder();
    let path = folder.path().join("items.redb");
    let foreign = b"name,price\nlamp,4900\n".repeat(1000);
    fs::write(&path, &foreign).expect("a file");
    let error = open(&path, Clock::system()).err().expect("refused");
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("left untouched"), "{error}");
    assert_eq!(fs::read(&path).expect("still there"), foreign);
}

#[test]
fn truncated_database_is_rejected_and_unchanged() {
    let folder = folder();
    let path = folder.path().join("items.redb");
    drop(open(&path, Clock::system()).expect("a new database"));
    let whole = fs::read(&path).expect("a file");
    let short = &whole[..whole.len() / 2];
    fs::write(&path, short).expect("cut short");
    let error = open(&path, Clock::system()).err().expect("refused");
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
    assert_eq!(fs::read(&path).expect("still there"), short);
}

#[test]
fn damaged_database_is_rejected_and_unchanged() {
    let folder = folder();
    let path = folder.path().join("items.redb");
    let store = open(&path, Clock::system()).expect("a new database");
    let many: Vec<_> = (0..500).map(|n| doc! { "_id": ObjectId::new(), "name": format!("Lamp {n}") }).collect();
    fill(&store, &many);
    drop(store);
    let mut bytes = fs::read(&path).expect("a file");
    let name = b"Lamp 250";
    let at = bytes.windows(name.len()).position(|window| window == name).expect("it is in there");
    bytes[at] ^= 0xff;
    fs::write(&path, &bytes).expect("damaged");
    let error = open(&path, Clock::system()).err().expect("refused");
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
    assert_eq!(fs::read(&path).expect("still there"), bytes);
}

#[test]
fn empty_file_is_rejected_and_unchanged() {
    let folder = folder();
    let path = folder.path().join("items.redb");
    fs::write(&path, "").expect("a file");
    let error = open(&path, Clock::system()).err().expect("refused");
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("delete it if an earlier first start was interrupted"), "{error}");
    assert_eq!(fs::read(&path).expect("still there"), b"");
}

#[test]
fn database_that_is_open_elsewhere_is_reported() {
    let folder = folder();
    let path = folder.path().join("items.redb");
    let _open = open(&path, Clock::system()).expect("a new database");
    assert!(matches!(open(&path, Clock::system()).err(), Some(OpenError::InUse { .. })));
}

#[test]
fn folder_that_cannot_be_created_is_named() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").expect("a file");
    let error = open(&file.join("items.redb"), Clock::system()).err().expect("refused");
    assert!(matches!(error, OpenError::File { .. }) && error.to_string().contains("items.redb"), "{error}");
}

#[test]
fn samples_are_created_only_in_an_empty_store() {
    let folder = folder();
    let path = folder.path().join("items.redb");
    let store = open(&path, Clock::system()).expect("a new database");
    let one = || vec![doc! { "_id": ObjectId::new(), "name": "Lamp" }];
    let count = |store: &EmbeddedDatabase| {
        let reading = store.database.begin_read().expect("a transaction");
        reading.open_table(DOCUMENTS).expect("a table").len().expect("a count")
    };
    fill(&store, &one());
    assert_eq!(count(&store), 1);
    fill(&store, &one());
    assert_eq!(count(&store), 1);
    drop(store);
    assert_eq!(count(&open(&path, Clock::system()).expect("the same")), 1);
}
