//! The signing keys of a provider (RFC 7517): which keys are usable, where they are fetched, and how they are cached.

mod cache;
mod candidate;
mod document;
mod fetch;
mod ignored;
mod key;
mod key_error;
mod member;
mod refresh_task;
mod remote;
mod updates;

pub use cache::KeyCache;
pub use candidate::SUPPORTED_ALGORITHMS;
pub use document::{Document, members};
pub use fetch::{FetchError, Http, HttpResponse, is_safe_to_fetch, redacted_url};
pub use ignored::IgnoredKeys;
pub use key::{KeySet, MAX_KEYS, MAX_KEYS_TRIED, SigningKey};
pub use key_error::{ExaminedKey, KeyError};
pub use refresh_task::{MAX_WAITING_REQUESTS, MIN_REFRESH_INTERVAL, REFRESH_BURST, REFRESH_INTERVAL};
pub use remote::{KeySource, RemoteKeys};
pub use updates::EMPTY_KEY_SET_GRACE;
