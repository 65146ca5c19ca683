//! MongoDB: for each kind of record a collection of the URI's database, with documents as people already have them.
//!
//! | file | duty |
//! |---|---|
//! | `connection` | the connection string, and what is asked of every connection |
//! | `errors` | what the driver's errors mean |
//! | `collections` | the collections of a kind of record, and what is asked of their documents |
//! | `store` | the store of a kind of record |
//! | `probe` | whether the database has what requests use |
//! | `names` | what is kept in a document for searching and sorting |
//! | `list` | pages of records |
//! | `writes` | changes to single records |
//! | `creations` | creations that can be repeated |
//! | `trash` | deleted records, and how they are restored |
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

/// How long any operation may take.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// A database in a MongoDB.
pub struct MongoDatabase {
    database: Database,
    clock: Clock,
    /// The collections of every kind of record that it was opened for.
    all: Arc<[Collections]>,
    /// Whether the database was found to have what requests use.
    is_probed: AtomicBool,
    upkeep: Arc<Supervised>,
}

impl MongoDatabase {
    /// Connects to the database that `uri` names, and checks whether it has what requests for `records` use. One that does
    /// not answer is checked once it does; so are its indexes.
    ///
    /// # Errors
    /// If `uri` is no connection string, names no database, or names one that lacks something.
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
                    // It may not answer: then it would not for the others either.
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

#[cfg(test)]
mod tests;
