//! Limits log warnings that any client can cause: one per interval, with the number of suppressed ones.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The minimum time between two warnings of the same kind.
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
    /// Creates a throttle that admits the next warning.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(ThrottleState { last: None, suppressed: 0 }))
    }

    /// Returns the number of suppressed warnings since the last one if another may be logged now. Otherwise counts it
    /// and returns `None`.
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
