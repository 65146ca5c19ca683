//! What time it is, for the stores: what they keep for a while must be tested without waiting for it.

use std::sync::Arc;
use std::time::Duration;

use bson::DateTime;

/// A clock; clones tell the same time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime + Send + Sync>);

impl Clock {
    /// The clock of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self::telling(DateTime::now)
    }

    /// A clock that tells what `now` gives.
    pub fn telling(now: impl Fn() -> DateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time, to the millisecond.
    #[must_use]
    pub fn now(&self) -> DateTime {
        (self.0)()
    }

    /// The time that was `ago`.
    pub(super) fn before(&self, ago: Duration) -> DateTime {
        let ago = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        DateTime::from_millis(self.now().timestamp_millis().saturating_sub(ago))
    }
}
