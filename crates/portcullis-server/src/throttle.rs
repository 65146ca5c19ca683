//! Warnings about what anyone can cause as often as they like: one at a time, with the number of those left out.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long after a warning the next one of its kind may come.
pub const WARNING_INTERVAL: Duration = Duration::from_secs(10);

/// The warnings of one kind.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<ThrottleState>);

#[derive(Debug, Default)]
struct ThrottleState {
    last: Option<Instant>,
    suppressed: u64,
}

impl Throttle {
    /// One that has admitted nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(ThrottleState { last: None, suppressed: 0 }))
    }

    /// Returns how many warnings were left out since the last one, if another may be written now; else counts it.
    pub fn admit(&self) -> Option<u64> {
        self.admit_at(Instant::now())
    }

    fn admit_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.last.is_some_and(|last| now - last < WARNING_INTERVAL) {
            state.suppressed += 1;
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttle_admits_one_warning_per_interval() {
        let (throttle, start) = (Throttle::new(), Instant::now());
        assert_eq!(throttle.admit_at(start), Some(0));
        assert_eq!((throttle.admit_at(start), throttle.admit_at(start)), (None, None));
        assert_eq!(throttle.admit_at(start + WARNING_INTERVAL), Some(2));
        assert_eq!(throttle.admit_at(start + WARNING_INTERVAL), None);
    }
}
