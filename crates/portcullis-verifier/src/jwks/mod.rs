//! The provider's signing keys (RFC 7517): what a usable key is, where keys come from, and how they are kept.

mod cache;
mod candidate;
mod document;
mod fetch;
mod ignored;
mod key;
mod member;
mod refresh;
mod remote;
mod unusable;

pub use cache::{KeyCache, MIN_REFRESH_INTERVAL, MOST_WAITING, REFRESH_BURST, REFRESH_EVERY};
pub use candidate::SUPPORTED_ALGORITHMS;
pub use document::{Document, members};
pub use fetch::shown;
pub use fetch::{Answer, FetchError, Http, is_safe_to_fetch};
pub use ignored::IgnoredKeys;
pub use key::{KeySet, MAX_KEYS, MAX_KEYS_TRIED, SigningKey};
pub use refresh::EMPTY_KEY_SET_GRACE;
pub use remote::{KeySource, RemoteKeys};
pub use unusable::{Examined, Unusable};
