//! The embedded database: BSON documents in one `redb` file, durable with every write.
//!
//! | file | content |
//! |---|---|
//! | `file` | creates and opens the file |
//! | `store` | the store of one kind of record |
//! | `tables` | the tables of a kind of record: documents and indexes |
//! | `list`, `page` | pages of records |
//! | `writes` | changes, each atomic |
//! | `database` | the open database, which readers and the writer share |
//! | `queue` | the queue of writes |
//! | `writer` | the only thread that writes; it reopens a database after a failure |
//! | `probe` | whether the disk has room for writes |
//! | `expiring` | entries that expire: the trash, and the keys of creations |
//! | `error` | the errors of a transaction |

mod database;
mod error;
mod expiring;
mod file;
mod list;
mod page;
mod probe;
mod queue;
mod store;
mod tables;
mod writer;
mod writes;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use portcullis::record::Record;
use portcullis_server::store::{Backend, Store, StoreError};
use redb::ReadTransaction;
use tokio::sync::Semaphore;

use super::schema::{Registration, Schema};
use super::{Clock, OpenError};
use database::SharedDatabase;
use error::StorageError;
use queue::WriteQueue;
use store::EmbeddedStore;
use tables::RecordTables;
use writer::DatabaseFile;

/// The maximum number of concurrent reads, each in a thread. If a disk hangs, other tasks still have threads.
const MAX_READS: usize = 64;

/// A file on this machine, with one writer for all kinds of records.
#[derive(Clone)]
pub struct EmbeddedDatabase {
    database: Arc<SharedDatabase>,
    reads: Arc<Semaphore>,
    writes: Arc<WriteQueue>,
    clock: Clock,
    /// The collections that the database was opened for.
    collections: Arc<[&'static str]>,
}

impl EmbeddedDatabase {
    /// Opens the file at `path` for `records`, or creates it. Creates missing indexes in a file from an older release,
    /// and removes expired entries. With `fills`, adds sample documents to empty collections.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] if it is not a valid database, [`OpenError::InUse`] if another process has it open,
    /// [`OpenError::File`] if it cannot be read or written. The file is never overwritten.
    pub fn open(path: &Path, records: &[Registration], fills: bool, clock: Clock) -> Result<Self, OpenError> {
        file::create_if_missing(path)?;
        let (opened, probed) = (path.to_owned(), path.to_owned());
        let file = DatabaseFile {
            open: Box::new(move || file::open(&opened)),
            probe: Box::new(move || probe::probe(&probed)),
        };
        Self::start(path, records, fills, clock, file)
    }

    /// Starts with the database in `file`. `path` is only for errors.
    fn start(
        path: &Path,
        records: &[Registration],
        fills: bool,
        clock: Clock,
        file: DatabaseFile,
    ) -> Result<Self, OpenError> {
        let failed = |reason: String| OpenError::File { path: path.to_owned(), reason };
        let database = SharedDatabase::new((file.open)()?);
        for record in records {
            let tables = RecordTables::of(record.schema);
            let made =
                database.write(|transaction| tables.prepare(transaction, &clock)).map_err(|error| match error {
                    StorageError::System(reason) => failed(reason),
                    error => OpenError::Corrupt { path: path.to_owned(), reason: error.to_string() },
                })?;
            if made {
                let collection = record.schema.collection;
                tracing::info!(path = %path.display(), collection, "the names were made ready to be searched and sorted");
            }
            if fills {
                let filled = database.write(|transaction| tables.fill_if_empty(transaction, &(record.samples)()));
                filled.map_err(|error| failed(error.to_string()))?;
            }
        }
        let database = Arc::new(database);
        let writes = WriteQueue::start(database.clone(), file).map_err(|error| failed(error.to_string()))?;
        let collections = records.iter().map(|record| record.schema.collection).collect();
        Ok(Self { database, reads: Arc::new(Semaphore::new(MAX_READS)), writes: Arc::new(writes), clock, collections })
    }

    /// Returns the store of `R`.
    pub fn store<R: Record>(&self) -> Arc<dyn Store<R>> {
        Arc::new(EmbeddedStore::new(self.clone(), Arc::new(RecordTables::of(Schema::of::<R>()))))
    }

    /// Runs `work` on a thread that may block, if fewer than [`MAX_READS`] others are running. Does not wait for queued
    /// writes.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = self.reads.clone().acquire_owned().await;
        let database = self.database.clone();
        let done = tokio::task::spawn_blocking(move || {
            // Held until the thread is free, even if the request has ended before.
            let _place = place;
            work(&database.begin_read()?)
        })
        .await;
        let result = done.unwrap_or_else(|error| Err(StorageError::Database(error.to_string())));
        if matches!(result, Err(StorageError::System(_))) {
            self.writes.check();
        }
        Ok(result?)
    }
}

#[async_trait]
impl Backend for EmbeddedDatabase {
    async fn ping(&self) -> Result<(), StoreError> {
        if let Some(failure) = self.database.failure() {
            return Err(StoreError::Unavailable(failure));
        }
        let collections = self.collections.clone();
        self.read(move |reading| {
            for collection in collections.iter() {
                let table: redb::TableDefinition<'_, [u8; 12], &[u8]> = redb::TableDefinition::new(collection);
                reading.open_table(table)?.get([0; 12])?;
            }
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
