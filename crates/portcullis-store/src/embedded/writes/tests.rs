//! The content of the file after writes: nothing that has expired, and nothing of rejected writes.

use std::sync::atomic::{AtomicI64, Ordering};

use bson::DateTime;
use portcullis::Scopes;
use portcullis::record::IdempotencyKey;
use redb::{ReadableTable, ReadableTableMetadata, TableDefinition};

use super::*;
use crate::embedded::EmbeddedDatabase;
use crate::embedded::test_support::fixture::{DOCUMENTS, open, tables, writes};
use crate::identity::owner;
use crate::test_record::Thing;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn ada() -> Caller {
    let scopes = Scopes::default();
    Caller { issuer: "i".into(), subject: Some("ada".into()), scopes }
}

/// Returns the sizes of the tables with expiring entries, each with its table of times.
fn expiring(store: &EmbeddedDatabase) -> [u64; 4] {
    let reading = store.database.begin_read().expect("a transaction");
    let entries = |name| {
        let table = reading.open_table(TableDefinition::<&[u8], &[u8]>::new(name));
        table.map_or(0, |table| table.len().expect("a count"))
    };
    let times = |name| {
        let table = reading.open_table(TableDefinition::<&[u8], ()>::new(name));
        table.map_or(0, |table| table.len().expect("a count"))
    };
    [entries("items_deleted"), times("items_deleted_at"), entries("items_created"), times("items_created_at")]
}

#[test]
fn expired_records_are_removed_by_the_next_write_or_start() {
    let folder = folder();
    let path = folder.path().join("items.redb");
    let ahead = Arc::new(AtomicI64::new(0));
    let hours = ahead.clone();
    let clock =
        Clock::telling(move || DateTime::from_millis(1_700_000_000_000 + hours.load(Ordering::SeqCst) * 3_600_000));
    let store = open(&path, clock.clone()).expect("a new database");
    let writes = writes(&clock);
    let draft = Thing { name: "Lamp".into(), ..Thing::default() }.validate().expect("right");
    let create_and_delete = |store: &EmbeddedDatabase, key: &str| {
        let key = IdempotencyKey::parse(key).expect("a key");
        let owner = owner(&ada()).expect("a subject");
        let creation = Creation::of(&owner, &key, &draft).expect("plain JSON");
        let item = store.database.write(|writing| writes.create(writing, &owner, &draft, Some(&creation)));
        let id = item.expect("created").id;
        store.database.write(|writing| writes.delete(writing, &ada(), id, &Expected::Any)).expect("deleted");
    };
    create_and_delete(&store, "a");
    create_and_delete(&store, "b");
    assert_eq!(expiring(&store), [2, 2, 2, 2]);
    ahead.store(1, Ordering::SeqCst);
    create_and_delete(&store, "c");
    assert_eq!(expiring(&store), [1, 1, 3, 3], "the trash is emptied, the keys live longer");
    ahead.store(25, Ordering::SeqCst);
    create_and_delete(&store, "d");
    assert_eq!(expiring(&store), [1, 1, 2, 2]);
    ahead.store(100, Ordering::SeqCst);
    drop(store);
    assert_eq!(expiring(&open(&path, clock).expect("the same")), [0; 4]);
}

/// Returns all rows of all tables in a transaction.
fn rows(writing: &redb::WriteTransaction) -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let mut rows = Vec::new();
    for entry in writing.open_table(DOCUMENTS).expect("a table").iter().expect("read") {
        let (id, document) = entry.expect("read");
        rows.push(("items".to_owned(), id.value().to_vec(), document.value().to_vec()));
    }
    for entry in writing.open_table(tables().by_name()).expect("a table").iter().expect("read") {
        rows.push(("names".to_owned(), entry.expect("read").0.value().as_bytes().to_vec(), Vec::new()));
    }
    let keys = ["items_by_word", "items_deleted_at", "items_created_at"];
    for name in keys {
        let table = writing.open_table(TableDefinition::<&[u8], ()>::new(name)).expect("a table");
        for entry in table.iter().expect("read") {
            rows.push((name.to_owned(), entry.expect("read").0.value().to_vec(), Vec::new()));
        }
    }
    for name in ["items_deleted", "items_created"] {
        let table = writing.open_table(TableDefinition::<&[u8], &[u8]>::new(name)).expect("a table");
        for entry in table.iter().expect("read") {
            let (key, value) = entry.expect("read");
            rows.push((name.to_owned(), key.value().to_vec(), value.value().to_vec()));
        }
    }
    rows
}

