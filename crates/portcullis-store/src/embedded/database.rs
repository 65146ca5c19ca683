//! The open database. Readers share it, and the writer replaces it after an I/O error.

use std::sync::{Mutex, PoisonError, RwLock};

use redb::{Database, ReadTransaction, ReadableDatabase, WriteTransaction};

use super::StorageError;

/// The database, or `None` while it is being reopened.
pub struct SharedDatabase {
    database: RwLock<Option<Database>>,
    failure: Mutex<Option<String>>,
}

impl SharedDatabase {
    pub fn new(database: Database) -> Self {
        Self { database: RwLock::new(Some(database)), failure: Mutex::new(None) }
    }

    /// Begins a read. Does not wait for a write in progress.
    ///
    /// # Errors
    /// [`StorageError::System`] if the database is not open, or cannot be read.
    pub fn begin_read(&self) -> Result<ReadTransaction, StorageError> {
        self.with(|database| Ok(database.begin_read()?))
    }

    /// Begins a write. Waits for the previous one to end.
    ///
    /// # Errors
    /// [`StorageError::System`] if the database is not open, or cannot be read.
    pub fn begin_write(&self) -> Result<WriteTransaction, StorageError> {
        self.with(|database| Ok(database.begin_write()?))
    }

    /// Runs `change` in a transaction that is on the disk when this returns.
    ///
    /// # Errors
    /// [`StorageError::System`] if the database is not open, or if the commit fails and its outcome is unknown. Any
    /// [`StorageError`] that `change` returns.
    pub fn write<T>(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let transaction = self.begin_write()?;
        let result = change(&transaction)?;
        commit(transaction)?;
        Ok(result)
    }

    /// Returns the reason why writes are rejected now, or `None` if they are accepted.
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_failure(&self, failure: Option<String>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    /// Replaces the database and closes the old one. Reads in progress fail.
    pub fn replace(&self, database: Option<Database>) {
        let before = std::mem::replace(&mut *self.database.write().unwrap_or_else(PoisonError::into_inner), database);
        // Not while holding the lock, because closing waits for the disk.
        drop(before);
    }

    fn with<T>(&self, begin: impl FnOnce(&Database) -> Result<T, StorageError>) -> Result<T, StorageError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        begin(database.as_ref().ok_or_else(|| StorageError::System("the database is being reopened".into()))?)
    }
}

/// Commits `transaction`. After any commit error, redb accepts no more writes until the database is reopened.
///
/// # Errors
/// [`StorageError::System`] if the commit fails: the outcome is unknown.
pub fn commit(transaction: WriteTransaction) -> Result<(), StorageError> {
    transaction.commit().map_err(|error| StorageError::System(error.to_string()))
}
