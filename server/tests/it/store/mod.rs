//! The contract of a store of items, run against both: MongoDB over its wire protocol, and the embedded one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::items::{Item, ItemDraft, ItemPage, ListQuery, ListRequest, ReadItems, ValidDraft};
use app::ssr::items::ItemStore;
use async_trait::async_trait;
use bson::oid::ObjectId;
use bson::{DateTime, Document, doc};
use http::request::Parts;
use portcullis::{Access, AppError, Caller, Right, Scopes};
use portcullis_server::config::DatabaseUrl;
use portcullis_server::{Authenticate, Gate, Permit};
use server::store::Clock;
use tempfile::TempDir;

use crate::support::app::eventually;

const ISSUER: &str = "https://issuer.example";
const ALL: &str = "read:items write:items delete:items";

/// Lets this caller in: even a test gets its permits from the gate.
struct LetsIn(Arc<Caller>);

#[async_trait]
impl Authenticate for LetsIn {
    async fn authenticate(&self, _: &Parts) -> Result<Arc<Caller>, AppError> {
        Ok(self.0.clone())
    }
}

/// The permit of the caller that is told.
async fn permit_of<R: Right>(issuer: &str, subject: Option<&str>, scopes: &str) -> Permit<R> {
    let subject = subject.map(str::to_owned);
    let caller = Caller { issuer: issuer.into(), subject, scopes: Scopes::parse(scopes) };
    let gate = Gate::new(Arc::new(LetsIn(Arc::new(caller))));
    let (request, ()) = http::Request::new(()).into_parts();
    let admitted = gate.admit(&request, Access::SignedIn).await.expect("the caller is let in");
    admitted.permit().expect("the caller has the right")
}

/// A permit of Ada, who may do everything with what is hers.
async fn permit<R: Right>() -> Permit<R> {
    permit_of(ISSUER, Some("ada"), ALL).await
}

/// A permit of Cy, who may do the same with what is his.
async fn other<R: Right>() -> Permit<R> {
    permit_of(ISSUER, Some("cy"), ALL).await
}

/// A permit of Root, who may do everything with everybody's.
async fn admin<R: Right>() -> Permit<R> {
    permit_of(ISSUER, Some("root"), &format!("{ALL} admin:items")).await
}

/// A store under test, with the documents in it seen from outside, and a clock that can be put forward.
#[async_trait]
trait Subject: Sized + Send + Sync {
    async fn with(documents: Vec<Document>) -> Self;
    fn store(&self) -> Arc<dyn ItemStore>;
    fn time(&self) -> &Time;
    /// Waits until everything that was there before can be found.
    async fn ready(&self);
    async fn document(self, id: ObjectId) -> Document;
}

/// How far a store's clock is ahead, in milliseconds.
#[derive(Clone, Default)]
struct Time(Arc<AtomicI64>);

impl Time {
    fn clock(&self) -> Clock {
        let ahead = self.0.clone();
        let now = move || DateTime::from_millis(DateTime::now().timestamp_millis() + ahead.load(Ordering::SeqCst));
        Clock::telling(now)
    }

    fn goes_on(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).expect("a while"), Ordering::SeqCst);
    }
}

const MINUTE: Duration = Duration::from_secs(60);

struct Embedded {
    folder: TempDir,
    store: Arc<dyn ItemStore>,
    time: Time,
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
        let time = Time::default();
        let store = server::store::open(&DatabaseUrl::Embedded(path), false, time.clock()).await.expect("it opens");
        Self { folder, store, time }
    }

    fn store(&self) -> Arc<dyn ItemStore> {
        self.store.clone()
    }

    fn time(&self) -> &Time {
        &self.time
    }

    async fn ready(&self) {}

    async fn document(self, id: ObjectId) -> Document {
        use redb::ReadableDatabase;
        drop(self.store);
        let database = redb::Database::open(self.folder.path().join("items.redb")).expect("a database");
        let table = database.begin_read().expect("a transaction").open_table(TABLE).expect("a table");
        Document::from_reader(table.get(id.bytes()).expect("read").expect("there").value()).expect("BSON")
    }
}

