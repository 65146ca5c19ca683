//! Usable signing keys. Each is bound to one algorithm (RFC 8725 §3.1). An unusable key does not make the whole set
//! unusable.

use std::collections::HashSet;
use std::sync::Arc;

use aws_lc_rs::signature::ParsedPublicKey;
use jsonwebtoken::Algorithm;
use serde::de::Error;
use serde_json::Value;

use super::candidate::Candidate;
use super::document;
use super::ignored::IgnoredKeys;
use super::key_error::{ExaminedKey, KeyError};

/// The maximum number of keys that are kept for one purpose. No known provider has more.
pub const MAX_KEYS: usize = 100;
/// The maximum number of keys that are tried for one token. It limits the signature checks that a forged token can
/// cause.
pub const MAX_KEYS_TRIED: usize = 4;

/// A public key that verifies signatures of one algorithm.
pub struct SigningKey {
    id: Option<String>,
    algorithm: Algorithm,
    /// Parsed once: parsing costs as much as verifying a signature.
    key: ParsedPublicKey,
    /// The normalized member that the key was read from.
    jwk: Value,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Creates the signing key of the member `jwk`, bound to `algorithm`.
    pub(super) fn new(id: Option<String>, algorithm: Algorithm, key: ParsedPublicKey, jwk: Value) -> Self {
        Self { id, algorithm, key, jwk }
    }

    /// Returns whether `signature`, in its JWS encoding (RFC 7518 §3), is this key's signature of `message`.
    #[must_use]
    pub fn verifies(&self, message: &str, signature: &[u8]) -> bool {
        self.key.verify_sig(message.as_bytes(), signature).is_ok()
    }

    /// Returns the only algorithm that this key is used for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// The usable keys of one provider at one moment.
#[derive(Debug, Default)]
pub struct KeySet {
    /// For access tokens: each member once, with the first allowed algorithm that fits it.
    keys: Vec<Arc<SigningKey>>,
    /// For ID tokens, whose algorithm the provider chooses: each member once per algorithm that fits it.
    for_id_tokens: Vec<Arc<SigningKey>>,
    ignored: IgnoredKeys,
}

/// Returns the members of a JWK Set (RFC 7517 §5).
fn members(json: &[u8]) -> Result<Vec<Value>, serde_json::Error> {
    match document::members(json)?.remove("keys") {
        Some(Value::Array(keys)) => Ok(keys),
        _ => Err(Error::custom("it has no list of keys")),
    }
}

/// A key set that is being read.
#[derive(Default)]
struct Reading {
    set: KeySet,
    /// The members so far, as text, to skip duplicates.
    known: HashSet<String>,
    /// The number of members that are usable for ID tokens.
    for_id_tokens: usize,
}

impl Reading {
    /// Adds `member` and returns the result, or `None` for a duplicate.
    fn add(&mut self, member: Value, allowed: &[Algorithm]) -> Option<ExaminedKey> {
        let id = member.get("kid").and_then(Value::as_str).map(str::to_owned);
        let candidate = match Candidate::read(member) {
            Ok(candidate) => candidate,
            Err(why) => return Some(ExaminedKey { id, usable: Err(why) }),
        };
        if !self.known.insert(candidate.member.to_string()) {
            return None;
        }
        let mut usable = candidate.bind_first(allowed).and_then(|key| {
            if self.set.keys.len() == MAX_KEYS {
                return Err(KeyError::TooMany);
            }
            let algorithm = key.algorithm;
            self.set.keys.push(Arc::new(key));
            Ok(algorithm)
        });
        let mut bound = candidate.algorithms.iter().filter_map(|algorithm| candidate.bind(*algorithm).ok()).peekable();
        if bound.peek().is_some() {
            if self.for_id_tokens < MAX_KEYS {
                self.for_id_tokens += 1;
                self.set.for_id_tokens.extend(bound.map(Arc::new));
            } else if usable.is_err() {
                usable = Err(KeyError::TooMany);
            }
        }
        Some(ExaminedKey { id, usable })
    }
}

impl KeySet {
    /// Reads a JWK Set (RFC 7517 §5) and keeps the usable keys.
    ///
    /// # Errors
    /// [`serde_json::Error`] if it is not a JWK Set.
    pub fn read(json: &[u8], allowed: &[Algorithm]) -> Result<Self, serde_json::Error> {
        let mut reading = Reading::default();
        for member in members(json)? {
            if let Some(ExaminedKey { id, usable: Err(why) }) = reading.add(member, allowed) {
                reading.set.ignored.add(id, why);
            }
        }
        Ok(reading.set)
    }

