//! The embedded store: BSON documents in one `redb` file, durable with every write.

use std::path::Path;
use std::sync::Arc;

use app::items::{Item, ItemDraft, ItemId, ItemPage, PageRequest, ReadItems, WriteItems};
use app::ssr::items::{ItemStore, StoreError};
use app::ssr::permit::Permit;
use async_trait::async_trait;
use bson::{DateTime, Document};
use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, ReadableTableMetadata, StorageError, TableDefinition,
};

use super::OpenError;
use super::document::{self, Change, to_item};

/// The documents by their ids, whose order is that of their creation.
const ITEMS: TableDefinition<[u8; 12], &[u8]> = TableDefinition::new("items");

/// Items in a file of this machine.
pub struct EmbeddedStore(Arc<Database>);

impl EmbeddedStore {
    /// Opens the file at `path`, or makes it where there is none.
    ///
    /// # Errors
    /// When it is no sound database, is open elsewhere, or cannot be read or written. It is never overwritten.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let file = |reason: String| OpenError::File { path: path.to_owned(), reason };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| file(error.to_string()))?;
        }
        // An empty file may be what is left of a database, or of a first start that was cut off.
        if std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == 0) {
            let reason = "it is empty; if this was the first start, delete it".to_owned();
            return Err(OpenError::Corrupt { path: path.to_owned(), reason });
        }
        // Checked as a whole: a damaged page is found now, and not in the middle of a request.
        let opened = Database::builder().set_check_integrity_on_open(true).create(path);
        let database = opened.map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => OpenError::InUse { path: path.to_owned() },
            DatabaseError::Storage(StorageError::Io(error)) if error.kind() != std::io::ErrorKind::InvalidData => {
                file(error.to_string())
            }
            other => OpenError::Corrupt { path: path.to_owned(), reason: other.to_string() },
        })?;
        let store = Self(Arc::new(database));
        // A table that exists makes every later read simple.
        let made = store.write(|_| Ok(()));
        made.map_err(|error| OpenError::Corrupt { path: path.to_owned(), reason: error.to_string() })?;
        Ok(store)
    }

    /// Puts `documents` in if there are no items at all. `path` is the file's, for the error.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn fill_if_empty(&self, path: &Path, documents: &[Document]) -> Result<(), OpenError> {
        let filled = self.write(|table| {
            if table.is_empty()? {
                documents.iter().try_for_each(|document| put(table, document))?;
            }
            Ok(())
        });
        filled.map_err(|error| OpenError::File { path: path.to_owned(), reason: error.to_string() })
    }

    /// Runs `change` in a transaction that is on the disk when this returns.
    fn write<T>(&self, change: impl FnOnce(&mut Table<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let transaction = self.0.begin_write()?;
        let result = change(&mut transaction.open_table(ITEMS)?)?;
        transaction.commit()?;
        Ok(result)
    }

    /// Runs `work` where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(Self) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = Self(self.0.clone());
        let done = tokio::task::spawn_blocking(move || work(store)).await;
        done.unwrap_or_else(|error| Err(Fault::Database(error.to_string()))).map_err(|fault| match fault {
            Fault::NotFound => StoreError::NotFound,
            Fault::Database(reason) => StoreError::Unavailable(reason),
        })
    }
}

type Table<'t> = redb::Table<'t, [u8; 12], &'static [u8]>;

/// What can go wrong in a transaction.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("not found")]
    NotFound,
    #[error("{0}")]
    Database(String),
}

/// `redb` has an error type for each step, and BSON its own; all of them mean that the store is not usable.
macro_rules! database_faults {
    ($($error:ty),*) => {$(
        impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::Database(error.to_string())
            }
        }
    )*};
}
database_faults!(redb::TransactionError, redb::TableError, redb::StorageError, redb::CommitError, bson::error::Error);

fn put(table: &mut Table<'_>, document: &Document) -> Result<(), Fault> {
    let id = document.get_object_id("_id").map_err(|_| Fault::Database("a document without an id".into()))?;
    table.insert(id.bytes(), document.to_vec()?.as_slice())?;
    Ok(())
}

fn decode(bytes: &[u8]) -> Result<Document, Fault> {
    Ok(Document::from_reader(bytes)?)
}

#[async_trait]
impl ItemStore for EmbeddedStore {
    async fn list(&self, _: &Permit<ReadItems>, page: PageRequest) -> Result<ItemPage, StoreError> {
        self.blocking(move |store| {
            let table = store.0.begin_read()?.open_table(ITEMS)?;
            let range = match page.after {
                Some(after) => table.range(..after.0)?,
                None => table.range::<[u8; 12]>(..)?,
            };
            let documents = range.rev().map(|entry| decode(entry?.1.value()));
            // What is no item is passed over, as MongoDB's filter does.
            let items = documents.filter_map(|document| document.map(|found| to_item(&found)).transpose());
            let items = items.take(usize::from(page.limit) + 1).collect::<Result<_, Fault>>()?;
            Ok(super::page(items, page.limit))
        })
        .await
    }

    async fn get(&self, _: &Permit<ReadItems>, id: ItemId) -> Result<Item, StoreError> {
        self.blocking(move |store| {
            let table = store.0.begin_read()?.open_table(ITEMS)?;
            let found = table.get(id.0)?.ok_or(Fault::NotFound)?;
            to_item(&decode(found.value())?).ok_or(Fault::NotFound)
        })
        .await
    }

    async fn create(&self, permit: &Permit<WriteItems>, draft: ItemDraft) -> Result<Item, StoreError> {
        let document = document::create(&draft, permit.caller(), DateTime::now());
        self.blocking(move |store| {
            store.write(|table| put(table, &document))?;
            to_item(&document).ok_or(Fault::NotFound)
        })
        .await
    }

    async fn update(&self, _: &Permit<WriteItems>, id: ItemId, draft: ItemDraft) -> Result<Item, StoreError> {
        self.blocking(move |store| {
            store.write(|table| {
                let mut document = {
                    let found = table.get(id.0)?.ok_or(Fault::NotFound)?;
                    decode(found.value())?
                };
                to_item(&document).ok_or(Fault::NotFound)?;
                Change::of(&draft, DateTime::now()).apply(&mut document);
                put(table, &document)?;
                to_item(&document).ok_or(Fault::NotFound)
            })
        })
        .await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.blocking(|store| Ok(_ = store.0.begin_read()?.open_table(ITEMS)?)).await
    }
}

#[cfg(test)]
#[path = "embedded_tests.rs"]
mod tests;
