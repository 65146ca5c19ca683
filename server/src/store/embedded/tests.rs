//! The file of the embedded store: what is refused, what survives, and how much of it a page reads.

use std::fs;
use std::sync::atomic::{AtomicI64, Ordering};

use bson::oid::ObjectId;
use bson::{DateTime, doc};
use portcullis::record::{Expected, IdempotencyKey, ListQuery, ListRequest, RecordId, Valid};
use portcullis::{Caller, Scopes};
use redb::{ReadableTable, ReadableTableMetadata, TableDefinition};

use super::list::{Limits, list};
use super::test_fixture::{DOCUMENTS, fill, open, tables, writes};
use super::*;
use crate::store::identity::{Creation, owner};
use crate::store::test_record::Thing;
use crate::store::words::{Folded, Search};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
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
fn a_database_that_was_cut_short_is_refused_and_left_as_it_is() {
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
fn a_database_whose_pages_are_damaged_is_refused_and_left_as_it_is() {
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
fn a_file_that_is_empty_is_refused_and_left_as_it_is() {
    let folder = folder();
    let path = folder.path().join("items.redb");
    fs::write(&path, "").expect("a file");
    let error = open(&path, Clock::system()).err().expect("refused");
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("delete it if an earlier first start was interrupted"), "{error}");
    assert_eq!(fs::read(&path).expect("still there"), b"");
}

#[test]
fn a_database_that_is_open_elsewhere_is_said_to_be() {
    let folder = folder();
    let path = folder.path().join("items.redb");
    let _open = open(&path, Clock::system()).expect("a new database");
    assert!(matches!(open(&path, Clock::system()).err(), Some(OpenError::InUse { .. })));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").expect("a file");
    let error = open(&file.join("items.redb"), Clock::system()).err().expect("refused");
    assert!(matches!(error, OpenError::File { .. }) && error.to_string().contains("items.redb"), "{error}");
}

#[test]
fn only_an_empty_store_is_filled() {
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

/// How many items the lists below are made of.
const MANY: usize = 3_000;

/// A store of lamps: every second is even, the others are odd, every 300th is rare.
fn many(folder: &tempfile::TempDir) -> EmbeddedDatabase {
    let path = folder.path().join("items.redb");
    let store = open(&path, Clock::system()).expect("a new database");
    let name = |n: usize| {
        let parity = if n.is_multiple_of(2) { "even" } else { "odd" };
        let rare = if n.is_multiple_of(300) { " rare" } else { "" };
        format!("{:04} lamp {parity}{rare}", n * 7 % MANY)
    };
    let documents: Vec<_> = (0..MANY).map(|n| doc! { "_id": ObjectId::new(), "name": name(n) }).collect();
    fill(&store, &documents);
    store
}

const SORTS: [&str; 3] = ["newest", "oldest", "name"];
const LIMIT: usize = 20;
const FEW: Limits = Limits { gather: 50, scan: 500 };

/// Every page of a list: the names on it, and how many rows were read for it.
fn pages(store: &EmbeddedDatabase, search: &str, sort: &str) -> Vec<(Vec<String>, usize)> {
    let reading = store.database.begin_read().expect("a transaction");
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let (search, sort, limit) = (Some(search.into()), Some(sort.into()), Some(LIMIT.to_string()));
        let request = ListRequest::parse(&ListQuery { search, sort, limit, after }).expect("right");
        let (page, rows) = list::<Thing>(&reading, &tables(), &request, FEW).expect("a page");
        pages.push((page.records.into_iter().map(|item| item.fields.name).collect(), rows));
        match page.next {
            Some(next) => after = Some(next),
            None => return pages,
        }
    }
}

#[test]
fn the_rows_read_for_a_page_do_not_grow_with_its_depth() {
    let folder = folder();
    let store = many(&folder);
    for sort in SORTS {
        for (search, count, most) in [
            // One row for each item, and one that says that there is more.
            ("", MANY, LIMIT + 1),
            // Half of all: looked for among the rare words, and then every second row is one.
            ("even", MANY / 2, FEW.gather + 1 + 2 * (LIMIT + 1)),
            ("la", MANY, FEW.gather + 1 + LIMIT + 1),
            // Ten: found by their word, and then each is read.
            ("rare", 10, 10 + 10),
            ("even rare lamp", 10, 2 * (FEW.gather + 1) + 10 + 10),
            ("nothing", 0, 0),
        ] {
            let pages = pages(&store, search, sort);
            assert_eq!(pages.iter().map(|(names, _)| names.len()).sum::<usize>(), count, "{search:?} by {sort}");
            let rows: Vec<usize> = pages.iter().map(|(_, rows)| *rows).collect();
            assert!(rows.iter().all(|rows| *rows <= most), "{search:?} by {sort}: {rows:?}");
            assert!(pages.len() >= count / LIMIT);
        }
    }
}

#[test]
fn the_usual_limits_keep_a_page_within_some_ten_milliseconds() {
    // What was measured and is documented; a higher one would be felt with a million items.
    let Limits { gather, scan } = Limits::USUAL;
    assert!((LIMIT..=4_000).contains(&gather), "{gather}");
    assert!((LIMIT..=50_000).contains(&scan), "{scan}");
    assert!((1..=4).contains(&Limits::TRIED), "{}", Limits::TRIED);
}

#[test]
fn words_that_are_frequent_and_never_together_end_a_page_early_and_the_list_at_last() {
    let folder = folder();
    let store = many(&folder);
    for sort in SORTS {
        let pages = pages(&store, "even odd", sort);
        assert!(pages.iter().all(|(names, _)| names.is_empty()), "{sort}");
        // Two words are tried, and then as much is read as is for one page.
        assert!(pages.iter().all(|(_, rows)| *rows <= 2 * (FEW.gather + 1) + FEW.scan), "{sort}");
        assert_eq!(pages.len(), MANY / FEW.scan + 1, "{sort}");
    }
}

#[test]
fn what_is_found_does_not_depend_on_how_it_is_looked_for() {
    let folder = folder();
    let store = many(&folder);
    let everything: Vec<String> = pages(&store, "", "name").into_iter().flat_map(|(names, _)| names).collect();
    for search in ["0", "00", "000 even", "1 2", "lamp rare 0", "odd 2", "29", "299 l", "e l 0"] {
        let wanted = Search::of(search);
        let expected: Vec<&String> = everything.iter().filter(|name| wanted.finds(&Folded::of(name))).collect();
        for sort in SORTS {
            let mut found: Vec<String> = pages(&store, search, sort).into_iter().flat_map(|(names, _)| names).collect();
            if sort != "name" {
                found.sort_unstable();
            }
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{search:?} by {sort}");
        }
    }
}

fn ada() -> Caller {
    let scopes = Scopes::default();
    Caller { issuer: "i".into(), subject: Some("ada".into()), scopes }
}

/// How many entries the tables of what expires hold, each with its times.
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
fn what_has_expired_leaves_the_file_with_the_next_write_or_start() {
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

/// Every row of every table, as a transaction sees it.
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
