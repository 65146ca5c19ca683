//! Times in words: the distance from now, and the date.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last second of an HTTP date (9999-12-31T23:59:59Z).
const MAX_HTTP_DATE: f64 = 253_402_300_799.0;

/// The words for a time in the past, and for a time in the future.
pub(super) struct Words {
    past: &'static str,
    future: &'static str,
}

/// For `nbf`.
pub(super) const ACTIVE: Words = Words { past: "valid since", future: "not valid for another" };
/// For `exp`.
pub(super) const EXPIRES: Words = Words { past: "expired", future: "valid for another" };
/// For `iat`.
pub(super) const ISSUED: Words = Words { past: "issued", future: "issued in the future, by" };

/// Describes `at` relative to `now`, both in seconds since 1970.
pub(super) fn relation(at: f64, now: f64, words: Words) -> String {
    let distance = distance((at - now).abs());
    match (at > now, words.past) {
        (true, _) => format!("{} {distance} ({})", words.future, date(at)),
        (false, "valid since") => format!("valid for {distance} now ({})", date(at)),
        (false, past) => format!("{past} {distance} ago ({})", date(at)),
    }
}

/// Returns a duration in its two largest units.
fn distance(seconds: f64) -> String {
    let whole = seconds as u64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{whole} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => format!("{hours} h {minutes} min"),
        (1..=9999, ..) => format!("{days} d {hours} h"),
        _ => "more than 9999 d".into(),
    }
}

fn date(at: f64) -> String {
    if (0.0..=MAX_HTTP_DATE).contains(&at) {
        let time: SystemTime = UNIX_EPOCH + Duration::from_secs(at as u64);
        httpdate::fmt_http_date(time)
    } else {
        "not a date".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relation_has_distance_and_date() {
        let now = 784_111_777.0;
        assert_eq!(relation(now - 185.0, now, EXPIRES), "expired 3 min ago (Sun, 06 Nov 1994 08:46:32 GMT)");
        assert_eq!(relation(now + 540.5, now, EXPIRES), "valid for another 9 min (Sun, 06 Nov 1994 08:58:37 GMT)");
        assert_eq!(relation(now - 7.0, now, ISSUED), "issued 7 s ago (Sun, 06 Nov 1994 08:49:30 GMT)");
        assert_eq!(relation(now - 90_000.0, now, ACTIVE), "valid for 1 d 1 h now (Sat, 05 Nov 1994 07:49:37 GMT)");
        assert_eq!(
            relation(now + 3700.0, now, ACTIVE),
            "not valid for another 1 h 1 min (Sun, 06 Nov 1994 09:51:17 GMT)"
        );
    }

    #[test]
    fn relation_accepts_any_number() {
        for at in [-1.0, -1e300, 1e300, MAX_HTTP_DATE + 1.0, f64::MAX, 0.5] {
            assert!(!relation(at, 784_111_777.0, EXPIRES).is_empty(), "{at}");
        }
        assert!(relation(1e300, 0.0, EXPIRES).contains("not a date"));
    }
}
