//! Where items live: MongoDB or the embedded database, chosen by `DATABASE_URL`.

mod clock;
mod document;
mod embedded;
mod identity;
mod mongo;
mod page_size;
mod samples;
mod words;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::ssr::items::ItemStore;

pub use clock::Clock;
pub use embedded::EmbeddedStore;
pub use mongo::MongoStore;
pub use page_size::MAX_PAGE_BYTES;

use portcullis_server::config::{ConfigError, DatabaseUrl};

/// How long a deleted item can be brought back.
pub const TRASH_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How long an idempotency key is remembered.
pub const KEY_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is not one.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database does not know what requests ask of it.
    #[error(
        "the database named by DATABASE_URL does not support a required operation: {missing}. Use MongoDB 4.4 or later, or a compatible database"
    )]
    Unsupported {
        /// What it lacks, as far as it says.
        missing: String,
    },
    /// The file is no database of ours, or a broken one. It is left as it is.
    #[error("DATABASE_URL is redb:{path}: the file is not a sound database and was left untouched ({reason}); restore a backup or choose another path", path = path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What the database says.
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
        /// What the system says.
        reason: String,
    },
}

/// Opens the store at `url`. With `samples`, an embedded store that is empty is filled with sample items; nothing
/// else ever is. `clock` says what time it is.
///
/// # Errors
/// When the address is wrong, the file is, or a MongoDB lacks what is used; that it does not answer is no reason.
pub async fn open(url: &DatabaseUrl, samples: bool, clock: Clock) -> Result<Arc<dyn ItemStore>, OpenError> {
    Ok(match url {
        DatabaseUrl::Mongo(uri) => Arc::new(MongoStore::open(uri, clock).await?),
        DatabaseUrl::Embedded(path) => {
            let store = EmbeddedStore::open(path, clock)?;
            if samples {
                store.fill_if_empty(path, &samples::documents())?;
            }
            Arc::new(store)
        }
    })
}
