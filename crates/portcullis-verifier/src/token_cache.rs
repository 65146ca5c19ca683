//! The cache of verified tokens: the next request with the same token costs no signature check.
//!
//! The table has a fixed size, and its entries have a limited size, so it cannot grow. A lookup takes no lock and
//! allocates nothing. The key is the SHA-256 of the complete token with its signature.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use aws_lc_rs::digest::{SHA256, digest};
use portcullis::Caller;

use super::jwks::SigningKey;

/// The number of slots per bucket, and the number of buckets: 8,192 tokens.
const SLOTS_PER_BUCKET: usize = 4;
const BUCKETS: usize = 2048;
/// The largest caller that is cached, in bytes: 16 MiB for all of them. A token with a larger subject or list of scopes
/// is checked each time.
pub const MAX_CALLER_BYTES: usize = 2 * 1024;

/// The SHA-256 of a token.
pub type Digest = [u8; 32];

/// Returns the SHA-256 of `token`.
#[must_use]
pub fn digest_of(token: &str) -> Digest {
    let mut bytes = Digest::default();
    bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    bytes
}

/// A verified token.
pub struct CachedToken {
    /// The SHA-256 of the token.
    pub digest: Digest,
    /// Its `exp`, in seconds since 1970.
    pub expires: f64,
    /// The index of its issuer in the verifier's list.
    pub issuer: usize,
    /// The key that verifies it.
    pub key: Arc<SigningKey>,
    /// Its caller.
    pub caller: Arc<Caller>,
}

/// The cache of verified tokens.
pub struct TokenCache(Box<[ArcSwapOption<CachedToken>]>);

impl Default for TokenCache {
    fn default() -> Self {
        Self((0..SLOTS_PER_BUCKET * BUCKETS).map(|_| ArcSwapOption::empty()).collect())
    }
}

impl TokenCache {
    fn bucket(&self, digest: &Digest) -> &[ArcSwapOption<CachedToken>] {
        let start = usize::from(u16::from_le_bytes([digest[0], digest[1]])) % BUCKETS * SLOTS_PER_BUCKET;
        &self.0[start..start + SLOTS_PER_BUCKET]
    }

    /// Returns the caller of the token with this `digest`, unless it has expired at `now` (seconds since 1970) or
    /// `is_current` says that its issuer no longer has its key. Such an entry is evicted.
    pub fn get(
        &self,
        digest: &Digest,
        now: f64,
        is_current: impl FnOnce(usize, &Arc<SigningKey>) -> bool,
    ) -> Option<Arc<Caller>> {
        for slot in self.bucket(digest) {
            let cached = slot.load();
            let Some(found) = cached.as_ref().filter(|found| found.digest == *digest) else { continue };
            if now < found.expires && is_current(found.issuer, &found.key) {
                return Some(found.caller.clone());
            }
            slot.store(None);
            return None;
        }
        None
    }

    /// Inserts `token`, unless its caller is larger than [`MAX_CALLER_BYTES`]. It replaces its own entry, or uses a
    /// free slot, or evicts the entry that expires first.
    pub fn insert(&self, token: CachedToken) {
        if text_bytes(&token.caller) > MAX_CALLER_BYTES {
            return;
        }
        let expiry = |slot: &ArcSwapOption<CachedToken>| match slot.load().as_ref() {
            Some(found) if found.digest != token.digest => found.expires,
            _ => f64::NEG_INFINITY,
        };
        let mut first: Option<(&ArcSwapOption<CachedToken>, f64)> = None;
        for slot in self.bucket(&token.digest) {
            let expires = expiry(slot);
            if first.is_none_or(|(_, other)| expires < other) {
                first = Some((slot, expires));
            }
            if expires == f64::NEG_INFINITY {
                break;
            }
        }
        if let Some((slot, _)) = first {
            slot.store(Some(Arc::new(token)));
        }
    }
}

