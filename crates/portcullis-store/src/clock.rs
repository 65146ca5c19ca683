//! The clock of the stores. Tests replace it, so that they need not wait for entries to expire.

use std::sync::Arc;
use std::time::Duration;

use bson::DateTime;

/// A clock. Clones return the same time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime + Send + Sync>);

impl Clock {
    /// Returns the clock of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self::telling(DateTime::now)
    }

    /// Creates a clock that returns the value of `now`.
    pub fn telling(now: impl Fn() -> DateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Returns the current time, to the millisecond.
    #[must_use]
    pub fn now(&self) -> DateTime {
        (self.0)()
    }

    /// Returns the time `ago` before now.
    pub(super) fn before(&self, ago: Duration) -> DateTime {
        let ago = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        DateTime::from_millis(self.now().timestamp_millis().saturating_sub(ago))
    }
}
