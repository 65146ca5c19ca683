//! Dates without a time, as `2026-11-26` (RFC 3339 `full-date`).

use serde_json::Value;

use super::super::field::{Control, Holds, Input, Kind, ReadTexts};
use super::text;

/// A date: a `String` or an `Option<String>` that holds it as `2026-11-26`.
pub struct Date;

impl Holds<String> for Date {
    const IS_OPTIONAL: bool = false;
}
impl Holds<Option<String>> for Date {
    const IS_OPTIONAL: bool = true;
}

impl Date {
    /// Returns whether `text` is a date of the Gregorian calendar, as `2026-11-26`. The check of a record can call it
    /// too.
    #[must_use]
    pub fn is_date(text: &str) -> bool {
        let bytes = text.as_bytes();
        let is_digit = |index: usize| bytes[index].is_ascii_digit();
        let has_format = bytes.len() == 10
            && bytes[4] == b'-'
            && bytes[7] == b'-'
            && [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(is_digit);
        if !has_format {
            return false;
        }
        let number = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap_or_default();
        let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        (1..=days).contains(&day)
    }
}

impl Kind for Date {
    fn control(&self, _: usize) -> Control {
        Control::Date
    }

    fn to_texts(&self, values: &[&Value]) -> Vec<String> {
        vec![text::text(values)]
    }

    fn read(&self, texts: &[&str], _: &[&Value], inputs: &[Input]) -> ReadTexts {
        let text = texts.first().copied().unwrap_or_default().trim();
        if text.is_empty() || Self::is_date(text) {
            return ReadTexts::one(text::value(text, inputs));
        }
        ReadTexts::error(text::value("", inputs), "Enter a date as year, month and day, for example 2026-11-26")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_is_a_day_of_the_calendar() {
        for right in ["2026-11-26", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"] {
            assert!(Date::is_date(right), "{right}");
        }
        for wrong in
            ["", "2026-11-31", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "26-11-2026"]
        {
            assert!(!Date::is_date(wrong), "{wrong}");
        }
        assert!(!Date::is_date("2026-11-2\u{660}"), "digits of other scripts");
    }

    #[test]
    fn date_reads_blank_as_none() {
        let inputs = [Input::new("due", "Due", true)];
        assert_eq!(Date.read(&[" "], &[], &inputs), ReadTexts::one(Value::Null));
        assert_eq!(Date.read(&["2026-11-26 "], &[], &inputs), ReadTexts::one("2026-11-26".into()));
        assert!(Date.read(&["tomorrow"], &[], &inputs).error.is_some());
    }
}
