//! Prices as people write them: minor units become decimals and back, with as many decimals as the currency has.

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

/// Reads the price that a person wrote, in minor units of `currency`; `None` for a blank field. Decimals follow a point or a
/// comma, and missing ones are zeros.
///
/// # Errors
/// What is wrong, in words that fit beside the field. It does not check whether the price is too high.
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
    fn prices_have_the_decimals_of_their_currency() {
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
    fn money_that_is_shown_is_read_back_as_the_same() {
        for currency in ["EUR", "JPY", "KWD"] {
            for price in [0, 1, 99, 100, 1_000_000_000_000] {
                assert_eq!(from_text(&to_text(price, currency), currency), Ok(Some(price)), "{price} {currency}");
            }
        }
    }
}