struct Mongo {
    database: mongodb::Database,
    items: mongodb::Collection<Document>,
    store: Arc<dyn ItemStore>,
    time: Time,
}

#[async_trait]
impl Subject for Mongo {
    async fn with(documents: Vec<Document>) -> Self {
        let server = std::env::var("PORTCULLIS_TEST_MONGODB")
            .expect("PORTCULLIS_TEST_MONGODB must name a MongoDB, for example mongodb://127.0.0.1:27017; `cargo xtask test` starts one");
        let name = format!("portcullis_test_{}", ObjectId::new());
        let client = mongodb::Client::with_uri_str(&server).await.expect("a URI");
        let database = client.database(&name);
        let items = database.collection("items");
        if !documents.is_empty() {
            items.insert_many(documents).await.expect("inserted");
        }
        let url = format!("{}/{name}", server.trim_end_matches('/'));
        let time = Time::default();
        let store = server::store::open(&DatabaseUrl::Mongo(url), false, time.clock()).await.expect("it opens");
        has_indexes(&database).await;
        Self { database, items, store, time }
    }

    fn store(&self) -> Arc<dyn ItemStore> {
        self.store.clone()
    }

    fn time(&self) -> &Time {
        &self.time
    }

    async fn ready(&self) {
        let is_item = doc! { "$eq": [{ "$type": "$name" }, "string"] };
        let missing = doc! { "$expr": is_item, "portcullis.key": { "$exists": false } };
        eventually("old documents are made ready", async || {
            self.items.count_documents(missing.clone()).await.expect("a count") == 0
        })
        .await;
    }

    async fn document(self, id: ObjectId) -> Document {
        self.items.find_one(doc! { "_id": id }).await.expect("read").expect("there")
    }
}

/// Waits for the last of the indexes: SecantusDB never answers again when something is inserted while it makes one.
async fn has_indexes(database: &mongodb::Database) {
    let created = database.collection::<Document>("items_created");
    eventually("there are indexes", async || {
        created.list_index_names().await.is_ok_and(|names| names.contains(&"created_at".into()))
    })
    .await;
}

fn valid(draft: ItemDraft) -> ValidDraft {
    draft.validate().expect("a draft that is right")
}

fn lamp() -> ValidDraft {
    valid(ItemDraft {
        name: "Lamp".into(),
        description: Some("Bright".into()),
        price: Some(4900),
        currency: Some("EUR".into()),
    })
}

fn named(name: &str) -> ValidDraft {
    valid(ItemDraft { name: name.into(), ..ItemDraft::default() })
}

/// A request for a page, of `search`, `sort`, `limit` and `after`.
fn request(search: &str, sort: &str, limit: usize, after: Option<String>) -> ListRequest {
    let query =
        ListQuery { search: Some(search.into()), sort: Some(sort.into()), limit: Some(limit.to_string()), after };
    ListRequest::parse(&query).expect("a request that is right")
}

/// All items of a list, page by page of `limit`.
async fn all(store: &Arc<dyn ItemStore>, search: &str, sort: &str, limit: usize) -> Vec<Item> {
    let read = permit::<ReadItems>().await;
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let ItemPage { items: found, next } =
            store.list(&read, request(search, sort, limit, after)).await.expect("a page");
        assert!(found.len() <= limit, "{} on a page of {limit}", found.len());
        items.extend(found);
        match next {
            Some(next) => after = Some(next),
            None => return items,
        }
    }
}

fn names(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.name.as_str()).collect()
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
        contract! { embedded: crate::store::Embedded, $tests; mongo: crate::store::Mongo, $tests; }
    };
}

mod creations;
mod documents;
mod errors;
mod list;
mod search;
mod trash;
mod writes;
