//! When the provider may be asked for a refresh again after it was asked in vain: one pause for all tabs.

use crate::fetch::MAX_RETRY_AFTER;
use crate::storage::Kept;

/// The localStorage key: how often it was in vain, until when to wait (seconds since 1970 by our server's clock), and
/// whether the provider has named that time.
pub const RETRY: &str = "portcullis_retry";

/// A pause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Pause {
    failures: u32,
    until: u64,
    /// The provider has asked for it (`Retry-After`, RFC 9110 §10.2.3), so no person and no event ends it.
    is_asked_for: bool,
}

impl Pause {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (failures, until) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Self { failures, until, is_asked_for: words.next() == Some("asked") })
    }

    /// The pause after one more try in vain at `now`.
    fn after(known: Option<Self>, now: u64, retry_after: Option<u64>) -> Self {
        let failures = known.map_or(0, |known| known.failures).saturating_add(1);
        let seconds = retry_after.unwrap_or(0).max(pause_after(failures));
        Self { failures, until: now.saturating_add(seconds), is_asked_for: retry_after.is_some() }
    }

    fn text(self) -> String {
        let Self { failures, until, is_asked_for } = self;
        format!("{failures} {until} {}", if is_asked_for { "asked" } else { "chosen" })
    }
}

fn known() -> Option<Pause> {
    Pause::parse(&Kept::Everywhere.text(RETRY)?)
}

/// How long to wait after `failures` tries in a row that were in vain, in seconds.
pub fn pause_after(failures: u32) -> u64 {
    (5 << failures.saturating_sub(1).min(4)).min(60)
}

/// Whether the pause goes on at `now`.
pub fn is_pending(now: u64) -> bool {
    seconds_left(now) > 0
}

/// How long the pause goes on at `now`, in seconds. One that ends too far ahead was written by a clock that was wrong.
pub fn seconds_left(now: u64) -> u64 {
    known().map(|pause| pause.until.saturating_sub(now)).filter(|left| *left <= MAX_RETRY_AFTER).unwrap_or(0)
}

/// Begins a pause at `now`, which lasts as long as the provider asks for, and longer each time.
pub fn remember(now: u64, retry_after: Option<u64>) {
    let _ = Kept::Everywhere.put(RETRY, Pause::after(known(), now, retry_after).text());
}

/// Ends a pause that the provider has not asked for: the person wants to try now, or the network is back.
pub fn end_early() {
    if known().is_some_and(|pause| !pause.is_asked_for) {
        forget();
    }
}

/// Forgets the pause: the provider has answered, or nobody is signed in.
pub fn forget() {
    Kept::Everywhere.delete(RETRY);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute() {
        let pauses: Vec<_> = (1..8).map(pause_after).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60, 60]);
    }

    #[test]
    fn pause_is_counted_on_and_lasts_as_long_as_asked_for() {
        let first = Pause::after(None, 1_000, None);
        assert_eq!(first, Pause { failures: 1, until: 1_005, is_asked_for: false });
        let second = Pause::after(Some(first), 2_000, Some(90));
        assert_eq!(second, Pause { failures: 2, until: 2_090, is_asked_for: true });
        assert_eq!(Pause::after(Some(second), 3_000, Some(1)).until, 3_020);
        assert_eq!(Pause::parse(&second.text()), Some(second));
    }

    #[test]
    fn pause_that_cannot_be_read_is_none() {
        for text in ["", "1", "x 1", "1 x", "-1 5"] {
            assert_eq!(Pause::parse(text), None, "{text:?}");
        }
    }
}
