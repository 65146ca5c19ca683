//! Where items live: MongoDB or the embedded database, chosen by `DATABASE_URL`.

mod document;
mod embedded;
mod mongo;
mod samples;

use std::path::PathBuf;
use std::sync::Arc;

use app::items::{Item, ItemPage};
use app::ssr::items::ItemStore;

pub use embedded::EmbeddedStore;
pub use mongo::MongoStore;

use crate::config::{ConfigError, DatabaseUrl};

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is not one.
    #[error(transparent)]
    Config(#[from] ConfigError),
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
/// else ever is.
///
/// # Errors
/// When the address is wrong or the file is; a MongoDB that does not answer is no reason.
pub async fn open(url: &DatabaseUrl, samples: bool) -> Result<Arc<dyn ItemStore>, OpenError> {
    Ok(match url {
        DatabaseUrl::Mongo(uri) => Arc::new(MongoStore::open(uri).await?),
        DatabaseUrl::Embedded(path) => {
            let store = EmbeddedStore::open(path)?;
            if samples {
                store.fill_if_empty(path, &samples::documents())?;
            }
            Arc::new(store)
        }
    })
}

/// The page of the first `limit` of `items`; one more of them says that there is a next page.
fn page(mut items: Vec<Item>, limit: u8) -> ItemPage {
    let limit = usize::from(limit);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().map(|item| item.id) } else { None };
    ItemPage { items, next }
}