#[test]
fn refused_write_changes_nothing() {
    let folder = folder();
    let store = open(&folder.path().join("items.redb"), Clock::system()).expect("a new database");
    let writes = writes(&Clock::system());
    let lamp = Thing { name: "Lamp".into(), ..Thing::default() };
    let (draft, other) = (lamp.validate().expect("right"), Thing { name: "Mug".into(), ..Thing::default() });
    let other = other.validate().expect("right");
    let eve = Caller { subject: Some("eve".into()), ..ada() };
    let owner = owner(&ada()).expect("a subject");
    let creation = |key: &str, draft: &Valid<Thing>| {
        Creation::of(&owner, &IdempotencyKey::parse(key).expect("a key"), draft).expect("plain JSON")
    };
    let (kept, deleted) = (creation("kept", &draft), creation("deleted", &draft));
    let write = |writing: &redb::WriteTransaction| {
        let one = writes.create(writing, &owner, &draft, Some(&kept))?;
        let two = writes.create(writing, &owner, &draft, Some(&deleted))?;
        writes.delete(writing, &ada(), two.id, &Expected::Any)?;
        Ok::<_, StorageError>((one, two.id))
    };
    let (lamp_item, in_trash) = store.database.write(write).expect("written");
    let old = Expected::version("0".into());
    let wrong = Thing { name: String::new(), ..lamp.clone() };
    let (id, nothing) = (lamp_item.id, RecordId([7; 12]));
    type Attempt<'a> = Box<dyn Fn(&redb::WriteTransaction) -> Result<(), StorageError> + 'a>;
    let reused = creation("kept", &other);
    let attempts: Vec<(&str, Attempt<'_>)> = vec![
        ("key reused", Box::new(|w| writes.create(w, &owner, &other, Some(&reused)).map(drop))),
        ("created and deleted", Box::new(|w| writes.create(w, &owner, &draft, Some(&deleted)).map(drop))),
        ("update nothing", Box::new(|w| writes.update(w, &ada(), nothing, &Expected::Any, &lamp).map(drop))),
        ("update another's", Box::new(|w| writes.update(w, &eve, id, &Expected::Any, &lamp).map(drop))),
        ("update to wrong", Box::new(|w| writes.update(w, &ada(), id, &Expected::Any, &wrong).map(drop))),
        ("update changed", Box::new(|w| writes.update(w, &ada(), id, &old, &lamp).map(drop))),
        ("delete nothing", Box::new(|w| writes.delete(w, &ada(), nothing, &Expected::Any))),
        ("delete another's", Box::new(|w| writes.delete(w, &eve, id, &Expected::Any))),
        ("delete changed", Box::new(|w| writes.delete(w, &ada(), id, &old))),
        ("restore nothing", Box::new(|w| writes.restore(w, &ada(), nothing).map(drop))),
        ("restore another's", Box::new(|w| writes.restore(w, &eve, in_trash).map(drop))),
    ];
    let writing = store.database.begin_write().expect("a transaction");
    let before = rows(&writing);
    for (what, attempt) in attempts {
        let refused = attempt(&writing);
        assert!(matches!(refused, Err(StorageError::Refused(_))), "{what}: {refused:?}");
        assert_eq!(rows(&writing), before, "{what}");
    }
}
