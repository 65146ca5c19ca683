//! The contract of a store of items, run against both: MongoDB over its wire protocol, and the embedded one.

use std::sync::Arc;

use app::error::AppError;
use app::items::{ItemDraft, ItemId, PageRequest, ReadItems, WriteItems};
use app::policy::{Access, Caller, Right, Scopes};
use app::ssr::items::{ItemStore, StoreError};
use app::ssr::permit::{Authenticate, Gate, Permit};
use async_trait::async_trait;
use bson::oid::ObjectId;
use bson::{Bson, DateTime, Document, doc};
use http::request::Parts;
use server::config::DatabaseUrl;
use tempfile::TempDir;

/// Lets Ada in, with every right: even a test gets its permits from the gate.
struct LetsAdaIn;

#[async_trait]
impl Authenticate for LetsAdaIn {
    async fn authenticate(&self, _: &Parts) -> Result<Arc<Caller>, AppError> {
        let scopes = Scopes::parse("read:items write:items");
        Ok(Arc::new(Caller { issuer: "https://issuer.example".into(), subject: Some("ada".into()), scopes }))
    }
}

async fn permit<R: Right>() -> Permit<R> {
    let gate = Gate::new(Arc::new(LetsAdaIn));
    let (request, ()) = http::Request::new(()).into_parts();
    let admitted = gate.admit(&request, Access::SignedIn).await.expect("Ada is let in");
    admitted.permit().expect("Ada has every right")
}

/// A store under test, with the documents in it seen from outside.
#[async_trait]
trait Subject: Sized {
    async fn with(documents: Vec<Document>) -> Self;
    fn store(&self) -> Arc<dyn ItemStore>;
    async fn document(self, id: ObjectId) -> Document;
}

struct Embedded {
    folder: TempDir,
    store: Arc<dyn ItemStore>,
}

const TABLE: redb::TableDefinition<[u8; 12], &[u8]> = redb::TableDefinition::new("items");

#[async_trait]
impl Subject for Embedded {
    async fn with(documents: Vec<Document>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("items.redb");
        let database = redb::Database::create(&path).expect("a database");
        let transaction = database.begin_write().expect("a transaction");
        for document in documents {
            let id = document.get_object_id("_id").expect("an id").bytes();
            let bytes = document.to_vec().expect("BSON");
            transaction.open_table(TABLE).expect("a table").insert(id, bytes.as_slice()).expect("inserted");
        }
        transaction.commit().expect("committed");
        drop(database);
        let store = server::store::open(&DatabaseUrl::Embedded(path), false).await.expect("it opens");
        Self { folder, store }
    }

    fn store(&self) -> Arc<dyn ItemStore> {
        self.store.clone()
    }

    async fn document(self, id: ObjectId) -> Document {
        use redb::ReadableDatabase;
        drop(self.store);
        let database = redb::Database::open(self.folder.path().join("items.redb")).expect("a database");
        let table = database.begin_read().expect("a transaction").open_table(TABLE).expect("a table");
        Document::from_reader(table.get(id.bytes()).expect("read").expect("there").value()).expect("BSON")
    }
}

struct Mongo {
    items: mongodb::Collection<Document>,
    store: Arc<dyn ItemStore>,
}

#[async_trait]
impl Subject for Mongo {
    async fn with(documents: Vec<Document>) -> Self {
        let server = std::env::var("PORTCULLIS_TEST_MONGODB")
            .expect("PORTCULLIS_TEST_MONGODB must name a MongoDB, for example mongodb://127.0.0.1:27017; `cargo xtask test` starts one");
        let name = format!("portcullis_test_{}", ObjectId::new());
        let client = mongodb::Client::with_uri_str(&server).await.expect("a URI");
        let items = client.database(&name).collection("items");
        if !documents.is_empty() {
            items.insert_many(documents).await.expect("inserted");
        }
        let url = format!("{}/{name}", server.trim_end_matches('/'));
        let store = server::store::open(&DatabaseUrl::Mongo(url), false).await.expect("it opens");
        Self { items, store }
    }

    fn store(&self) -> Arc<dyn ItemStore> {
        self.store.clone()
    }

    async fn document(self, id: ObjectId) -> Document {
        self.items.find_one(doc! { "_id": id }).await.expect("read").expect("there")
    }
}

fn lamp() -> ItemDraft {
    ItemDraft {
        name: "Lamp".into(),
        description: Some("Bright".into()),
        price: Some(4900),
        currency: Some("EUR".into()),
    }
}

