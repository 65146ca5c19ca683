//! The MongoDB store: the collection `items` of the URI's database, with documents as people already have them.
//!
//! | file | duty |
//! |---|---|
//! | `connection` | the connection string, and what is asked of every connection |
//! | `errors` | what the driver's errors mean |
//! | `probe` | whether the database has what requests use |
//! | `names` | what is kept in a document for searching and sorting |
//! | `list` | pages of items |
//! | `writes` | changes to single items |
//! | `creations` | creations that can be repeated |
//! | `trash` | deleted items, and how they come back |
//! | `upkeep` | indexes, and documents of other programs, in the background |

mod connection;
mod creations;
mod errors;
mod list;
mod names;
mod probe;
mod trash;
mod upkeep;
mod writes;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::items::{
    DeleteItems, Expected, IdempotencyKey, Item, ItemDraft, ItemId, ItemPage, ListRequest, ReadItems, ValidDraft,
    WriteItems,
};
use app::ssr::items::{ItemStore, StoreError};
use async_trait::async_trait;
use bson::oid::ObjectId;
use bson::{Document, doc};
use mongodb::options::ClientOptions;
use mongodb::{Client, Collection};
use portcullis_server::Permit;
use portcullis_server::config::ConfigError;
use portcullis_verifier::supervise::Supervised;

use super::document::{self, to_item};
use super::identity::owner;
use super::{Clock, OpenError};
use errors::Duplicate;

/// How long any operation may take.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Items in a MongoDB.
pub struct MongoStore {
    collections: Collections,
    clock: Clock,
    /// Whether the database was found to have what requests use.
    is_probed: AtomicBool,
    upkeep: Supervised,
}

/// Where things are.
#[derive(Clone)]
struct Collections {
    items: Collection<Document>,
    /// Deleted items, for as long as they can be brought back.
    trash: Collection<Document>,
    /// Creations that can be repeated.
    creations: Collection<Document>,
}

impl MongoStore {
    /// Connects to the database that `uri` names, and looks whether it has what requests use. One that does not answer
    /// is looked at once it does; so are its indexes.
    ///
    /// # Errors
    /// When `uri` is none, names no database, or names one that lacks something.
    pub async fn open(uri: &str, clock: Clock) -> Result<Self, OpenError> {
        Self::connect(connection::options(uri).await?, clock).await
    }

    async fn connect(options: ClientOptions, clock: Clock) -> Result<Self, OpenError> {
        let wrong = |expected: &str| ConfigError::secret("DATABASE_URL", expected);
        let name = options.default_database.clone();
        let name = name.ok_or_else(|| wrong("expected the database's name in it, as in mongodb://HOST/NAME"))?;
        let client = Client::with_options(options).map_err(|_| wrong("expected a MongoDB connection string"))?;
        let database = client.database(&name);
        let collections = Collections {
            items: database.collection("items"),
            trash: database.collection("items_deleted"),
            creations: database.collection("items_created"),
        };
        let is_probed = match probe::run(&collections).await {
            Err(StoreError::Unsupported(missing)) => return Err(OpenError::Unsupported { missing }),
            Err(error) => {
                tracing::warn!(%error, "could not probe the database");
                false
            }
            Ok(()) => true,
        };
        let upkeep = upkeep::start(collections.clone());
        Ok(Self { collections, clock, is_probed: AtomicBool::new(is_probed), upkeep })
    }
}

/// The filter for the documents that are items, of those that `filter` finds: other programs may keep other things
/// beside them. Asked as an expression, since a plain `$type` also holds for a list with a string in it.
fn items_of(mut filter: Document) -> Document {
    let is = |field: &str, kind: &str| doc! { "$eq": [{ "$type": field }, kind] };
    filter.insert("$expr", doc! { "$and": [is("$_id", "objectId"), is("$name", "string")] });
    filter
}

fn by_id(id: ItemId) -> Document {
    items_of(doc! { "_id": ObjectId::from_bytes(id.0) })
}

/// What is asked of a document: whatever else other programs keep in it may be large.
fn fields() -> Document {
    document::FIELDS.iter().map(|name| ((*name).to_owned(), 1.into())).collect()
}

/// Waits for a driver's answer for as long as [`TIME_LIMIT`].
async fn within<T>(operation: impl IntoFuture<Output = mongodb::error::Result<T>>) -> Result<T, StoreError> {
    let answer = tokio::time::timeout(TIME_LIMIT, operation.into_future()).await;
    let answer = answer.map_err(|_| StoreError::Unavailable("no answer in time".into()))?;
    answer.map_err(|error| errors::classify(&error))
}

/// Inserts `document`, and says whether there was none by its `_id`.
async fn insert(collection: &Collection<Document>, document: &Document) -> Result<bool, StoreError> {
    within(async {
        let Err(error) = collection.insert_one(document).await else { return Ok(true) };
        let is_there = match errors::duplicate(&error) {
            Some(Duplicate::Id) => true,
            Some(Duplicate::Unknown) => {
                let by_id: Document = document.get("_id").map(|id| doc! { "_id": id }).unwrap_or_default();
                collection.find_one(by_id).await?.is_some()
            }
            Some(Duplicate::Other) | None => false,
        };
        if is_there { Ok(false) } else { Err(error) }
    })
    .await
}

/// The item that `document` is.
fn one(document: Option<Document>) -> Result<Item, StoreError> {
    document.as_ref().and_then(to_item).ok_or(StoreError::NotFound)
}

#[async_trait]
impl ItemStore for MongoStore {
    async fn list(&self, _: &Permit<ReadItems>, request: ListRequest) -> Result<ItemPage, StoreError> {
        list::list(&self.collections.items, &request, list::Limits::USUAL).await
    }

    async fn get(&self, _: &Permit<ReadItems>, id: ItemId) -> Result<Item, StoreError> {
        one(within(self.collections.items.find_one(by_id(id)).projection(fields())).await?)
    }

    async fn create(
        &self,
        permit: &Permit<WriteItems>,
        draft: ValidDraft,
        key: Option<IdempotencyKey>,
    ) -> Result<Item, StoreError> {
        let (owner, now) = (owner(permit.caller())?, self.clock.now());
        match key {
            Some(key) => creations::create(&self.collections, &self.clock, owner, &draft, &key).await,
            None => writes::insert(&self.collections.items, ObjectId::new(), owner, &draft, now).await,
        }
    }

    async fn update(
        &self,
        permit: &Permit<WriteItems>,
        id: ItemId,
        expected: Expected,
        draft: ItemDraft,
    ) -> Result<Item, StoreError> {
        writes::update(&self.collections.items, permit.caller(), id, &expected, &draft, self.clock.now()).await
    }

    async fn delete(&self, permit: &Permit<DeleteItems>, id: ItemId, expected: Expected) -> Result<(), StoreError> {
        trash::delete(&self.collections, permit.caller(), id, &expected, self.clock.now()).await
    }

    async fn restore(&self, permit: &Permit<DeleteItems>, id: ItemId) -> Result<Item, StoreError> {
        trash::restore(&self.collections, permit.caller(), id, self.clock.before(super::TRASH_LIFETIME)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        if self.upkeep.health().has_stopped() {
            return Err(StoreError::Unavailable("the index maintenance task stopped; restarting".into()));
        }
        if !self.is_probed.load(Ordering::Relaxed) {
            probe::run(&self.collections).await?;
            self.is_probed.store(true, Ordering::Relaxed);
        }
        probe::read(&self.collections).await
    }
}

#[cfg(test)]
mod tests;
