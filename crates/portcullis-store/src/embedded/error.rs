//! The errors of a transaction.

use portcullis_server::store::StoreError;

/// The error of a transaction.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The store rejects the operation. The database works.
    #[error(transparent)]
    Refused(#[from] StoreError),
    /// The file cannot be read or written, for example because the disk is full.
    #[error("{0}")]
    System(String),
    /// The content of the file is invalid.
    #[error("{0}")]
    Database(String),
}

/// `redb` has an error type for each step. All of them mean that the store cannot be used.
macro_rules! from_redb {
    ($($error:ty),*) => {$(
        impl From<$error> for StorageError {
            fn from(error: $error) -> Self {
                match redb::Error::from(error) {
                    // `DatabaseClosed` means that the database was reopened during a read.
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
            // A full disk may have room again. An invalid file stays invalid.
            StorageError::System(reason) => Self::Unavailable(reason),
            StorageError::Database(reason) => Self::Failed(reason),
        }
    }
}
