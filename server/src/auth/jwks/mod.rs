//! The provider's signing keys (RFC 7517): what a usable key is, where keys come from, and how they are kept.

mod cache;
mod candidate;
mod fetch;
mod key;
mod unusable;

pub use cache::{KeyCache, MOST_WAITING, REFRESH_EVERY, SPACING};
pub use candidate::SUPPORTED_ALGORITHMS;
pub(crate) use fetch::shown;
pub use fetch::{Answer, Document, FetchError, Http, KeySource, RemoteKeys, is_safe_to_fetch};
pub use key::{KeySet, SigningKey};
pub use unusable::{Examined, Unusable};
