//! Do the provider's clock and ours agree? By the `Date` of its answer (RFC 9110 §6.6.1).

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

use super::case::Case;
use super::finding::Finding;
use super::fixes::Fault;

const CHECK: &str = "clock";
/// How far clocks may be apart before it is no slip any more, in seconds.
const FAR: f64 = 60.0;

/// Compares the `Date` in `headers` with `now`; they may be `leeway` seconds apart.
pub(super) fn check(case: &mut Case<'_>, headers: &HeaderMap, now: SystemTime, leeway: f64) {
    let Some(theirs) = time_of(headers) else {
        // Many gateways leave it out, which is no sign that a clock is wrong.
        let seen = "the provider's answer has no Date, so its clock cannot be compared with this machine's";
        return case.findings.push(Finding::skipped(CHECK, seen));
    };
    let seconds = match theirs.duration_since(now) {
        Ok(ahead) => ahead.as_secs_f64(),
        Err(behind) => -behind.duration().as_secs_f64(),
    };
    let apart = seconds.abs();
    let way = if seconds > 0.0 { "ahead of" } else { "behind" };
    let seen =
        format!("the provider's clock is {apart:.0} s {way} this machine's; a difference of {leeway} s is allowed");
    match apart {
        _ if apart <= leeway => case.good(CHECK, format!("the provider's and this machine's agree within {leeway} s")),
        _ if apart <= FAR => case.warn(CHECK, seen, Fault::Clock),
        _ => case.bad(CHECK, seen, Fault::Clock),
    }
}

/// When the answer was made and how long it has lain in a cache, together: the provider's time now.
fn time_of(headers: &HeaderMap) -> Option<SystemTime> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let date = httpdate::parse_http_date(text(header::DATE)?).ok()?;
    // A cache counts a day and more; whatever counts longer is no cache.
    let age = text(header::AGE).and_then(|age| age.parse().ok()).unwrap_or(0).min(31 * 86_400);
    // The date is cut off to a second, in the middle of which it is likeliest to have been.
    Some(date + Duration::from_secs(age) + Duration::from_millis(500))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Outcome;
    use crate::doctor::fixes::Facts;
    use crate::doctor::provider::Provider;
    use http::HeaderValue;
    use portcullis_server::config::TrustedIssuer;

    fn verdict(headers: &[(header::HeaderName, &str)], now: u64) -> (Outcome, String) {
        let trusted = TrustedIssuer::new("https://i.example", "api");
        let mut case = Case::new(&trusted, Provider::Unknown, Facts::default());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name, HeaderValue::from_str(value).expect("a header value"));
        }
        check(&mut case, &map, SystemTime::UNIX_EPOCH + Duration::from_secs(now), 5.0);
        let finding = case.findings.remove(0);
        (finding.outcome, finding.seen)
    }

    #[test]
    fn clocks_are_compared_to_the_leeway_and_to_a_minute() {
        // RFC 9110 §5.6.7: 784111777.
        let date = (header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
        let at = |seconds: i64| verdict(std::slice::from_ref(&date), 784_111_777_u64.saturating_add_signed(seconds));
        for (seconds, outcome) in [
            (0, Outcome::Good),
            (5, Outcome::Good),
            (-4, Outcome::Good),
            (7, Outcome::Warning),
            (-6, Outcome::Warning),
            (60, Outcome::Warning),
            (62, Outcome::Bad),
            (-62, Outcome::Bad),
        ] {
            assert_eq!(at(seconds).0, outcome, "{seconds} s");
        }
        assert!(at(100).1.contains("behind"), "{:?}", at(100));
        assert!(at(-100).1.contains("ahead of"), "{:?}", at(-100));
    }

    #[test]
    fn an_answer_out_of_a_cache_is_as_old_as_it_says() {
        let date = (header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(verdict(&[date.clone(), (header::AGE, "3600")], 784_111_777 + 3600).0, Outcome::Good);
        assert_eq!(verdict(&[date], 784_111_777 + 3600).0, Outcome::Bad);
    }

    #[test]
    fn clock_without_a_date_is_skipped_and_no_warning() {
        assert_eq!(verdict(&[], 784_111_777).0, Outcome::Skipped);
        assert_eq!(verdict(&[(header::DATE, "yesterday")], 784_111_777).0, Outcome::Skipped);
    }
}
