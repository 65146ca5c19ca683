//! How often the provider may be asked for its keys: a token bucket.

use std::time::Duration;

use tokio::time::Instant;

/// How long it takes until one more fetch may start: five a minute in the long run.
pub const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(12);
/// How many fetches may follow each other at once after a quiet time: providers make several keys at first use.
pub const REFRESH_BURST: u32 = 3;

/// A token bucket: one token per [`MIN_REFRESH_INTERVAL`], at most [`REFRESH_BURST`]. Each fetch takes one.
#[derive(Debug, Clone, Copy)]
pub(super) struct TokenBucket {
    /// When it is full again.
    full_at: Instant,
}

impl TokenBucket {
    /// Returns a bucket that is full at `now`.
    pub(super) fn full(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// How long it takes from `now` until there is a token.
    pub(super) fn wait(self, now: Instant) -> Duration {
        self.full_at.saturating_duration_since(now).saturating_sub(MIN_REFRESH_INTERVAL * (REFRESH_BURST - 1))
    }

    /// Whether there is a token at `now`.
    pub(super) fn has_token(self, now: Instant) -> bool {
        self.wait(now).is_zero()
    }

    /// Takes a token at `now`.
    pub(super) fn take(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + MIN_REFRESH_INTERVAL;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_gives_three_at_once_then_one_per_interval() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut bucket = TokenBucket::full(start);
        for n in 0..3 {
            assert!(bucket.has_token(start), "token {n}");
            bucket.take(start);
        }
        assert_eq!(bucket.wait(start), MIN_REFRESH_INTERVAL);
        assert_eq!(bucket.wait(after(5)), Duration::from_secs(7));
        assert!(!bucket.has_token(after(11)) && bucket.has_token(after(12)));
        bucket.take(after(12));
        assert_eq!(bucket.wait(after(12)), MIN_REFRESH_INTERVAL);
        // It never holds more than three.
        for _ in 0..3 {
            assert!(bucket.has_token(after(3600)));
            bucket.take(after(3600));
        }
        assert!(!bucket.has_token(after(3600)));
    }
}
