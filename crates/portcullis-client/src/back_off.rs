//! How long all tabs wait after a refresh that failed, before they ask the provider again.

use crate::fetch::MAX_RETRY_AFTER;
use crate::storage::WebStorage;

/// The localStorage key. The value holds the number of failures, the end of the wait (seconds since 1970 by our
/// server's clock), and whether the provider named that time.
pub const BACK_OFF_KEY: &str = "portcullis_retry";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct BackOff {
    failures: u32,
    until: u64,
    /// The provider demands the wait (`Retry-After`, RFC 9110 §10.2.3), so neither a person nor an event may end it.
    is_required: bool,
}

impl BackOff {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let (failures, until) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { failures, until, is_required: parts.next() == Some("asked") })
    }

    /// Returns the back-off after one more failure at `now`.
    fn after(previous: Option<Self>, now: u64, retry_after: Option<u64>) -> Self {
        let failures = previous.map_or(0, |previous| previous.failures).saturating_add(1);
        let seconds = retry_after.unwrap_or(0).max(delay_after(failures));
        Self { failures, until: now.saturating_add(seconds), is_required: retry_after.is_some() }
    }

    fn to_text(self) -> String {
        let Self { failures, until, is_required } = self;
        format!("{failures} {until} {}", if is_required { "asked" } else { "chosen" })
    }
}

fn stored() -> Option<BackOff> {
    BackOff::parse(&WebStorage::Local.text(BACK_OFF_KEY)?)
}

/// Returns how many seconds to wait after `failures` failures in a row.
pub fn delay_after(failures: u32) -> u64 {
    (5 << failures.saturating_sub(1).min(4)).min(60)
}

/// Returns whether to wait at `now`.
pub fn is_active(now: u64) -> bool {
    seconds_left(now) > 0
}

/// Returns how many seconds are left at `now`. An end that is too far ahead was written by a wrong clock.
pub fn seconds_left(now: u64) -> u64 {
    stored().map(|back_off| back_off.until.saturating_sub(now)).filter(|left| *left <= MAX_RETRY_AFTER).unwrap_or(0)
}

/// Starts a back-off at `now`: as long as the provider demands, and longer with each failure.
pub fn start(now: u64, retry_after: Option<u64>) {
    let _ = WebStorage::Local.set_js(BACK_OFF_KEY, BackOff::after(stored(), now, retry_after).to_text());
}

/// Ends a back-off that the provider did not demand: the person wants to try now, or the network is back.
pub fn end_early() {
    if stored().is_some_and(|back_off| !back_off.is_required) {
        clear();
    }
}

/// Ends the back-off: the provider has answered, or nobody is signed in.
pub fn clear() {
    WebStorage::Local.delete(BACK_OFF_KEY);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_grows_to_a_minute() {
        let delays: Vec<_> = (1..8).map(delay_after).collect();
        assert_eq!(delays, [5, 10, 20, 40, 60, 60, 60]);
    }

    #[test]
    fn back_off_counts_failures_and_respects_retry_after() {
        let first = BackOff::after(None, 1_000, None);
        assert_eq!(first, BackOff { failures: 1, until: 1_005, is_required: false });
        let second = BackOff::after(Some(first), 2_000, Some(90));
        assert_eq!(second, BackOff { failures: 2, until: 2_090, is_required: true });
        assert_eq!(BackOff::after(Some(second), 3_000, Some(1)).until, 3_020);
        assert_eq!(BackOff::parse(&second.to_text()), Some(second));
    }

    #[test]
    fn back_off_unreadable_is_none() {
        for text in ["", "1", "x 1", "1 x", "-1 5"] {
            assert_eq!(BackOff::parse(text), None, "{text:?}");
        }
    }
}
