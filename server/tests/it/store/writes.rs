//! Updates: ownership, expected versions, and concurrent writes, of which one wins.

use app::items::{DeleteItems, WriteItems};
use bson::Bson;
use futures_util::future::join_all;
use portcullis::record::{Expected, RecordId};
use portcullis_server::store::StoreError;

use super::*;

async fn unknown_id_is_not_found<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let nobody = RecordId([7; 12]);
    let read = store.get(&permit::<ReadItems>().await, nobody).await;
    assert!(matches!(read, Err(StoreError::NotFound)), "{read:?}");
    let changed = store.update(&admin::<WriteItems>().await, nobody, Expected::Any, lamp().into_fields()).await;
    assert!(matches!(changed, Err(StoreError::NotFound)), "{changed:?}");
    let deleted = store.delete(&admin::<DeleteItems>().await, nobody, Expected::Any).await;
    assert!(matches!(deleted, Err(StoreError::NotFound)), "{deleted:?}");
    let restored = store.restore(&admin::<DeleteItems>().await, nobody).await;
    assert!(matches!(restored, Err(StoreError::NotFound)), "{restored:?}");
}

async fn updated_item_is_read_back_whole<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let write = permit::<WriteItems>().await;
    let made = store.create(&write, lamp(), None).await.expect("created");
    let changed =
        store.update(&write, made.id, Expected::version(made.version.clone()), named("Torch").into_fields()).await;
    let changed = changed.expect("changed");
    assert_eq!((changed.name.as_str(), changed.price, changed.description.as_deref()), ("Torch", None, None));
    assert_eq!((&changed.owner, &changed.created_at), (&made.owner, &made.created_at));
    assert_ne!(changed.version, made.version);
    assert_eq!(store.get(&permit::<ReadItems>().await, made.id).await.expect("read"), changed);
}

async fn update_of_an_old_version_is_rejected_without_a_change<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let (read, write, delete) =
        (permit::<ReadItems>().await, permit::<WriteItems>().await, permit::<DeleteItems>().await);
    let made = store.create(&write, lamp(), None).await.expect("created");
    let old = || Expected::version(made.version.clone());
    let changed = store.update(&write, made.id, old(), named("Torch").into_fields()).await.expect("changed");
    let again = store.update(&write, made.id, old(), named("Candle").into_fields()).await;
    assert!(matches!(again, Err(StoreError::Changed)), "{again:?}");
    let deleted = store.delete(&delete, made.id, old()).await;
    assert!(matches!(deleted, Err(StoreError::Changed)), "{deleted:?}");
    assert_eq!(store.get(&read, made.id).await.expect("still there"), changed);
    let one_of = Expected::OneOf(vec![made.version.clone(), changed.version]);
    store.update(&write, made.id, one_of, named("Candle").into_fields()).await.expect("one of them is it");
    store.update(&write, made.id, Expected::Any, named("Fire").into_fields()).await.expect("whatever is there");
}

async fn concurrent_updates_of_one_version_one_succeeds<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let write = permit::<WriteItems>().await;
    let made = store.create(&write, lamp(), None).await.expect("created");
    let change = async |n: usize| {
        let expected = Expected::version(made.version.clone());
        store.update(&write, made.id, expected, named(&format!("Lamp {n}")).into_fields()).await
    };
    let outcomes = join_all((0..8).map(change)).await;
    let winners: Vec<_> = outcomes.iter().flatten().collect();
    assert_eq!(winners.len(), 1, "{outcomes:?}");
    for outcome in &outcomes {
        assert!(matches!(outcome, Ok(_) | Err(StoreError::Changed)), "{outcome:?}");
    }
    assert_eq!(&store.get(&permit::<ReadItems>().await, made.id).await.expect("read"), winners[0]);
}

async fn concurrent_update_and_deletion_one_succeeds<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let (read, write, delete) =
        (permit::<ReadItems>().await, permit::<WriteItems>().await, permit::<DeleteItems>().await);
    for round in 0..10 {
        let made = store.create(&write, lamp(), None).await.expect("created");
        let expected = || Expected::version(made.version.clone());
        let (changed, deleted) = tokio::join!(
            store.update(&write, made.id, expected(), named("Torch").into_fields()),
            store.delete(&delete, made.id, expected())
        );
        match (&changed, &deleted) {
            (Ok(_), Err(StoreError::Changed)) => {
                assert_eq!(store.get(&read, made.id).await.expect("read").name, "Torch");
            }
            (Err(StoreError::NotFound), Ok(())) => {
                assert_eq!(store.restore(&delete, made.id).await.expect("restored"), made, "what was deleted");
            }
            other => panic!("round {round}: {other:?}"),
        }
    }
}

