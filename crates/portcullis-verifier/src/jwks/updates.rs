//! Decides whether a fetched key set replaces the cached one, and logs it.

use std::time::Duration;

use tokio::task::JoinError;
use tokio::time::Instant;

use super::fetch::FetchError;
use super::ignored::IgnoredKeysLog;
use super::key::KeySet;

/// How long the cached keys stay in use if the provider's key set has become empty.
///
/// A provider may send an empty key set while it restarts. That is more likely than a withdrawal of all keys, so the
/// empty set is accepted only after this time.
pub const EMPTY_KEY_SET_GRACE: Duration = Duration::from_secs(600);

/// Decides which fetched key sets are used.
pub(super) struct KeySetUpdates {
    issuer: String,
    log: IgnoredKeysLog,
    /// When the provider first sent an empty key set while keys were cached.
    empty_since: Option<Instant>,
}

impl KeySetUpdates {
    pub(super) fn new(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), log: IgnoredKeysLog::default(), empty_since: None }
    }

    /// Returns the new keys to use, or `None` if the `known` ones stay in use and the next fetch is due soon.
    pub(super) fn apply(
        &mut self,
        fetched: Result<Result<KeySet, FetchError>, JoinError>,
        known: Option<&KeySet>,
    ) -> Option<KeySet> {
        let issuer = self.issuer.as_str();
        let keys = match fetched {
            Ok(Ok(keys)) => keys,
            Ok(Err(error)) => {
                tracing::warn!(issuer, %error, "the provider's signing keys could not be fetched; trying again");
                return None;
            }
            Err(_) => {
                tracing::error!(issuer, "fetching the provider's signing keys has panicked; trying again");
                return None;
            }
        };
        self.log.log(issuer, keys.ignored());
        let has_good = known.is_some_and(|known| !known.has_no_signing_keys());
        if keys.has_no_signing_keys() && has_good {
            let now = Instant::now();
            let is_first = self.empty_since.is_none();
            if now < *self.empty_since.get_or_insert(now) + EMPTY_KEY_SET_GRACE {
                if is_first {
                    let seconds = EMPTY_KEY_SET_GRACE.as_secs();
                    tracing::warn!(
                        issuer,
                        "the provider's key set is empty; its known keys are used for {seconds} s more"
                    );
                }
                return None;
            }
        }
        self.empty_since = None;
        if keys.is_empty() {
            // After the grace period an empty set is accepted: withdrawn keys must stop working.
            tracing::warn!(issuer, "the provider's key set holds no usable key; no token can be checked");
        } else {
            tracing::debug!(issuer, keys = keys.len(), "fetched the provider's signing keys");
        }
        Some(match known {
            Some(known) => keys.reusing(known),
            None => keys,
        })
    }
}
