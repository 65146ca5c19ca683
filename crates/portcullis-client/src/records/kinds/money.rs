//! Prices with their currency: minor units become decimals and back, with as many decimals as the currency has.

use serde_json::Value;

use super::super::field::{Control, Holds, Input, Kind, ReadTexts};

/// A price in the minor unit of its currency, an `Option<i64>`, and its currency, an `Option<String>`.
pub struct Money;

impl Holds<Option<i64>> for Money {
    const IS_OPTIONAL: bool = true;
}
impl Holds<Option<String>> for Money {
    const IS_OPTIONAL: bool = true;
}

fn currency<'a>(values: &[&'a Value]) -> Option<&'a str> {
    values.get(1).and_then(|value| value.as_str())
}

impl Kind for Money {
    fn control(&self, index: usize) -> Control {
        if index == 0 { Control::Amount } else { Control::Line }
    }

    fn to_texts(&self, values: &[&Value]) -> Vec<String> {
        let currency = currency(values).unwrap_or_default();
        let price = values.first().and_then(|value| value.as_i64());
        vec![price.map(|price| to_text(price, currency)).unwrap_or_default(), currency.to_owned()]
    }

    fn read(&self, texts: &[&str], stored: &[&Value], _: &[Input]) -> ReadTexts {
        let text = |index: usize| texts.get(index).copied().unwrap_or_default();
        // A stored currency stays as it is, although another program may have written it in another form.
        let is_stored = currency(stored) == Some(text(1));
        let currency = if is_stored { text(1).to_owned() } else { text(1).trim().to_ascii_uppercase() };
        let amount = from_text(text(0), &currency);
        // A text that can't be read still counts as a price, so that its currency is not reported as superfluous.
        let price = amount.unwrap_or(Some(0)).map_or(Value::Null, Value::from);
        let currency = if currency.is_empty() { Value::Null } else { currency.into() };
        ReadTexts { values: vec![price, currency], error: amount.err().map(|message| (0, message)) }
    }

    fn show(&self, values: &[&Value]) -> Option<String> {
        let price = values.first()?.as_i64()?;
        let currency = currency(values).unwrap_or_default();
        Some(format!("{} {currency}", to_text(price, currency)).trim_end().to_owned())
    }
}

/// Returns how many decimals `currency` has (ISO 4217).
#[must_use]
pub fn decimals(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Returns `price`, in minor units of `currency`, as people write it, without the currency.
#[must_use]
pub fn to_text(price: i64, currency: &str) -> String {
    let decimals = decimals(currency);
    let digits = format!("{:0>width$}", price.unsigned_abs(), width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let point = if decimals == 0 { "" } else { "." };
    let sign = if price < 0 { "-" } else { "" };
    format!("{sign}{whole}{point}{part}")
}

/// Reads the price that a person wrote, in minor units of `currency`, or `None` for a blank text. Decimals follow a
/// point or a comma, and missing ones are zeros.
///
/// # Errors
/// A message for the person if the text is not a price. The check of the record decides which prices are too high.
pub fn from_text(text: &str, currency: &str) -> Result<Option<i64>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let decimals = decimals(currency);
    let is_number = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(part) || text.ends_with(['.', ',']) {
        return Err("A price is a number, for example 49.90");
    }
    if part.len() > decimals {
        return Err("The price has more decimals than its currency");
    }
    let digits = format!("{whole}{part:0<decimals$}");
    digits.parse().map(Some).map_err(|_| "The price is too high")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_the_decimals_of_its_currency() {
        assert_eq!(to_text(4900, "EUR"), "49.00");
        assert_eq!(to_text(5, "EUR"), "0.05");
        assert_eq!(to_text(-150, "USD"), "-1.50");
        assert_eq!(to_text(4900, "JPY"), "4900");
        assert_eq!(to_text(1234, "KWD"), "1.234");
        assert_eq!(to_text(i64::MIN, ""), "-92233720368547758.08");
    }

    #[test]
    fn money_input_becomes_minor_units() {
        for (text, currency, price) in [
            ("49", "EUR", 4900),
            ("49.9", "EUR", 4990),
            (" 49,90 ", "EUR", 4990),
            ("0.05", "EUR", 5),
            ("4900", "JPY", 4900),
            ("1.234", "KWD", 1234),
            ("007", "EUR", 700),
        ] {
            assert_eq!(from_text(text, currency), Ok(Some(price)), "{text} {currency}");
        }
        assert_eq!(from_text("  ", "EUR"), Ok(None));
        for (bad, currency) in [
            ("x", "EUR"),
            ("-1", "EUR"),
            ("+1", "EUR"),
            (".5", "EUR"),
            ("5.", "EUR"),
            ("1.2.3", "EUR"),
            ("1.234", "EUR"),
            ("1.0", "JPY"),
            ("1e3", "EUR"),
            ("99999999999999999999", "EUR"),
        ] {
            assert!(from_text(bad, currency).is_err(), "{bad} {currency}");
        }
    }

    #[test]
    fn money_text_is_read_back_as_the_same_price() {
        for currency in ["EUR", "JPY", "KWD"] {
            for price in [0, 1, 99, 100, 1_000_000_000_000] {
                assert_eq!(from_text(&to_text(price, currency), currency), Ok(Some(price)), "{price} {currency}");
            }
        }
    }

    #[test]
    fn money_is_shown_with_its_currency() {
        assert_eq!(Money.show(&[&4900.into(), &"EUR".into()]).as_deref(), Some("49.00 EUR"));
        assert_eq!(Money.show(&[&4900.into(), &Value::Null]).as_deref(), Some("49.00"));
        assert_eq!(Money.show(&[&Value::Null, &"EUR".into()]), None);
    }

    #[test]
    fn money_keeps_a_stored_currency_as_it_is() {
        let stored = [&4900.into(), &"eur".into()];
        assert_eq!(Money.read(&["50", "eur"], &stored, &[]).values, [Value::from(5000), "eur".into()]);
        assert_eq!(Money.read(&["50", " usd "], &stored, &[]).values, [Value::from(5000), "USD".into()]);
    }
}
