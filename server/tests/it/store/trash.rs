//! Deletion: deleted records can be restored completely for ten minutes.

use app::items::{DeleteItems, WriteItems};
use bson::DateTime;
use futures_util::future::join_all;
use portcullis::record::{Expected, RecordId};
use portcullis_server::store::StoreError;

use super::*;

async fn deleted_item_is_restored_whole<S: Subject>() {
    let id = ObjectId::new();
    let before = doc! {
        "_id": id, "name": "Old lamp", "price": 1_i32, "colour": "red", "nested": { "deep": [1, 2] },
        "created_at": DateTime::from_millis(0), "owner": { "issuer": ISSUER, "subject": "ada", "since": 7 },
    };
    let subject = S::with(vec![before.clone()]).await;
    subject.ready().await;
    let store = subject.store();
    let (read, delete) = (permit::<ReadItems>().await, permit::<DeleteItems>().await);
    let item = store.get(&read, RecordId(id.bytes())).await.expect("read");
    store.delete(&delete, item.id, Expected::version(item.version.clone())).await.expect("deleted");
    let gone = store.get(&read, item.id).await;
    assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
    assert_eq!(all(&store, "", "newest", 5).await, []);
    assert_eq!(all(&store, "lamp", "name", 5).await, []);

    assert_eq!(store.restore(&delete, item.id).await.expect("restored"), item);
    assert_eq!(store.get(&read, item.id).await.expect("read"), item);
    assert_eq!(names(&all(&store, "lamp", "name", 5).await), ["Old lamp"]);
    let again = store.restore(&delete, item.id).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
    drop(store);
    let mut after = subject.document(id).await;
    after.remove("portcullis");
    assert_eq!(after, before);
}

async fn deleted_item_is_restored_by_its_deleter_or_an_admin<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let made = store.create(&permit::<WriteItems>().await, lamp(), None).await.expect("created");
    store.delete(&permit::<DeleteItems>().await, made.id, Expected::Any).await.expect("deleted");
    for (issuer, subject) in [(ISSUER, Some("cy")), ("https://other.example", Some("ada")), (ISSUER, None)] {
        let refused = store.restore(&permit_of(issuer, subject, ALL).await, made.id).await;
        assert!(matches!(refused, Err(StoreError::NotYours)), "{issuer} {subject:?}: {refused:?}");
    }
    store.restore(&admin::<DeleteItems>().await, made.id).await.expect("restored");
    // The owner cannot restore what an administrator deleted.
    store.delete(&admin::<DeleteItems>().await, made.id, Expected::Any).await.expect("deleted");
    let refused = store.restore(&permit::<DeleteItems>().await, made.id).await;
    assert!(matches!(refused, Err(StoreError::NotYours)), "{refused:?}");
}

async fn deleted_item_is_gone_after_ten_minutes<S: Subject>() {
    let subject = S::with(vec![]).await;
    let store = subject.store();
    let (write, delete) = (permit::<WriteItems>().await, permit::<DeleteItems>().await);
    let first = store.create(&write, lamp(), None).await.expect("created");
    let second = store.create(&write, lamp(), None).await.expect("created");
    for item in [&first, &second] {
        store.delete(&delete, item.id, Expected::Any).await.expect("deleted");
    }
    subject.time().goes_on(MINUTE * 9);
    store.restore(&delete, first.id).await.expect("restored in time");
    subject.time().goes_on(MINUTE + MINUTE / 30);
    for permit in [&delete, &admin::<DeleteItems>().await] {
        let late = store.restore(permit, second.id).await;
        assert!(matches!(late, Err(StoreError::NotFound)), "{late:?}");
    }
}

async fn concurrent_deletions_one_succeeds_and_can_be_undone<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let delete = permit::<DeleteItems>().await;
    let made = store.create(&permit::<WriteItems>().await, lamp(), None).await.expect("created");
    let outcomes = join_all((0..4).map(|_| store.delete(&delete, made.id, Expected::Any))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    let outcomes = join_all((0..4).map(|_| store.restore(&delete, made.id))).await;
    let restored: Vec<_> = outcomes.iter().flatten().collect();
    assert_eq!(restored, [&made], "{outcomes:?}");
}

for_both!([
    deleted_item_is_restored_whole,
    deleted_item_is_restored_by_its_deleter_or_an_admin,
    deleted_item_is_gone_after_ten_minutes,
    concurrent_deletions_one_succeeds_and_can_be_undone,
]);

#[tokio::test]
async fn interrupted_deletion_cannot_be_restored() {
    let subject = Mongo::with(vec![]).await;
    let store = subject.store();
    let delete = permit::<DeleteItems>().await;
    let made = store.create(&permit::<WriteItems>().await, lamp(), None).await.expect("created");
    // As if the owner's deletion had been interrupted before the item was removed.
    let document = subject.items.find_one(doc! {}).await.expect("read").expect("an item");
    let entry = doc! {
        "_id": ObjectId::new(), "item": ObjectId::from_bytes(made.id.0), "document": document,
        "deleted_at": DateTime::from_millis(DateTime::now().timestamp_millis() - 60_000),
        "deleted_by": { "issuer": ISSUER, "subject": "ada" },
    };
    subject.database.collection::<Document>("items_deleted").insert_one(entry).await.expect("planted");
    store.delete(&admin::<DeleteItems>().await, made.id, Expected::Any).await.expect("deleted");
    let refused = store.restore(&delete, made.id).await;
    assert!(matches!(refused, Err(StoreError::NotYours)), "{refused:?}");
}