/// Returns the memory that the texts of `caller` take, in bytes. All callers of an issuer share its name.
fn text_bytes(caller: &Caller) -> usize {
    let scopes = caller.scopes.iter().map(|scope| size_of::<String>() + scope.len());
    caller.subject.as_ref().map_or(0, String::len) + scopes.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwks::KeySet;
    use jsonwebtoken::Algorithm;

    fn key() -> Arc<SigningKey> {
        let set = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        let keys = KeySet::read(set.as_bytes(), &[Algorithm::EdDSA]).expect("a key set");
        keys.matching(None, Algorithm::EdDSA).next().expect("its only key").clone()
    }

    fn caller(subject: &str, scopes: usize) -> Caller {
        let scopes = (0..scopes).map(|n| format!("read:items{n}")).collect();
        Caller { issuer: "https://i.example/".into(), subject: Some(subject.to_owned()), scopes }
    }

    fn token(digest: Digest, expires: f64, subject: &str) -> CachedToken {
        CachedToken { digest, expires, issuer: 0, key: key(), caller: Arc::new(caller(subject, 0)) }
    }

    fn get(cache: &TokenCache, digest: &Digest, now: f64) -> Option<String> {
        cache.get(digest, now, |_, _| true).and_then(|caller| caller.subject.clone())
    }

    #[test]
    fn token_cache_finds_only_the_same_token() {
        let cache = TokenCache::default();
        cache.insert(token(digest_of("a.b.c"), 100.0, "ada"));
        assert_eq!(get(&cache, &digest_of("a.b.c"), 0.0).as_deref(), Some("ada"));
        for other in ["a.b.d", "a.b.", "a.b", "A.b.c", "a.b.c ", ""] {
            assert_eq!(get(&cache, &digest_of(other), 0.0), None, "{other:?}");
        }
        // In the same bucket, but another.
        let mut near = digest_of("a.b.c");
        near[31] ^= 1;
        assert_eq!(get(&cache, &near, 0.0), None);
    }

    #[test]
    fn token_cache_evicts_expired_token() {
        let cache = TokenCache::default();
        let digest = digest_of("t");
        cache.insert(token(digest, 100.0, "ada"));
        assert!(get(&cache, &digest, 99.9).is_some());
        assert_eq!(get(&cache, &digest, 100.0), None);
        assert_eq!(get(&cache, &digest, 99.9), None, "it is evicted, not only hidden");
    }

    #[test]
    fn token_cache_evicts_token_of_removed_key() {
        let cache = TokenCache::default();
        let digest = digest_of("t");
        cache.insert(token(digest, 100.0, "ada"));
        assert!(cache.get(&digest, 0.0, |_, _| false).is_none());
        assert_eq!(get(&cache, &digest, 0.0), None, "it is evicted, not only hidden");
    }

    #[test]
    fn token_cache_leaves_out_large_entries() {
        let cache = TokenCache::default();
        for (length, is_cached) in [(MAX_CALLER_BYTES, true), (MAX_CALLER_BYTES + 1, false)] {
            let digest = digest_of(&length.to_string());
            cache.insert(token(digest, 100.0, &"s".repeat(length)));
            assert_eq!(get(&cache, &digest, 0.0).is_some(), is_cached, "{length}");
        }
    }

    #[test]
    fn token_cache_counts_subject_and_scopes() {
        assert!(text_bytes(&caller(&"s".repeat(15_000), 0)) >= 15_000);
        assert!(text_bytes(&caller("", 100)) >= 100 * (size_of::<String>() + 10));
        assert!(text_bytes(&caller(&"s".repeat(36), 10)) < MAX_CALLER_BYTES);
    }

    #[test]
    fn token_cache_full_bucket_evicts_first_to_expire() {
        let cache = TokenCache::default();
        let digest = |n: u8| {
            let mut digest = Digest::default();
            digest[31] = n;
            digest
        };
        for n in 1..=200 {
            cache.insert(token(digest(n), f64::from(n), "ada"));
        }
        let cached: Vec<u8> = (1..=200).filter(|n| get(&cache, &digest(*n), 0.0).is_some()).collect();
        assert_eq!(cached, [197, 198, 199, 200]);
        cache.insert(token(digest(200), 500.0, "bob"));
        let cached = (1..=200).filter(|n| get(&cache, &digest(*n), 0.0).is_some()).count();
        let last = get(&cache, &digest(200), 400.0);
        assert_eq!((cached, last.as_deref()), (4, Some("bob")), "the same token takes one slot");
    }
}
