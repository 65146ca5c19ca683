//! A token bucket: a burst after a quiet time, then one token per interval.

use std::time::Duration;

use tokio::time::Instant;

/// A token bucket.
#[derive(Debug, Clone, Copy)]
pub struct TokenBucket {
    /// The maximum number of tokens.
    burst: u32,
    /// The time until there is one more token.
    interval: Duration,
    /// The time at which it is full again.
    full_at: Instant,
}

impl TokenBucket {
    /// Returns a bucket of `burst` tokens, and one more for each `interval`, that is full at `now`.
    #[must_use]
    pub fn full(burst: u32, interval: Duration, now: Instant) -> Self {
        Self { burst, interval, full_at: now }
    }

    /// Returns how long it takes from `now` until there is a token.
    #[must_use]
    pub fn wait(self, now: Instant) -> Duration {
        self.full_at.saturating_duration_since(now).saturating_sub(self.interval * self.burst.saturating_sub(1))
    }

    /// Whether there is a token at `now`.
    #[must_use]
    pub fn has_token(self, now: Instant) -> bool {
        self.wait(now).is_zero()
    }

    /// Takes a token at `now`, even if there is none yet.
    pub fn take(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + self.interval;
    }

    /// Takes a token at `now` if there is one, and returns whether there was.
    pub fn try_take(&mut self, now: Instant) -> bool {
        let has_token = self.has_token(now);
        if has_token {
            self.take(now);
        }
        has_token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(12);

    #[test]
    fn bucket_gives_three_at_once_then_one_per_interval() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut bucket = TokenBucket::full(3, INTERVAL, start);
        for n in 0..3 {
            assert!(bucket.has_token(start), "token {n}");
            bucket.take(start);
        }
        assert_eq!(bucket.wait(start), INTERVAL);
        assert_eq!(bucket.wait(after(5)), Duration::from_secs(7));
        assert!(!bucket.has_token(after(11)) && bucket.has_token(after(12)));
        bucket.take(after(12));
        assert_eq!(bucket.wait(after(12)), INTERVAL);
        // It never holds more than three.
        for _ in 0..3 {
            assert!(bucket.try_take(after(3600)));
        }
        assert!(!bucket.has_token(after(3600)));
    }

    #[test]
    fn bucket_without_a_token_is_not_charged() {
        let start = Instant::now();
        let mut bucket = TokenBucket::full(1, INTERVAL, start);
        assert!(bucket.try_take(start));
        for _ in 0..5 {
            assert!(!bucket.try_take(start));
        }
        assert!(bucket.try_take(start + INTERVAL));
    }
}