/// Returns what an interrupted deletion by `subject` leaves behind.
async fn plant_unfinished(database: &mongodb::Database, document: &Document, subject: &str, ahead: i64) {
    let mut document = document.clone();
    document.insert("name", "Stale lamp");
    let entry = doc! {
        "_id": ObjectId::new(), "item": document.get_object_id("_id").expect("an id"), "document": document,
        "deleted_at": DateTime::from_millis(DateTime::now().timestamp_millis() + ahead),
        "deleted_by": { "issuer": ISSUER, "subject": subject },
    };
    database.collection::<Document>("items_deleted").insert_one(entry).await.expect("planted");
}

#[tokio::test]
async fn deletion_that_lost_a_race_cannot_be_undone() {
    let subject = Mongo::with(vec![]).await;
    let (store, write, delete) = (subject.store(), permit::<WriteItems>().await, permit::<DeleteItems>().await);
    // The administrator's deletion wins over the owner's.
    let made = store.create(&write, lamp(), None).await.expect("created");
    let document = subject.items.find_one(doc! {}).await.expect("read").expect("an item");
    store.delete(&admin::<DeleteItems>().await, made.id, Expected::Any).await.expect("deleted");
    plant_unfinished(&subject.database, &document, "ada", 1_000).await;
    let refused = store.restore(&delete, made.id).await;
    assert!(matches!(refused, Err(StoreError::NotYours)), "{refused:?}");
    let restored = store.restore(&admin::<DeleteItems>().await, made.id).await.expect("restored");
    assert_eq!(restored, made, "what was deleted");

    // The owner's deletion wins over that of a former administrator.
    let made = store.create(&write, lamp(), None).await.expect("created");
    let by_id = doc! { "_id": ObjectId::from_bytes(made.id.0) };
    let document = subject.items.find_one(by_id).await.expect("read").expect("an item");
    store.delete(&delete, made.id, Expected::Any).await.expect("deleted");
    plant_unfinished(&subject.database, &document, "cy", 1_000).await;
    let refused = store.restore(&other::<DeleteItems>().await, made.id).await;
    assert!(matches!(refused, Err(StoreError::NotYours)), "{refused:?}");
    assert_eq!(store.restore(&delete, made.id).await.expect("restored"), made, "what was deleted");

    // An expired deletion cannot be restored with the record of another one.
    store.delete(&admin::<DeleteItems>().await, made.id, Expected::Any).await.expect("deleted");
    plant_unfinished(&subject.database, &document, "ada", 60_000).await;
    subject.time().goes_on(MINUTE * 10 + MINUTE / 2);
    let late = store.restore(&delete, made.id).await;
    assert!(matches!(late, Err(StoreError::NotFound)), "{late:?}");
}

#[tokio::test]
async fn interrupted_deletion_of_a_removed_item_can_be_undone() {
    let subject = Mongo::with(vec![]).await;
    let store = subject.store();
    let delete = permit::<DeleteItems>().await;
    let made = store.create(&permit::<WriteItems>().await, lamp(), None).await.expect("created");
    let document = subject.items.find_one(doc! {}).await.expect("read").expect("an item");
    plant_unfinished(&subject.database, &document, "cy", -60_000).await;
    store.delete(&delete, made.id, Expected::Any).await.expect("deleted");
    // As if it had been interrupted before it was recorded as done.
    let trash = subject.database.collection::<Document>("items_deleted");
    let unmarked = trash.update_one(doc! { "done": true }, doc! { "$unset": { "done": "" } }).await.expect("unmarked");
    assert_eq!(unmarked.modified_count, 1);
    assert_eq!(store.restore(&delete, made.id).await.expect("restored"), made);
}

#[tokio::test]
async fn interrupted_undo_does_not_precede_the_next_deletion() {
    let subject = Mongo::with(vec![]).await;
    let (store, write, delete) = (subject.store(), permit::<WriteItems>().await, permit::<DeleteItems>().await);
    let made = store.create(&write, lamp(), None).await.expect("created");
    let document = subject.items.find_one(doc! {}).await.expect("read").expect("an item");
    store.delete(&delete, made.id, Expected::Any).await.expect("deleted");
    // As if a restore had been interrupted after it inserted the item and before it removed the record.
    subject.items.insert_one(&document).await.expect("put back");
    let refused = store.restore(&delete, made.id).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    let changed = store.update(&write, made.id, Expected::Any, named("Torch").into_fields()).await.expect("changed");
    let trash = subject.database.collection::<Document>("items_deleted");
    let older = trash.find_one(doc! {}).await.expect("read").expect("a record").get("_id").cloned();
    store.delete(&delete, made.id, Expected::Any).await.expect("deleted");
    // The next one is also interrupted before it is recorded as done.
    let newer = doc! { "_id": { "$gt": older.expect("an id") } };
    let unmarked = trash.update_one(newer, doc! { "$unset": { "done": "" } }).await.expect("unmarked");
    assert_eq!(unmarked.modified_count, 1);
    assert_eq!(store.restore(&delete, made.id).await.expect("restored"), changed);
}