async fn what_was_created_can_be_read<S: Subject>() {
    let subject = S::with(vec![]).await;
    let store = subject.store();
    let made = store.create(&permit::<WriteItems>().await, lamp()).await.expect("created");
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

async fn an_unknown_id_is_not_found<S: Subject>() {
    let store = S::with(vec![]).await.store();
    let nobody = ItemId([7; 12]);
    let read = store.get(&permit::<ReadItems>().await, nobody).await;
    assert!(matches!(read, Err(StoreError::NotFound)), "{read:?}");
    let changed = store.update(&permit::<WriteItems>().await, nobody, lamp()).await;
    assert!(matches!(changed, Err(StoreError::NotFound)), "{changed:?}");
}

async fn documents_that_people_already_have_are_read<S: Subject>() {
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
    let old = store.get(&read, ItemId(id.bytes())).await.expect("read");
    assert_eq!((old.name.as_str(), old.price, old.description), ("Old lamp", None, None));
    assert_eq!((old.created_at.as_str(), old.updated_at.as_str()), ("2024-03-12T20:54:23Z", "2024-03-12T20:54:23Z"));
    let lamp = store.get(&read, ItemId(full.bytes())).await.expect("read");
    assert_eq!((lamp.price, lamp.created_at.as_str()), (Some(100), "1970-01-01T00:00:00Z"));
    assert_eq!(lamp.owner.expect("an owner").subject, "s");
}

async fn a_write_keeps_the_fields_that_it_does_not_know<S: Subject>() {
    let id = ObjectId::new();
    let before = doc! {
        "_id": id, "name": "Old lamp", "description": "Dim", "price": 1_i64, "colour": "red",
        "nested": { "deep": [1, 2] }, "created_at": DateTime::from_millis(0), "owner": { "issuer": "i", "subject": "s" },
    };
    let subject = S::with(vec![before.clone()]).await;
    let draft = ItemDraft { name: "New lamp".into(), price: Some(2), ..ItemDraft::default() };
    let store = subject.store();
    let after = store.update(&permit::<WriteItems>().await, ItemId(id.bytes()), draft).await.expect("changed");
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

async fn pages_go_through_everything_newest_first<S: Subject>() {
    let documents: Vec<_> = (0..25).map(|n| doc! { "_id": ObjectId::new(), "name": format!("Lamp {n}") }).collect();
    let mut expected: Vec<_> = documents.iter().map(|d| d.get_object_id("_id").expect("an id").bytes()).collect();
    expected.sort_unstable();
    expected.reverse();
    let store = S::with(documents).await.store();
    let read = permit::<ReadItems>().await;
    for limit in [1, 7, 25, 100] {
        let mut page = PageRequest { after: None, limit };
        let mut seen = Vec::new();
        loop {
            let found = store.list(&read, page).await.expect("a page");
            assert!(found.items.len() <= usize::from(limit));
            seen.extend(found.items.iter().map(|item| item.id.0));
            match found.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, expected, "{limit} a page");
    }
    let beyond = PageRequest { after: Some(ItemId([0; 12])), limit: 5 };
    assert!(store.list(&read, beyond).await.expect("a page").items.is_empty());
}

async fn what_is_no_item_is_passed_over<S: Subject>() {
    let mut documents = Vec::new();
    for n in 0..4 {
        documents.push(doc! { "_id": ObjectId::new(), "name": format!("Lamp {n}") });
        documents.push(doc! { "_id": ObjectId::new(), "title": "No name" });
        documents.push(doc! { "_id": ObjectId::new(), "name": ["a list", "of names"] });
    }
    let nameless = ItemId(documents[1].get_object_id("_id").expect("an id").bytes());
    let subject = S::with(documents.clone()).await;
    let store = subject.store();
    let read = permit::<ReadItems>().await;
    let first = store.list(&read, PageRequest { after: None, limit: 3 }).await.expect("a page");
    assert_eq!(first.items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(), ["Lamp 3", "Lamp 2", "Lamp 1"]);
    let second = store.list(&read, PageRequest { after: first.next, limit: 3 }).await.expect("a page");
    assert_eq!((second.items.len(), second.next), (1, None));
    let nothing = store.get(&read, nameless).await;
    assert!(matches!(nothing, Err(StoreError::NotFound)), "{nothing:?}");
    let nothing = store.update(&permit::<WriteItems>().await, nameless, lamp()).await;
    assert!(matches!(nothing, Err(StoreError::NotFound)), "{nothing:?}");
    drop(store);
    assert_eq!(subject.document(ObjectId::from_bytes(nameless.0)).await, documents[1], "it was written to");
}

async fn it_answers_when_asked_whether_it_is_there<S: Subject>() {
    S::with(vec![]).await.store().ping().await.expect("it is there");
}

macro_rules! contract {
    ($($store:ident: $subject:ty, $tests:tt;)*) => { $(mod $store { contract!(@tests $subject, $tests); })* };
    (@tests $subject:ty, [$($test:ident),* $(,)?]) => { $(
        #[tokio::test]
        async fn $test() {
            super::$test::<$subject>().await;
        }
    )* };
}

macro_rules! for_both {
    ($tests:tt) => {
        contract! { embedded: super::Embedded, $tests; mongo: super::Mongo, $tests; }
    };
}

for_both!([
    what_was_created_can_be_read,
    an_unknown_id_is_not_found,
    documents_that_people_already_have_are_read,
    a_write_keeps_the_fields_that_it_does_not_know,
    pages_go_through_everything_newest_first,
    what_is_no_item_is_passed_over,
    it_answers_when_asked_whether_it_is_there,
]);

#[tokio::test]
async fn an_id_that_is_none_of_mongodbs_own_hides_no_item() {
    let lamp = ObjectId::new();
    let subject = Mongo::with(vec![
        doc! { "_id": "text", "name": "Lamp" },
        doc! { "_id": lamp, "name": "Lamp" },
        doc! { "_id": 7, "name": "Lamp" },
    ])
    .await;
    let found = subject.store().list(&permit::<ReadItems>().await, PageRequest { after: None, limit: 1 }).await;
    let found = found.expect("a page");
    assert_eq!(found.items.iter().map(|item| item.id.0).collect::<Vec<_>>(), [lamp.bytes()]);
    assert_eq!(found.next, None);
}
