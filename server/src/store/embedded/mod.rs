//! The embedded store: BSON documents in one `redb` file, durable with every write.
//!
//! | file | duty |
//! |---|---|
//! | `file` | the file: how it is made and opened |
//! | `tables` | the documents, and what they are found and sorted by |
//! | `list` | pages of them |
//! | `writes` | what changes them, each as a whole or not at all |
//! | `database` | the open database, which readers and the writer share |
//! | `queue` | where writes wait for their turn |
//! | `writer` | the one thread that writes, and reopens a database that fails |
//! | `probe` | whether the disk has room for writes |
//! | `expiring` | what is kept for a while: the trash, and the keys of creations |

mod database;
mod expiring;
mod file;
mod list;
mod probe;
mod queue;
mod tables;
mod writer;
mod writes;

use std::path::Path;
use std::sync::Arc;

use app::items::{
    DeleteItems, Expected, IdempotencyKey, Item, ItemDraft, ItemId, ItemPage, ListRequest, ReadItems, ValidDraft,
    WriteItems,
};
use app::ssr::items::{ItemStore, StoreError};
use async_trait::async_trait;
use bson::Document;
use portcullis_server::Permit;
use redb::ReadTransaction;
use tokio::sync::Semaphore;

use super::document::to_item;
use super::identity::{Creation, owner};
use super::{Clock, KEY_LIFETIME, OpenError, TRASH_LIFETIME};
use database::SharedDatabase;
use expiring::{CREATIONS, TRASH};
use list::{Limits, list};
use queue::WriteQueue;
use tables::{ITEMS, Tables, decode, prepare};
use writer::DatabaseFile;

/// How many reads may be under way, each in a thread: on a disk that hangs, the threads that others need stay free.
const MAX_READS: usize = 64;

/// Items in a file of this machine.
#[derive(Clone)]
pub struct EmbeddedStore {
    database: Arc<SharedDatabase>,
    reads: Arc<Semaphore>,
    writes: Arc<WriteQueue>,
    clock: Clock,
}

impl EmbeddedStore {
    /// Opens the file at `path`, or makes it where there is none. In a file that is from before items could be
    /// searched for, the tables for that are made now; what has expired goes.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] if it is no sound database, [`OpenError::InUse`] if another process has it open,
    /// [`OpenError::File`] if it cannot be read or written. It is never overwritten.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, OpenError> {
        file::create_if_missing(path)?;
        let (opened, probed) = (path.to_owned(), path.to_owned());
        let file = DatabaseFile {
            open: Box::new(move || file::open(&opened)),
            probe: Box::new(move || probe::probe(&probed)),
        };
        Self::start(path, clock, file)
    }

    /// Starts with the database in `file`. `path` is for the errors.
    fn start(path: &Path, clock: Clock, file: DatabaseFile) -> Result<Self, OpenError> {
        let failed = |reason: String| OpenError::File { path: path.to_owned(), reason };
        let database = SharedDatabase::new((file.open)()?);
        let ready = database.write(|transaction| {
            // Tables that exist make every later read simple.
            Tables::open(transaction)?;
            TRASH.purge(transaction, clock.before(TRASH_LIFETIME))?;
            CREATIONS.purge(transaction, clock.before(KEY_LIFETIME))?;
            prepare(transaction)
        });
        let made = ready.map_err(|fault| match fault {
            Fault::System(reason) => failed(reason),
            fault => OpenError::Corrupt { path: path.to_owned(), reason: fault.to_string() },
        })?;
        if made {
            tracing::info!(path = %path.display(), "the items' names were made ready to be searched and sorted");
        }
        let database = Arc::new(database);
        let writes = WriteQueue::start(database.clone(), file).map_err(|error| failed(error.to_string()))?;
        Ok(Self { database, reads: Arc::new(Semaphore::new(MAX_READS)), writes: Arc::new(writes), clock })
    }

    /// Puts `documents` in if there are no items at all. `path` is the file's, for the error.
    ///
    /// # Errors
    /// [`OpenError::File`] if the file cannot be written.
    pub(super) fn fill_if_empty(&self, path: &Path, documents: &[Document]) -> Result<(), OpenError> {
        let filled = self.database.write(|transaction| {
            let mut tables = Tables::open(transaction)?;
            if tables.is_empty()? {
                documents.iter().try_for_each(|document| tables.put(document))?;
            }
            Ok(())
        });
        filled.map_err(|error| OpenError::File { path: path.to_owned(), reason: error.to_string() })
    }

    /// Runs `work` where it may block, when fewer than [`MAX_READS`] others do. It does not wait for the writes that are
    /// queued.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = self.reads.clone().acquire_owned().await;
        let database = self.database.clone();
        let done = tokio::task::spawn_blocking(move || {
            // Kept until the thread is free, even if the request is gone by then.
            let _place = place;
            work(&database.begin_read()?)
        })
        .await;
        let result = done.unwrap_or_else(|error| Err(Fault::Database(error.to_string())));
        if matches!(result, Err(Fault::System(_))) {
            self.writes.check();
        }
        Ok(result?)
    }
}

