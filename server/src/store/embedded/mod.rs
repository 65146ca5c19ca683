//! The embedded store: BSON documents in one `redb` file, durable with every write.
//!
//! | file | duty |
//! |---|---|
//! | `file` | the file: how it is made and opened |
//! | `tables` | the documents, and what they are found and sorted by |
//! | `list` | pages of them |
//! | `writes` | what changes them, each in one transaction |
//! | `expiring` | what is kept for a while: the trash, and the keys of creations |

mod expiring;
mod file;
mod list;
mod tables;
mod writes;

use std::path::Path;
use std::sync::Arc;

use app::items::{
    DeleteItems, Expected, IdempotencyKey, Item, ItemDraft, ItemId, ItemPage, ListRequest, ReadItems, ValidDraft,
    WriteItems,
};
use app::ssr::items::{ItemStore, StoreError};
use app::ssr::permit::Permit;
use async_trait::async_trait;
use bson::Document;
use redb::{Database, ReadableDatabase, WriteTransaction};

use super::document::to_item;
use super::identity::{Creation, owner};
use super::{Clock, KEY_LIFETIME, OpenError, TRASH_LIFETIME};
use expiring::{CREATIONS, TRASH};
use list::{Limits, list};
use tables::{ITEMS, Tables, decode, prepare};

/// Items in a file of this machine.
#[derive(Clone)]
pub struct EmbeddedStore {
    database: Arc<Database>,
    clock: Clock,
}

impl EmbeddedStore {
    /// Opens the file at `path`, or makes it where there is none. In a file that is from before items could be
    /// searched for, the tables for that are made now; what has expired goes.
    ///
    /// # Errors
    /// When it is no sound database, is open elsewhere, or cannot be read or written. It is never overwritten.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, OpenError> {
        file::create_if_missing(path)?;
        let database = file::open(path)?;
        let store = Self { database: Arc::new(database), clock };
        let ready = store.write(|transaction| {
            // Tables that exist make every later read simple.
            Tables::open(transaction)?;
            TRASH.purge(transaction, store.clock.before(TRASH_LIFETIME))?;
            CREATIONS.purge(transaction, store.clock.before(KEY_LIFETIME))?;
            prepare(transaction)
        });
        let made = ready.map_err(|fault| match fault {
            Fault::System(reason) => OpenError::File { path: path.to_owned(), reason },
            fault => OpenError::Corrupt { path: path.to_owned(), reason: fault.to_string() },
        })?;
        if made {
            tracing::info!(path = %path.display(), "the items' names were made ready to be searched and sorted");
        }
        Ok(store)
    }

    /// Puts `documents` in if there are no items at all. `path` is the file's, for the error.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn fill_if_empty(&self, path: &Path, documents: &[Document]) -> Result<(), OpenError> {
        let filled = self.write(|transaction| {
            let mut tables = Tables::open(transaction)?;
            if tables.is_empty()? {
                documents.iter().try_for_each(|document| tables.put(document))?;
            }
            Ok(())
        });
        filled.map_err(|error| OpenError::File { path: path.to_owned(), reason: error.to_string() })
    }

    /// Runs `change` in a transaction that is on the disk when this returns, and that no other writes beside.
    fn write<T>(&self, change: impl FnOnce(&WriteTransaction) -> Result<T, Fault>) -> Result<T, Fault> {
        let transaction = self.database.begin_write()?;
        let result = change(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }

    /// Runs `work` where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(Self) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        let done = tokio::task::spawn_blocking(move || work(store)).await;
        done.unwrap_or_else(|error| Err(Fault::Database(error.to_string()))).map_err(|fault| match fault {
            Fault::Refused(error) => error,
            // A full disk may have room again. What is wrong in the file stays so.
            Fault::System(reason) => StoreError::Unavailable(reason),
            Fault::Database(reason) => StoreError::Failed(reason),
        })
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
                    error @ (redb::Error::Io(_) | redb::Error::PreviousIo) => Self::System(error.to_string()),
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

#[async_trait]
impl ItemStore for EmbeddedStore {
    async fn list(&self, _: &Permit<ReadItems>, request: ListRequest) -> Result<ItemPage, StoreError> {
        self.blocking(move |store| Ok(list(&store.database.begin_read()?, &request, Limits::USUAL)?.0)).await
    }

    async fn get(&self, _: &Permit<ReadItems>, id: ItemId) -> Result<Item, StoreError> {
        self.blocking(move |store| {
            let table = store.database.begin_read()?.open_table(ITEMS)?;
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
        self.blocking(move |store| {
            store.write(|writing| writes::create(writing, &store.clock, owner, &draft, creation))
        })
        .await
    }

    async fn update(
        &self,
        permit: &Permit<WriteItems>,
        id: ItemId,
        expected: Expected,
        draft: ItemDraft,
    ) -> Result<Item, StoreError> {
        let caller = permit.caller().clone();
        let write = move |store: Self| {
            store.write(|writing| writes::update(writing, &store.clock, &caller, id, &expected, &draft))
        };
        self.blocking(write).await
    }

    async fn delete(&self, permit: &Permit<DeleteItems>, id: ItemId, expected: Expected) -> Result<(), StoreError> {
        let caller = permit.caller().clone();
        self.blocking(move |store| store.write(|writing| writes::delete(writing, &store.clock, &caller, id, &expected)))
            .await
    }

    async fn restore(&self, permit: &Permit<DeleteItems>, id: ItemId) -> Result<Item, StoreError> {
        let caller = permit.caller().clone();
        self.blocking(move |store| store.write(|writing| writes::restore(writing, &store.clock, &caller, id))).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.blocking(|store| Ok(_ = store.database.begin_read()?.open_table(ITEMS)?.get([0; 12])?)).await
    }
}

#[cfg(test)]
mod tests;
