//! Times for people: how long ago, and when by the clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last second that an HTTP date can name (9999-12-31T23:59:59Z).
const LAST: f64 = 253_402_300_799.0;

/// How a time is spoken of when it lies behind, and when it lies ahead.
pub(super) struct Words {
    past: &'static str,
    future: &'static str,
}

/// Of `nbf`.
pub(super) const ACTIVE: Words = Words { past: "valid since", future: "not valid for another" };
/// Of `exp`.
pub(super) const EXPIRES: Words = Words { past: "expired", future: "good for another" };
/// Of `iat`.
pub(super) const ISSUED: Words = Words { past: "issued", future: "issued in the future, by" };

/// Where `at` lies from `now`, both in seconds since 1970.
pub(super) fn relation(at: f64, now: f64, words: Words) -> String {
    let distance = distance((at - now).abs());
    match (at > now, words.past) {
        (true, _) => format!("{} {distance} ({})", words.future, date(at)),
        (false, "valid since") => format!("valid for {distance} now ({})", date(at)),
        (false, past) => format!("{past} {distance} ago ({})", date(at)),
    }
}

/// A length of time, in its two largest units.
fn distance(seconds: f64) -> String {
    let whole = seconds as u64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{whole} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => format!("{hours} h {minutes} min"),
        (1..=9999, ..) => format!("{days} d {hours} h"),
        _ => "ages".into(),
    }
}

fn date(at: f64) -> String {
    if (0.0..=LAST).contains(&at) {
        let time: SystemTime = UNIX_EPOCH + Duration::from_secs(at as u64);
        httpdate::fmt_http_date(time)
    } else {
        "a time that no calendar has".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_tell_them() {
        let now = 784_111_777.0;
        assert_eq!(relation(now - 185.0, now, EXPIRES), "expired 3 min ago (Sun, 06 Nov 1994 08:46:32 GMT)");
        assert_eq!(relation(now + 540.5, now, EXPIRES), "good for another 9 min (Sun, 06 Nov 1994 08:58:37 GMT)");
        assert_eq!(relation(now - 7.0, now, ISSUED), "issued 7 s ago (Sun, 06 Nov 1994 08:49:30 GMT)");
        assert_eq!(relation(now - 90_000.0, now, ACTIVE), "valid for 1 d 1 h now (Sat, 05 Nov 1994 07:49:37 GMT)");
        assert_eq!(
            relation(now + 3700.0, now, ACTIVE),
            "not valid for another 1 h 1 min (Sun, 06 Nov 1994 09:51:17 GMT)"
        );
    }

    #[test]
    fn no_number_is_too_large_or_too_small_to_be_told() {
        for at in [-1.0, -1e300, 1e300, LAST + 1.0, f64::MAX, 0.5] {
            assert!(!relation(at, 784_111_777.0, EXPIRES).is_empty(), "{at}");
        }
        assert!(relation(1e300, 0.0, EXPIRES).contains("no calendar"));
    }
}
