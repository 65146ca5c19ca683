//! Documents: existing data is read and preserved.

use app::items::{DeleteItems, ItemDraft, ReadItems, WriteItems};
use bson::oid::ObjectId;
use bson::{Bson, DateTime, doc};
use portcullis::record::{Expected, RecordId};
use portcullis_server::store::StoreError;

use super::*;

async fn created_item_is_read_back<S: Subject>() {
    let subject = S::with(vec![]).await;
    let store = subject.store();
    let made = store.create(&permit::<WriteItems>().await, lamp(), None).await.expect("created");
    assert_eq!((made.name.as_str(), made.price, made.currency.as_deref()), ("Lamp", Some(4900), Some("EUR")));
    let owner = made.owner.clone().expect("an owner");
    assert_eq!((owner.issuer.as_str(), owner.subject.as_str()), ("https://issuer.example", "ada"));
    assert_eq!(store.get(&permit::<ReadItems>().await, made.id).await.expect("read"), made);
    drop(store);
    let document = subject.document(ObjectId::from_bytes(made.id.0)).await;
    assert!(matches!(document.get("price"), Some(Bson::Int64(4900))), "{document}");
    assert!(matches!(document.get("created_at"), Some(Bson::DateTime(_))), "{document}");
    assert_eq!(document.get_document("owner").expect("an owner").get_str("subject").ok(), Some("ada"));
}

async fn existing_documents_are_read<S: Subject>() {
    let id = ObjectId::from_bytes([0x65, 0xf0, 0xc0, 0xff, 1, 2, 3, 4, 5, 6, 7, 8]);
    let full = ObjectId::new();
    let store = S::with(vec![
        doc! { "_id": id, "name": "Old lamp", "colour": "red", "tags": ["a", "b"] },
        doc! {
            "_id": full, "name": "Lamp", "price": 100_i32, "currency": "USD", "created_at": DateTime::from_millis(0),
            "owner": { "issuer": "i", "subject": "s" },
        },
    ])
    .await
    .store();
    let read = permit::<ReadItems>().await;
    let old = store.get(&read, RecordId(id.bytes())).await.expect("read");
    assert_eq!((old.name.as_str(), old.price, &old.description), ("Old lamp", None, &None));
    assert_eq!((old.created_at.as_str(), old.updated_at.as_str()), ("2024-03-12T20:54:23Z", "2024-03-12T20:54:23Z"));
    let lamp = store.get(&read, RecordId(full.bytes())).await.expect("read");
    assert_eq!((lamp.price, lamp.created_at.as_str()), (Some(100), "1970-01-01T00:00:00Z"));
    assert_eq!(lamp.owner.expect("an owner").subject, "s");
}

async fn write_keeps_unknown_fields<S: Subject>() {
    let id = ObjectId::new();
    let before = doc! {
        "_id": id, "name": "Old lamp", "description": "Dim", "price": 1_i64, "colour": "red",
        "nested": { "deep": [1, 2] }, "created_at": DateTime::from_millis(0), "owner": { "issuer": "i", "subject": "s" },
    };
    let subject = S::with(vec![before.clone()]).await;
    let currency = Some("EUR".to_owned());
    let draft = valid(ItemDraft { name: "New lamp".into(), price: Some(2), currency, ..ItemDraft::default() });
    let store = subject.store();
    let after = store
        .update(&admin::<WriteItems>().await, RecordId(id.bytes()), Expected::Any, draft.into_fields())
        .await
        .expect("changed");
    assert_eq!((after.name.as_str(), after.price, after.description.as_deref()), ("New lamp", Some(2), None));
    assert_eq!(after.created_at, "1970-01-01T00:00:00Z");
    assert_ne!(after.updated_at, after.created_at);
    drop(store);
    let document = subject.document(id).await;
    for kept in ["colour", "nested", "created_at", "owner"] {
        assert_eq!(document.get(kept), before.get(kept), "{kept}");
    }
    assert!(!document.contains_key("description"), "{document}");
}

async fn update_keeps_unreadable_and_unchanged_fields<S: Subject>() {
    // The stored value, what a change of the name keeps of it, and what it removes.
    let odd = [
        doc! { "description": ["a", "list"], "price": 49.5, "currency": "EUR" },
        doc! { "description": { "en": "Bright" }, "price": "49", "currency": 978 },
        doc! { "description": Bson::Null, "price": Bson::Null, "currency": Bson::Null },
        doc! { "currency": "EUR" },
        // Types that other programs write.
        doc! { "description": "Bright", "price": 4900_i32, "currency": "EUR" },
        doc! { "description": "Bright", "price": 4900.0, "currency": "EUR" },
    ];
    for fields in odd {
        let id = ObjectId::new();
        let mut before = doc! { "_id": id, "name": "Old lamp" };
        before.extend(fields.clone());
        let subject = S::with(vec![before]).await;
        subject.ready().await;
        let store = subject.store();
        let item = store.get(&permit::<ReadItems>().await, RecordId(id.bytes())).await.expect("read");
        // As the form sends it if only the name was changed.
        let draft = ItemDraft { name: "New lamp".into(), ..item.fields };
        let expected = Expected::version(item.version);
        let changed = store.update(&admin::<WriteItems>().await, item.id, expected, valid(draft).into_fields()).await;
        assert_eq!(changed.expect("changed").name, "New lamp", "{fields}");
        drop(store);
        let after = subject.document(id).await;
        for field in ["description", "price", "currency"] {
            // Compared with their types: 4900 and 4900.0 are not the same here.
            assert_eq!(after.get(field), fields.get(field), "{field} of {fields}");
        }
    }
}

