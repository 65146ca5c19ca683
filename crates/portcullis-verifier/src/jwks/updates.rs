//! Decides whether a fetched key set replaces the cached one, and logs it.

use std::time::Duration;

use tokio::task::JoinError;
use tokio::time::Instant;

use super::fetch::FetchError;
use super::ignored::IgnoredKeysLog;
use super::key::KeySet;

/// How long good keys stay in use while the provider answers with a key set that has none.
///
/// An empty set is seen when a provider restarts or is set up anew, seldom because all keys were withdrawn; so it is not
/// believed at once, but it is believed in the end.
pub const EMPTY_KEY_SET_GRACE: Duration = Duration::from_secs(600);

/// Decides which fetched key sets are used.
pub(super) struct KeySetUpdates {
    issuer: String,
    log: IgnoredKeysLog,
    /// Since when the provider has answered with no key at all, where keys are known.
    empty_since: Option<Instant>,
}

impl KeySetUpdates {
    pub(super) fn new(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), log: IgnoredKeysLog::default(), empty_since: None }
    }

    /// Returns the keys to use from now on; none if the `known` ones stay in use, and the next fetch is due soon.
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
            // An empty set is authoritative after the grace period: withdrawn keys must stop working.
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