    /// Reads a JWK Set as [`KeySet::read`] does, and returns the result for each member.
    ///
    /// # Errors
    /// [`serde_json::Error`] if it is not a JWK Set.
    pub fn examine(json: &[u8], allowed: &[Algorithm]) -> Result<Vec<ExaminedKey>, serde_json::Error> {
        let mut reading = Reading::default();
        Ok(members(json)?.into_iter().filter_map(|member| reading.add(member, allowed)).collect())
    }

    /// Returns this set, with each key that `older` also has replaced by the same `Arc` from `older`. A cached token
    /// refers to its key by pointer, so its entry stays valid as long as the provider publishes the key.
    #[must_use]
    pub fn reusing(self, older: &Self) -> Self {
        let same =
            |key: &Arc<SigningKey>| older.keys.iter().find(|old| old.algorithm == key.algorithm && old.jwk == key.jwk);
        let keys = self.keys.into_iter().map(|key| same(&key).cloned().unwrap_or(key)).collect();
        Self { keys, ..self }
    }

    /// Returns whether the set contains this `key`, compared by pointer.
    #[must_use]
    pub fn contains(&self, key: &Arc<SigningKey>) -> bool {
        self.keys.iter().any(|known| Arc::ptr_eq(known, key))
    }

    /// Returns whether no key is usable for access tokens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns whether no key is usable for any token, with any algorithm.
    #[must_use]
    pub fn has_no_signing_keys(&self) -> bool {
        self.for_id_tokens.is_empty()
    }

    /// Returns the number of keys that are usable for access tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns the ignored members of the key set, with the reasons.
    #[must_use]
    pub fn ignored(&self) -> &IgnoredKeys {
        &self.ignored
    }

    /// Returns the keys to try for an access token with this `id` and `algorithm`: those with the same id, or all if
    /// the token has no id, but at most [`MAX_KEYS_TRIED`].
    pub fn matching(&self, id: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = &Arc<SigningKey>> {
        matching(&self.keys, id, algorithm)
    }

    /// Returns the keys to try for an ID token, as [`KeySet::matching`] does for access tokens.
    pub fn matching_id_token(&self, id: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = &Arc<SigningKey>> {
        matching(&self.for_id_tokens, id, algorithm)
    }

    /// Returns whether there is a key `id` for access tokens, for any algorithm.
    #[must_use]
    pub fn has_id(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.id.as_deref() == Some(id))
    }

    /// Returns whether there is a key `id` for ID tokens, for any algorithm.
    #[must_use]
    pub fn has_id_token_key(&self, id: &str) -> bool {
        self.for_id_tokens.iter().any(|key| key.id.as_deref() == Some(id))
    }
}

fn matching<'a>(
    keys: &'a [Arc<SigningKey>],
    id: Option<&str>,
    algorithm: Algorithm,
) -> impl Iterator<Item = &'a Arc<SigningKey>> {
    let is_named = move |key: &&Arc<SigningKey>| id.is_none_or(|id| key.id.as_deref() == Some(id));
    keys.iter().filter(is_named).filter(move |key| key.algorithm == algorithm).take(MAX_KEYS_TRIED)
}

#[cfg(test)]
mod tests;
