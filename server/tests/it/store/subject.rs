//! The two databases under test, with access to their raw documents.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::items::ItemDraft;
use async_trait::async_trait;
use bson::oid::ObjectId;
use bson::{DateTime, Document, doc};
use portcullis_server::config::DatabaseUrl;
use portcullis_server::store::{Database, Store};
use portcullis_store::{Clock, OpenError, Registration};
use tempfile::TempDir;

use crate::support::app::eventually;

/// A store under test, with access to its raw documents, and a clock that can be advanced.
#[async_trait]
pub trait Subject: Sized + Send + Sync {
    /// Opens a database for `records`, with `documents` in `collection`.
    async fn open(records: Vec<Registration>, collection: &'static str, documents: Vec<Document>) -> Self;

    /// Opens a database as the server does, with `documents` in the collection of items.
    async fn with(documents: Vec<Document>) -> Self {
        Self::open(server::records::all(), "items", documents).await
    }

    fn database(&self) -> &Database;

    fn store(&self) -> Arc<dyn Store<ItemDraft>> {
        items(self.database())
    }

    fn time(&self) -> &Time;
    /// Waits until all existing documents are indexed.
    async fn ready(&self);
    async fn document(self, id: ObjectId) -> Document;
}

/// Returns the store of items in `database`.
pub fn items(database: &Database) -> Arc<dyn Store<ItemDraft>> {
    database.store().expect("the database was opened for items")
}

/// Opens the database at `url` as the server does.
pub async fn open(url: DatabaseUrl, clock: Clock) -> Result<Database, OpenError> {
    portcullis_store::open(&url, &server::records::all(), false, clock).await
}

/// The offset of a store's clock, in milliseconds.
#[derive(Clone, Default)]
pub struct Time(Arc<AtomicI64>);

impl Time {
    pub fn clock(&self) -> Clock {
        let ahead = self.0.clone();
        let now = move || DateTime::from_millis(DateTime::now().timestamp_millis() + ahead.load(Ordering::SeqCst));
        Clock::telling(now)
    }

    pub fn goes_on(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).expect("a while"), Ordering::SeqCst);
    }
}

pub const MINUTE: Duration = Duration::from_secs(60);

pub struct Embedded {
    pub folder: TempDir,
    pub store: Database,
    pub time: Time,
    table: redb::TableDefinition<'static, [u8; 12], &'static [u8]>,
}

#[async_trait]
impl Subject for Embedded {
    async fn open(records: Vec<Registration>, collection: &'static str, documents: Vec<Document>) -> Self {
        let table = redb::TableDefinition::new(collection);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("items.redb");
        let database = redb::Database::create(&path).expect("a database");
        let transaction = database.begin_write().expect("a transaction");
        for document in documents {
            let id = document.get_object_id("_id").expect("an id").bytes();
            let bytes = document.to_vec().expect("BSON");
            transaction.open_table(table).expect("a table").insert(id, bytes.as_slice()).expect("inserted");
        }
        transaction.commit().expect("committed");
        drop(database);
        let time = Time::default();
        let store = portcullis_store::open(&DatabaseUrl::Embedded(path), &records, false, time.clock())
            .await
            .expect("it opens");
        Self { folder, store, time, table }
    }

    fn database(&self) -> &Database {
        &self.store
    }

    fn time(&self) -> &Time {
        &self.time
    }

    async fn ready(&self) {}

    async fn document(self, id: ObjectId) -> Document {
        use redb::ReadableDatabase;
        drop(self.store);
        let database = redb::Database::open(self.folder.path().join("items.redb")).expect("a database");
        let table = database.begin_read().expect("a transaction").open_table(self.table).expect("a table");
        Document::from_reader(table.get(id.bytes()).expect("read").expect("there").value()).expect("BSON")
    }
}

pub struct Mongo {
    pub database: mongodb::Database,
    /// The collection of the documents.
    pub items: mongodb::Collection<Document>,
    pub store: Database,
    time: Time,
}

#[async_trait]
impl Subject for Mongo {
    async fn open(records: Vec<Registration>, collection: &'static str, documents: Vec<Document>) -> Self {
        let server = std::env::var("PORTCULLIS_TEST_MONGODB")
            .expect("PORTCULLIS_TEST_MONGODB must name a MongoDB, for example mongodb://127.0.0.1:27017; `cargo xtask test` starts one");
        let name = format!("portcullis_test_{}", ObjectId::new());
        let client = mongodb::Client::with_uri_str(&server).await.expect("a URI");
        let database = client.database(&name);
        let items = database.collection(collection);
        if !documents.is_empty() {
            items.insert_many(documents).await.expect("inserted");
        }
        let url = format!("{}/{name}", server.trim_end_matches('/'));
        let time = Time::default();
        let store =
            portcullis_store::open(&DatabaseUrl::Mongo(url), &records, false, time.clock()).await.expect("it opens");
        has_indexes(&database, collection).await;
        Self { database, items, store, time }
    }

    fn database(&self) -> &Database {
        &self.store
    }

    fn time(&self) -> &Time {
        &self.time
    }

    async fn ready(&self) {
        let searched = if self.items.name() == "tasks" { "$title" } else { "$name" };
        let is_record = doc! { "$eq": [{ "$type": searched }, "string"] };
        let missing = doc! { "$expr": is_record, "portcullis.key": { "$exists": false } };
        eventually("old documents are made ready", async || {
            self.items.count_documents(missing.clone()).await.expect("a count") == 0
        })
        .await;
    }

    async fn document(self, id: ObjectId) -> Document {
        self.items.find_one(doc! { "_id": id }).await.expect("read").expect("there")
    }
}

/// Waits for the last index. SecantusDB stops responding if a document is inserted while it builds one.
pub async fn has_indexes(database: &mongodb::Database, collection: &str) {
    let created = database.collection::<Document>(&format!("{collection}_created"));
    eventually("there are indexes", async || {
        created.list_index_names().await.is_ok_and(|names| names.contains(&"created_at".into()))
    })
    .await;
}
