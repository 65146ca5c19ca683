//! The stores of records: MongoDB or the embedded database, chosen by `DATABASE_URL`.

mod change;
mod clock;
mod document;
mod embedded;
mod identity;
mod mongo;
mod page_size;
mod record_kinds;
mod schema;
#[cfg(test)]
mod test_record;
mod words;

use std::path::PathBuf;
use std::time::Duration;

use portcullis_server::store::{Database, Stores};

pub use clock::Clock;
pub use page_size::MAX_PAGE_BYTES;
pub use record_kinds::RecordKinds;
pub use schema::Registration;

use embedded::EmbeddedDatabase;
use mongo::MongoDatabase;
use portcullis_server::config::{ConfigError, DatabaseUrl};

/// How long a deleted record can be restored.
pub const TRASH_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How long an idempotency key is remembered.
pub const KEY_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The reason why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// `DATABASE_URL` is not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database does not support an operation that requests use.
    #[error(
        "the database named by DATABASE_URL does not support a required operation: {missing}. Use MongoDB 4.4 or later, or a compatible database"
    )]
    Unsupported {
        /// The missing operation, as reported by the database.
        missing: String,
    },
    /// Two kinds of records have the same collection, so each right to read one of them would also open the other.
    #[error("two kinds of records have the collection {0}: each needs a `COLLECTION` of its own")]
    SharedCollection(&'static str),
    /// The file is not a Portcullis database, or it is damaged. It is not changed.
    #[error("DATABASE_URL is redb:{path}: the file is not a sound database and was left untouched ({reason}); restore a backup or choose another path", path = path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The reason, as reported by the database.
        reason: String,
    },
    /// Another process has the file open.
    #[error("DATABASE_URL is redb:{path}: another process has it open; stop that or choose another path", path = path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read or written.
    #[error("DATABASE_URL is redb:{path}: {reason}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason, as reported by the system.
        reason: String,
    },
}

/// Opens the database at `url` for `records`. With `fills`, sample records are added to the empty collections of an
/// embedded database, and never to another database. `clock` returns the current time.
///
/// # Errors
/// [`OpenError`] if two of the `records` share a collection, if the URL or the file is not valid, or if a MongoDB does not
/// support a required operation. An unavailable MongoDB is not an error.
pub async fn open(
    url: &DatabaseUrl,
    records: &[Registration],
    fills: bool,
    clock: Clock,
) -> Result<Database, OpenError> {
    schema::check_collections(records)?;
    let mut stores = Stores::default();
    Ok(match url {
        DatabaseUrl::Mongo(uri) => {
            let database = MongoDatabase::open(uri, records, clock).await?;
            records.iter().for_each(|record| (record.mongo)(&database, &mut stores));
            Database::new(database, stores)
        }
        DatabaseUrl::Embedded(path) => {
            let database = EmbeddedDatabase::open(path, records, fills, clock)?;
            records.iter().for_each(|record| (record.embedded)(&database, &mut stores));
            Database::new(database, stores)
        }
    })
}
