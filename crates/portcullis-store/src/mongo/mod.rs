//! MongoDB: one collection per kind of record in the database of the URI. It works with existing documents.
//!
//! | file | content |
//! |---|---|
//! | `connection` | the connection string, with defaults |
//! | `errors` | the classification of the driver's errors |
//! | `collections` | the collections of a kind of record, with common filters |
//! | `store` | the store of a kind of record |
//! | `probe` | whether the database supports all operations of requests |
//! | `names` | the field for searching and sorting |
//! | `list` | pages of records |
//! | `writes` | changes to single records |
//! | `creations` | repeatable creations |
//! | `trash` | deleted records, and restoring them |
//! | `upkeep` | indexes, and documents of other programs, in the background |

mod collections;
mod connection;
mod creations;
mod errors;
mod list;
mod names;
mod probe;
mod store;
mod trash;
mod upkeep;
mod writes;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bson::{Document, doc};
use futures_util::future::try_join_all;
use mongodb::options::ClientOptions;
use mongodb::{Client, Collection, Database};
use portcullis::record::Record;
use portcullis_server::config::ConfigError;
use portcullis_server::store::{Backend, Store, StoreError};
use portcullis_verifier::supervise::Supervised;

use super::schema::{Registration, Schema};
use super::{Clock, OpenError};
use collections::Collections;
use errors::Duplicate;
use store::MongoStore;

/// The maximum duration of any operation.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// A database in a MongoDB.
pub struct MongoDatabase {
    database: Database,
    clock: Clock,
    /// The collections of all kinds of records that the database was opened for.
    all: Arc<[Collections]>,
    /// Whether the probe was successful.
    is_probed: AtomicBool,
    upkeep: Arc<Supervised>,
}

impl MongoDatabase {
    /// Connects to the database in `uri`, and checks whether it supports the operations of requests for `records`. If
    /// it is unavailable, it is checked when it is available again, and so are its indexes.
    ///
    /// # Errors
    /// [`OpenError`] if `uri` is not a connection string, has no database, or the database does not support an
    /// operation.
    pub async fn open(uri: &str, records: &[Registration], clock: Clock) -> Result<Self, OpenError> {
        Self::connect(connection::options(uri).await?, records, clock).await
    }

    async fn connect(options: ClientOptions, records: &[Registration], clock: Clock) -> Result<Self, OpenError> {
        let wrong = |expected: &str| ConfigError::secret("DATABASE_URL", expected);
        let name = options.default_database.clone();
        let name = name.ok_or_else(|| wrong("expected the database's name in it, as in mongodb://HOST/NAME"))?;
        let client = Client::with_options(options).map_err(|_| wrong("expected a MongoDB connection string"))?;
        let database = client.database(&name);
        let all: Arc<[_]> = records.iter().map(|record| Collections::of(&database, record.schema)).collect();
        let mut is_probed = true;
        for collections in all.iter() {
            match probe::run(collections).await {
                Err(StoreError::Unsupported(missing)) => return Err(OpenError::Unsupported { missing }),
                Err(error) => {
                    tracing::warn!(%error, "could not probe the database");
                    is_probed = false;
                    // If the database is unavailable, the other checks would fail too.
                    break;
                }
                Ok(()) => {}
            }
        }
        let upkeep = Arc::new(upkeep::start(all.clone()));
        Ok(Self { database, clock, all, is_probed: AtomicBool::new(is_probed), upkeep })
    }

    /// Returns the store of `R`.
    pub fn store<R: Record>(&self) -> Arc<dyn Store<R>> {
        let collections = Collections::of(&self.database, Schema::of::<R>());
        Arc::new(MongoStore::new(collections, self.clock.clone(), self.upkeep.clone()))
    }
}

#[async_trait]
impl Backend for MongoDatabase {
    async fn ping(&self) -> Result<(), StoreError> {
        if self.upkeep.health().has_stopped() {
            return Err(StoreError::Unavailable("the index maintenance task stopped; restarting".into()));
        }
        if !self.is_probed.load(Ordering::Relaxed) {
            for collections in self.all.iter() {
                probe::run(collections).await?;
            }
            self.is_probed.store(true, Ordering::Relaxed);
        }
        try_join_all(self.all.iter().map(probe::read)).await.map(drop)
    }
}

/// Waits for the driver for at most [`TIME_LIMIT`].
async fn within<T>(operation: impl IntoFuture<Output = mongodb::error::Result<T>>) -> Result<T, StoreError> {
    let outcome = tokio::time::timeout(TIME_LIMIT, operation.into_future()).await;
    let result = outcome.map_err(|_| StoreError::Unavailable("no answer in time".into()))?;
    result.map_err(|error| errors::classify(&error))
}

/// Inserts `document`. Returns false if the `_id` already exists.
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

#[cfg(test)]
mod tests;
