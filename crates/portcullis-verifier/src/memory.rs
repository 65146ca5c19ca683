//! The verified tokens that are remembered, so that the next request with one costs no signature check.
//!
//! A table of a fixed size, with entries of a limited size: reading takes no lock and makes nothing, and what is
//! remembered cannot grow. The key is the SHA-256 of the whole token, signature included, so that nothing but the very
//! same token is found.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use aws_lc_rs::digest::{SHA256, digest};

use super::jwks::SigningKey;

/// How many places there are for tokens of one remainder, and how many remainders: 8,192 tokens.
const WAYS: usize = 4;
const BUCKETS: usize = 2048;
/// How many bytes the texts of a remembered token may have: 16 MiB for all of them. A token that proves more, such as one
/// with a subject of kilobytes, is checked each time.
pub const MAX_TEXT_BYTES: usize = 2 * 1024;

/// The name of a token: its SHA-256.
pub type Digest = [u8; 32];

/// The name of `token`.
#[must_use]
pub fn digest_of(token: &str) -> Digest {
    let mut name = Digest::default();
    name.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    name
}

/// A token that was verified.
pub struct Known<T> {
    /// Its name.
    pub digest: Digest,
    /// Its `exp`, in seconds since 1970.
    pub expires: f64,
    /// The place of its issuer in the verifier's list.
    pub issuer: usize,
    /// The key that signed it.
    pub key: Arc<SigningKey>,
    /// What it proves.
    pub proves: Arc<T>,
    /// How many bytes of text it holds.
    pub text_bytes: usize,
}

/// The table.
pub struct Memory<T>(Box<[ArcSwapOption<Known<T>>]>);

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self((0..WAYS * BUCKETS).map(|_| ArcSwapOption::empty()).collect())
    }
}

impl<T> Memory<T> {
    fn bucket(&self, digest: &Digest) -> &[ArcSwapOption<Known<T>>] {
        let start = usize::from(u16::from_le_bytes([digest[0], digest[1]])) % BUCKETS * WAYS;
        &self.0[start..start + WAYS]
    }

    /// What the token called `digest` proves at `now` (seconds since 1970), if it is remembered, has not expired, and
    /// `is_current` says that its issuer still has its key.
    pub fn recall(
        &self,
        digest: &Digest,
        now: f64,
        is_current: impl FnOnce(usize, &Arc<SigningKey>) -> bool,
    ) -> Option<Arc<T>> {
        for place in self.bucket(digest) {
            let known = place.load();
            let Some(found) = known.as_ref().filter(|found| found.digest == *digest) else { continue };
            if now < found.expires && is_current(found.issuer, &found.key) {
                return Some(found.proves.clone());
            }
            place.store(None);
            return None;
        }
        None
    }

    /// Remembers `known` unless it is too large: in place of the same, or of what is free, or of the one that ends soonest.
    pub fn remember(&self, known: Known<T>) {
        if known.text_bytes > MAX_TEXT_BYTES {
            return;
        }
        let end = |place: &ArcSwapOption<Known<T>>| match place.load().as_ref() {
            Some(found) if found.digest != known.digest => found.expires,
            _ => f64::NEG_INFINITY,
        };
        let mut soonest: Option<(&ArcSwapOption<Known<T>>, f64)> = None;
        for place in self.bucket(&known.digest) {
            let end = end(place);
            if soonest.is_none_or(|(_, other)| end < other) {
                soonest = Some((place, end));
            }
            if end == f64::NEG_INFINITY {
                break;
            }
        }
        if let Some((place, _)) = soonest {
            place.store(Some(Arc::new(known)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwks::KeySet;
    use jsonwebtoken::Algorithm;

    fn key() -> Arc<SigningKey> {
        let set = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        let keys = KeySet::read(set.as_bytes(), &[Algorithm::EdDSA]).expect("a key set");
        keys.fitting(None, Algorithm::EdDSA).next().expect("its only key").clone()
    }

    fn known(digest: Digest, expires: f64, proves: u32) -> Known<u32> {
        Known { digest, expires, issuer: 0, key: key(), proves: Arc::new(proves), text_bytes: 0 }
    }

    fn recall(memory: &Memory<u32>, digest: &Digest, now: f64) -> Option<u32> {
        memory.recall(digest, now, |_, _| true).map(|proves| *proves)
    }

    #[test]
    fn a_token_is_found_by_all_of_it_and_by_nothing_else() {
        let memory = Memory::default();
        memory.remember(known(digest_of("a.b.c"), 100.0, 1));
        assert_eq!(recall(&memory, &digest_of("a.b.c"), 0.0), Some(1));
        for other in ["a.b.d", "a.b.", "a.b", "A.b.c", "a.b.c ", ""] {
            assert_eq!(recall(&memory, &digest_of(other), 0.0), None, "{other:?}");
        }
        // In the same bucket, but another.
        let mut near = digest_of("a.b.c");
        near[31] ^= 1;
        assert_eq!(recall(&memory, &near, 0.0), None);
    }

    #[test]
    fn a_remembered_token_is_never_honoured_past_its_exp() {
        let memory = Memory::default();
        let digest = digest_of("t");
        memory.remember(known(digest, 100.0, 1));
        assert_eq!(recall(&memory, &digest, 99.9), Some(1));
        assert_eq!(recall(&memory, &digest, 100.0), None);
        assert_eq!(recall(&memory, &digest, 99.9), None, "it is gone, not only hidden");
    }

    #[test]
    fn a_remembered_token_goes_with_its_key() {
        let memory = Memory::default();
        let digest = digest_of("t");
        memory.remember(known(digest, 100.0, 1));
        assert!(memory.recall(&digest, 0.0, |_, _| false).is_none());
        assert_eq!(recall(&memory, &digest, 0.0), None, "it is gone, not only hidden");
    }

    #[test]
    fn token_cache_leaves_out_large_entries() {
        let memory = Memory::default();
        for (text_bytes, is_kept) in [(MAX_TEXT_BYTES, true), (MAX_TEXT_BYTES + 1, false)] {
            let digest = digest_of(&text_bytes.to_string());
            memory.remember(Known { text_bytes, ..known(digest, 100.0, 1) });
            assert_eq!(recall(&memory, &digest, 0.0).is_some(), is_kept, "{text_bytes}");
        }
    }

    #[test]
    fn what_is_remembered_does_not_grow_and_the_one_that_ends_soonest_gives_way() {
        let memory = Memory::default();
        let digest = |n: u8| {
            let mut digest = Digest::default();
            digest[31] = n;
            digest
        };
        for n in 1..=200 {
            memory.remember(known(digest(n), f64::from(n), n.into()));
        }
        let kept: Vec<u8> = (1..=200).filter(|n| recall(&memory, &digest(*n), 0.0).is_some()).collect();
        assert_eq!(kept, [197, 198, 199, 200]);
        memory.remember(known(digest(200), 500.0, 7));
        let kept = (1..=200).filter(|n| recall(&memory, &digest(*n), 0.0).is_some()).count();
        assert_eq!((kept, recall(&memory, &digest(200), 400.0)), (4, Some(7)), "the same token takes one place");
    }
}
