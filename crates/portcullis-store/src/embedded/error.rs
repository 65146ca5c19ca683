//! What can go wrong in a transaction.

use portcullis_server::store::StoreError;

/// What can go wrong in a transaction.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
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
macro_rules! from_redb {
    ($($error:ty),*) => {$(
        impl From<$error> for StorageError {
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
from_redb!(redb::TransactionError, redb::TableError, redb::StorageError, redb::CommitError);

impl From<bson::error::Error> for StorageError {
    fn from(error: bson::error::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<StorageError> for StoreError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Refused(error) => error,
            // A full disk may have room again. What is wrong in the file stays so.
            StorageError::System(reason) => Self::Unavailable(reason),
            StorageError::Database(reason) => Self::Failed(reason),
        }
    }
}