async fn update_takes_back_what_get_gave<S: Subject>() {
    let odd = [
        doc! { "name": "Lamp", "price": 4900_i64 },
        doc! { "name": "Lamp", "price": 4900_i64, "currency": "eur" },
        doc! { "name": "Lamp", "price": -5_i64, "currency": "EURO" },
        doc! { "name": "Lamp", "currency": "EUR" },
        doc! { "name": "" },
        doc! { "name": " two\nlines ", "description": "x".repeat(3_000) },
        doc! { "name": "x".repeat(500), "description": " " },
    ];
    for fields in odd {
        let id = ObjectId::new();
        let mut before = doc! { "_id": id };
        before.extend(fields.clone());
        let subject = S::with(vec![before]).await;
        let store = subject.store();
        let item = store.get(&permit::<ReadItems>().await, RecordId(id.bytes())).await.expect("read");
        let write = admin::<WriteItems>().await;
        let same = store.update(&write, item.id, Expected::version(item.version.clone()), item.fields.clone()).await;
        let same = same.unwrap_or_else(|error| panic!("{error}: {fields}"));
        assert_eq!(same.fields, item.fields.clone(), "{fields}");
        // New values must still be valid.
        let wrong = ItemDraft { price: Some(-7), currency: None, ..item.fields.clone() };
        let refused = store.update(&write, item.id, Expected::Any, wrong).await;
        assert!(matches!(&refused, Err(StoreError::Invalid(fields)) if fields.get("price").is_some()), "{refused:?}");
        drop(store);
        let after = subject.document(id).await;
        for field in ["name", "description", "price", "currency"] {
            assert_eq!(after.get(field), fields.get(field), "{field} of {fields}");
        }
    }
}

async fn update_replaces_an_unreadable_field_by_a_new_value<S: Subject>() {
    let id = ObjectId::new();
    let odd = doc! { "_id": id, "name": "Old lamp", "description": 7, "price": 49.5, "currency": { "code": "EUR" } };
    let subject = S::with(vec![odd]).await;
    let store = subject.store();
    let changed =
        store.update(&admin::<WriteItems>().await, RecordId(id.bytes()), Expected::Any, lamp().into_fields()).await;
    let changed = changed.expect("changed");
    assert_eq!((changed.description.as_deref(), changed.price), (Some("Bright"), Some(4900)));
    assert_eq!(changed.currency.as_deref(), Some("EUR"));
    drop(store);
    assert_eq!(subject.document(id).await.get("price"), Some(&Bson::Int64(4900)));
}

async fn document_that_is_no_item_is_skipped<S: Subject>() {
    let mut documents = Vec::new();
    for n in 0..4 {
        documents.push(doc! { "_id": ObjectId::new(), "name": format!("Lamp {n}") });
        documents.push(doc! { "_id": ObjectId::new(), "title": "No name" });
        documents.push(doc! { "_id": ObjectId::new(), "name": ["a list", "of names"] });
    }
    let nameless = RecordId(documents[1].get_object_id("_id").expect("an id").bytes());
    let subject = S::with(documents.clone()).await;
    let store = subject.store();
    let read = permit::<ReadItems>().await;
    let first = store.list(&read, request("", "newest", 3, None)).await.expect("a page");
    assert_eq!(first.records.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(), ["Lamp 3", "Lamp 2", "Lamp 1"]);
    let second = store.list(&read, request("", "newest", 3, first.next)).await.expect("a page");
    assert_eq!((second.records.len(), second.next), (1, None));
    subject.ready().await;
    assert_eq!(names(&all(&store, "", "name", 2).await), ["Lamp 0", "Lamp 1", "Lamp 2", "Lamp 3"]);
    assert_eq!(all(&store, "of", "newest", 2).await, []);
    let nothing = store.get(&read, nameless).await;
    assert!(matches!(nothing, Err(StoreError::NotFound)), "{nothing:?}");
    let nothing = store.update(&admin::<WriteItems>().await, nameless, Expected::Any, lamp().into_fields()).await;
    assert!(matches!(nothing, Err(StoreError::NotFound)), "{nothing:?}");
    let deleted = store.delete(&admin::<DeleteItems>().await, nameless, Expected::Any).await;
    assert!(matches!(deleted, Err(StoreError::NotFound)), "{deleted:?}");
    drop(store);
    assert_eq!(subject.document(ObjectId::from_bytes(nameless.0)).await, documents[1], "it was written to");
}

async fn ping_of_an_open_store_succeeds<S: Subject>() {
    S::with(vec![]).await.database().ping().await.expect("it is there");
}

for_both!([
    created_item_is_read_back,
    existing_documents_are_read,
    write_keeps_unknown_fields,
    update_keeps_unreadable_and_unchanged_fields,
    update_takes_back_what_get_gave,
    update_replaces_an_unreadable_field_by_a_new_value,
    document_that_is_no_item_is_skipped,
    ping_of_an_open_store_succeeds,
]);

#[tokio::test]
async fn document_with_another_type_of_id_hides_no_item() {
    let lamp = ObjectId::new();
    let subject = Mongo::with(vec![
        doc! { "_id": "text", "name": "Lamp" },
        doc! { "_id": lamp, "name": "Lamp" },
        doc! { "_id": 7, "name": "Lamp" },
    ])
    .await;
    let found = subject.store().list(&permit::<ReadItems>().await, request("", "newest", 1, None)).await;
    let found = found.expect("a page");
    assert_eq!(found.records.iter().map(|item| item.id.0).collect::<Vec<_>>(), [lamp.bytes()]);
    assert_eq!(found.next, None);
}