/// What can go wrong in a transaction.
#[derive(Debug, thiserror::Error)]
enum Fault {
    /// The database is sound, and the answer is no.
    #[error(transparent)]
    Refused(#[from] StoreError),
    /// The file cannot be read or written: a full disk, for one.
    #[error("{0}")]
    System(String),
    /// What is in the file is not what should be.
    #[error("{0}")]
    Database(String),
}

/// `redb` has an error type for each step; all of them mean that the store is not usable.
macro_rules! database_faults {
    ($($error:ty),*) => {$(
        impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                match redb::Error::from(error) {
                    // Closed: it was reopened in the middle of a read.
                    error @ (redb::Error::Io(_) | redb::Error::PreviousIo | redb::Error::DatabaseClosed) => {
                        Self::System(error.to_string())
                    }
                    error => Self::Database(error.to_string()),
                }
            }
        }
    )*};
}
database_faults!(redb::TransactionError, redb::TableError, redb::StorageError, redb::CommitError);

impl From<bson::error::Error> for Fault {
    fn from(error: bson::error::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(error) => error,
            // A full disk may have room again. What is wrong in the file stays so.
            Fault::System(reason) => Self::Unavailable(reason),
            Fault::Database(reason) => Self::Failed(reason),
        }
    }
}

#[async_trait]
impl ItemStore for EmbeddedStore {
    async fn list(&self, _: &Permit<ReadItems>, request: ListRequest) -> Result<ItemPage, StoreError> {
        self.read(move |reading| Ok(list(reading, &request, Limits::USUAL)?.0)).await
    }

    async fn get(&self, _: &Permit<ReadItems>, id: ItemId) -> Result<Item, StoreError> {
        self.read(move |reading| {
            let table = reading.open_table(ITEMS)?;
            let found = table.get(id.0)?.ok_or(StoreError::NotFound)?;
            Ok(to_item(&decode(found.value())?).ok_or(StoreError::NotFound)?)
        })
        .await
    }

    async fn create(
        &self,
        permit: &Permit<WriteItems>,
        draft: ValidDraft,
        key: Option<IdempotencyKey>,
    ) -> Result<Item, StoreError> {
        let owner = owner(permit.caller())?;
        let creation = key.map(|key| Creation::of(&owner, &key, &draft)).transpose()?;
        let clock = self.clock.clone();
        let create = move |writing: &_| writes::create(writing, &clock, &owner, &draft, creation.as_ref());
        Ok(self.writes.write(create).await?)
    }

    async fn update(
        &self,
        permit: &Permit<WriteItems>,
        id: ItemId,
        expected: Expected,
        draft: ItemDraft,
    ) -> Result<Item, StoreError> {
        let (clock, caller) = (self.clock.clone(), permit.caller().clone());
        let update = move |writing: &_| writes::update(writing, &clock, &caller, id, &expected, &draft);
        Ok(self.writes.write(update).await?)
    }

    async fn delete(&self, permit: &Permit<DeleteItems>, id: ItemId, expected: Expected) -> Result<(), StoreError> {
        let (clock, caller) = (self.clock.clone(), permit.caller().clone());
        let delete = move |writing: &_| writes::delete(writing, &clock, &caller, id, &expected);
        Ok(self.writes.write(delete).await?)
    }

    async fn restore(&self, permit: &Permit<DeleteItems>, id: ItemId) -> Result<Item, StoreError> {
        let (clock, caller) = (self.clock.clone(), permit.caller().clone());
        let restore = move |writing: &_| writes::restore(writing, &clock, &caller, id);
        Ok(self.writes.write(restore).await?)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        if let Some(failure) = self.database.failure() {
            return Err(StoreError::Unavailable(failure));
        }
        self.read(|reading| Ok(_ = reading.open_table(ITEMS)?.get([0; 12])?)).await
    }
}

#[cfg(test)]
mod test_disk;
#[cfg(test)]
mod test_fixture;
#[cfg(test)]
mod tests;
