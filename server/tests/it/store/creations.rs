//! Creations with a key: repeating one creates nothing.

use app::items::{DeleteItems, WriteItems};
use futures_util::future::join_all;
use portcullis::record::{Expected, IdempotencyKey};
use portcullis_server::store::StoreError;

use super::*;

fn key(text: &str) -> Option<IdempotencyKey> {
    Some(IdempotencyKey::parse(text).expect("a key"))
}

async fn repeated_key_returns_the_same_item<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let write = permit::<WriteItems>().await;
    let first = store.create(&write, lamp(), key("k")).await.expect("created");
    assert_eq!(store.create(&write, lamp(), key("k")).await.expect("the same"), first);
    assert_eq!(all(&store, "", "newest", 5).await.len(), 1);
    assert_ne!(store.create(&write, lamp(), key("l")).await.expect("another").id, first.id);
    assert_ne!(store.create(&write, lamp(), None).await.expect("another").id, first.id);
    assert_eq!(all(&store, "", "newest", 5).await.len(), 3);
}

async fn repeated_key_with_another_draft_is_rejected<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let write = permit::<WriteItems>().await;
    store.create(&write, lamp(), key("k")).await.expect("created");
    let other = store.create(&write, named("Lamp"), key("k")).await;
    assert!(matches!(other, Err(StoreError::KeyReused)), "{other:?}");
    assert_eq!(all(&store, "", "newest", 5).await.len(), 1);
}

async fn idempotency_keys_of_different_people_are_different<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let adas = store.create(&permit::<WriteItems>().await, lamp(), key("k")).await.expect("created");
    let cys = store.create(&other::<WriteItems>().await, named("Torch"), key("k")).await.expect("created");
    let elsewhere = permit_of::<WriteItems>("https://other.example", Some("ada"), ALL).await;
    let others = store.create(&elsewhere, lamp(), key("k")).await.expect("created");
    assert!(adas.id != cys.id && adas.id != others.id);
}

async fn creation_without_subject_is_refused<S: Subject>() {
    let store = S::with(vec![]).await.store();
    for subject in [None, Some(""), Some(" ")] {
        for scopes in [ALL, &format!("{ALL} admin:items")] {
            for key in [None, key("k")] {
                let refused = store.create(&permit_of(ISSUER, subject, scopes).await, lamp(), key).await;
                assert!(matches!(refused, Err(StoreError::NoSubject)), "{subject:?}: {refused:?}");
            }
        }
    }
    assert_eq!(all(&store, "", "newest", 5).await, []);
    // No record of a creation is left that would block another creation.
    store.create(&permit::<WriteItems>().await, named("Torch"), key("k")).await.expect("created");
}

async fn concurrent_creations_with_one_key_make_one_item<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let write = permit::<WriteItems>().await;
    for round in 0..5 {
        let outcomes = join_all((0..8).map(|_| store.create(&write, lamp(), key(&format!("k{round}"))))).await;
        let ids: std::collections::HashSet<_> =
            outcomes.into_iter().map(|outcome| outcome.expect("an item").id).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(all(&store, "", "newest", 100).await.len(), round + 1);
    }
}

async fn idempotency_key_is_kept_for_a_day<S: Subject>() {
    let subject = S::with(vec![]).await;
    let store = subject.store();
    let write = permit::<WriteItems>().await;
    let first = store.create(&write, lamp(), key("k")).await.expect("created");
    subject.time().goes_on(MINUTE * (24 * 60 - 1));
    assert_eq!(store.create(&write, lamp(), key("k")).await.expect("the same").id, first.id);
    subject.time().goes_on(MINUTE + MINUTE / 30);
    let second = store.create(&write, named("Torch"), key("k")).await.expect("the key is free again");
    assert_ne!(second.id, first.id);
    assert_eq!(store.create(&write, named("Torch"), key("k")).await.expect("the same"), second);
}

async fn idempotency_key_does_not_restore_a_deleted_item<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let write = permit::<WriteItems>().await;
    let made = store.create(&write, lamp(), key("k")).await.expect("created");
    store.delete(&permit::<DeleteItems>().await, made.id, Expected::Any).await.expect("deleted");
    let again = store.create(&write, lamp(), key("k")).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
    assert_eq!(all(&store, "", "newest", 5).await, []);
}

for_both!([
    repeated_key_returns_the_same_item,
    repeated_key_with_another_draft_is_rejected,
    idempotency_keys_of_different_people_are_different,
    creation_without_subject_is_refused,
    concurrent_creations_with_one_key_make_one_item,
    idempotency_key_is_kept_for_a_day,
    idempotency_key_does_not_restore_a_deleted_item,
]);

#[tokio::test]
async fn interrupted_creation_is_finished_by_the_next() {
    let subject = Mongo::with(vec![]).await;
    let store = subject.store();
    let write = permit::<WriteItems>().await;
    let made = store.create(&write, lamp(), key("k")).await.expect("created");
    // As if the server had stopped before it inserted the item.
    let records = subject.database.collection::<Document>("items_created");
    records.update_one(doc! {}, doc! { "$set": { "done": false } }).await.expect("changed");
    subject.items.delete_one(doc! {}).await.expect("removed");
    let again = store.create(&write, lamp(), key("k")).await.expect("finished");
    assert_eq!((again.id, &again.owner), (made.id, &made.owner));
    assert_eq!(records.find_one(doc! { "done": true }).await.expect("read").iter().count(), 1);
}

#[tokio::test]
async fn interrupted_creation_is_not_repeated_after_a_deletion() {
    let subject = Mongo::with(vec![]).await;
    let store = subject.store();
    let write = permit::<WriteItems>().await;
    let made = store.create(&write, lamp(), key("k")).await.expect("created");
    // As if the server had stopped before it recorded the creation.
    let records = subject.database.collection::<Document>("items_created");
    records.update_one(doc! {}, doc! { "$set": { "done": false } }).await.expect("changed");
    let delete = permit::<DeleteItems>().await;
    store.delete(&delete, made.id, Expected::Any).await.expect("deleted");
    let again = store.create(&write, lamp(), key("k")).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
    assert_eq!(store.restore(&delete, made.id).await.expect("restored"), made);
}
