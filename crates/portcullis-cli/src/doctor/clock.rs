//! Compares the provider's clock with this machine's, by the `Date` of its response (RFC 9110 §6.6.1).

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

use super::case::Case;
use super::finding::Finding;
use super::fixes::Problem;

const CHECK: &str = "clock";
/// The difference of the clocks from which it is an error and not a warning, in seconds.
const MAX_DRIFT: f64 = 60.0;

/// Compares the `Date` in `headers` with `now`. A difference of `leeway` seconds is allowed.
pub(super) fn check(case: &mut Case<'_>, headers: &HeaderMap, now: SystemTime, leeway: f64) {
    let Some(theirs) = time_of(headers) else {
        // Many gateways omit it, which does not mean that a clock is wrong.
        let seen = "the provider's response has no Date, so its clock cannot be compared with this machine's";
        return case.findings.push(Finding::skipped(CHECK, seen));
    };
    let seconds = match theirs.duration_since(now) {
        Ok(ahead) => ahead.as_secs_f64(),
        Err(behind) => -behind.duration().as_secs_f64(),
    };
    let apart = seconds.abs();
    let relation = if seconds > 0.0 { "ahead of" } else { "behind" };
    let seen = format!(
        "the provider's clock is {apart:.0} s {relation} this machine's; a difference of {leeway} s is allowed"
    );
    match apart {
        _ if apart <= leeway => {
            case.good(CHECK, format!("the clocks of the provider and of this machine agree within {leeway} s"))
        }
        _ if apart <= MAX_DRIFT => case.warn(CHECK, seen, Problem::Clock),
        _ => case.bad(CHECK, seen, Problem::Clock),
    }
}

/// Returns the provider's current time: the date of the response plus its age in a cache.
fn time_of(headers: &HeaderMap) -> Option<SystemTime> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let date = httpdate::parse_http_date(text(header::DATE)?).ok()?;
    // A cache may count more than a day, but not more than a month.
    let age = text(header::AGE).and_then(|age| age.parse().ok()).unwrap_or(0).min(31 * 86_400);
    // The date is cut off to the second. On average, half a second has passed since.
    Some(date + Duration::from_secs(age) + Duration::from_millis(500))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::CheckStatus;
    use crate::doctor::fixes::Facts;
    use crate::doctor::provider::ProviderKind;
    use http::HeaderValue;
    use portcullis_server::config::TrustedIssuer;

    fn verdict(headers: &[(header::HeaderName, &str)], now: u64) -> (CheckStatus, String) {
        let trusted = TrustedIssuer::new("https://i.example", "api");
        let mut case = Case::new(&trusted, ProviderKind::Unknown, Facts::default());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name, HeaderValue::from_str(value).expect("a header value"));
        }
        check(&mut case, &map, SystemTime::UNIX_EPOCH + Duration::from_secs(now), 5.0);
        let finding = case.findings.remove(0);
        (finding.status, finding.seen)
    }

    #[test]
    fn clock_is_compared_with_leeway_and_one_minute() {
        // RFC 9110 §5.6.7: 784111777.
        let date = (header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
        let at = |seconds: i64| verdict(std::slice::from_ref(&date), 784_111_777_u64.saturating_add_signed(seconds));
        for (seconds, outcome) in [
            (0, CheckStatus::Good),
            (5, CheckStatus::Good),
            (-4, CheckStatus::Good),
            (7, CheckStatus::Warning),
            (-6, CheckStatus::Warning),
            (60, CheckStatus::Warning),
            (62, CheckStatus::Bad),
            (-62, CheckStatus::Bad),
        ] {
            assert_eq!(at(seconds).0, outcome, "{seconds} s");
        }
        assert!(at(100).1.contains("behind"), "{:?}", at(100));
        assert!(at(-100).1.contains("ahead of"), "{:?}", at(-100));
    }

    #[test]
    fn clock_of_a_cached_response_includes_its_age() {
        let date = (header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(verdict(&[date.clone(), (header::AGE, "3600")], 784_111_777 + 3600).0, CheckStatus::Good);
        assert_eq!(verdict(&[date], 784_111_777 + 3600).0, CheckStatus::Bad);
    }

    #[test]
    fn clock_without_a_date_is_skipped() {
        assert_eq!(verdict(&[], 784_111_777).0, CheckStatus::Skipped);
        assert_eq!(verdict(&[(header::DATE, "yesterday")], 784_111_777).0, CheckStatus::Skipped);
    }
}