async fn concurrent_updates_of_any_version_all_succeed<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let write = permit::<WriteItems>().await;
    let made = store.create(&write, lamp(), None).await.expect("created");
    let change =
        async |n: usize| store.update(&write, made.id, Expected::Any, named(&format!("Lamp {n}")).into_fields()).await;
    for outcome in join_all((0..4).map(change)).await {
        outcome.expect("changed");
    }
}

async fn item_is_changed_only_by_its_owner_or_an_admin<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let write = permit::<WriteItems>().await;
    let made = store.create(&write, lamp(), None).await.expect("created");
    let strangers = [
        (ISSUER, Some("cy")),
        // The same subject at another issuer is another person.
        ("https://other.example", Some("ada")),
        (ISSUER, None),
        (ISSUER, Some("")),
    ];
    for (issuer, subject) in strangers {
        let changed =
            store.update(&permit_of(issuer, subject, ALL).await, made.id, Expected::Any, lamp().into_fields()).await;
        assert!(matches!(changed, Err(StoreError::NotYours)), "{issuer} {subject:?}: {changed:?}");
        let deleted = store.delete(&permit_of(issuer, subject, ALL).await, made.id, Expected::Any).await;
        assert!(matches!(deleted, Err(StoreError::NotYours)), "{issuer} {subject:?}: {deleted:?}");
    }
    assert_eq!(store.get(&permit::<ReadItems>().await, made.id).await.expect("read"), made);
    let changed =
        store.update(&admin::<WriteItems>().await, made.id, Expected::Any, named("Torch").into_fields()).await;
    assert_eq!(changed.expect("changed").owner, made.owner, "it stays the owner's");
    store.delete(&admin::<DeleteItems>().await, made.id, Expected::Any).await.expect("deleted");
}

async fn item_without_owner_is_changed_only_by_an_admin<S: Subject>() {
    let id = ObjectId::new();
    let without_owner = doc! { "_id": id, "name": "Old lamp" };
    let store = S::with(vec![without_owner]).await.store();
    let id = RecordId(id.bytes());
    // A caller without a subject is not the owner of an item without an owner.
    for subject in [Some("ada"), None, Some("")] {
        let changed =
            store.update(&permit_of(ISSUER, subject, ALL).await, id, Expected::Any, lamp().into_fields()).await;
        assert!(matches!(changed, Err(StoreError::NotYours)), "{subject:?}: {changed:?}");
    }
    store.update(&admin::<WriteItems>().await, id, Expected::Any, lamp().into_fields()).await.expect("changed");
}

async fn document_with_odd_values_can_be_changed<S: Subject>() {
    let odd = [
        doc! { "description": ["a", "list"], "price": f64::NAN },
        doc! { "description": Bson::Null, "price": 49.5, "currency": { "code": "EUR" } },
        doc! { "description": Bson::RegularExpression(bson::Regex { pattern: "x".try_into().expect("a pattern"), options: "".try_into().expect("options") }) },
        doc! { "owner": "ada", "created_at": "yesterday", "updated_at": 7_i64 },
    ];
    let documents: Vec<Document> = odd
        .into_iter()
        .map(|fields| {
            let mut document = doc! { "_id": ObjectId::new(), "name": "Odd lamp", "colour": "red" };
            document.extend(fields);
            document
        })
        .collect();
    let store = S::with(documents.clone()).await.store();
    for document in documents {
        let id = RecordId(document.get_object_id("_id").expect("an id").bytes());
        let before = store.get(&permit::<ReadItems>().await, id).await.expect("read");
        let expected = Expected::version(before.version);
        let changed = store.update(&admin::<WriteItems>().await, id, expected, lamp().into_fields()).await;
        let version = Expected::version(changed.unwrap_or_else(|error| panic!("{error}: {document}")).version);
        store.delete(&admin::<DeleteItems>().await, id, version).await.expect("deleted");
    }
}

for_both!([
    unknown_id_is_not_found,
    updated_item_is_read_back_whole,
    update_of_an_old_version_is_rejected_without_a_change,
    concurrent_updates_of_one_version_one_succeeds,
    concurrent_update_and_deletion_one_succeeds,
    concurrent_updates_of_any_version_all_succeed,
    item_is_changed_only_by_its_owner_or_an_admin,
    item_without_owner_is_changed_only_by_an_admin,
    document_with_odd_values_can_be_changed,
]);
