//! A price with its currency: two fields of the record that mean nothing without each other.

use serde_json::Value;

use super::super::field::{Control, Holds, Input, Kind, ReadTexts};
use super::money;

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
    fn control(&self, input: usize) -> Control {
        if input == 0 { Control::Amount } else { Control::Line }
    }

    fn to_texts(&self, values: &[&Value]) -> Vec<String> {
        let currency = currency(values).unwrap_or_default();
        let price = values.first().and_then(|value| value.as_i64());
        vec![price.map(|price| money::to_text(price, currency)).unwrap_or_default(), currency.to_owned()]
    }

    fn read(&self, texts: &[&str], stored: &[&Value], _: &[Input]) -> ReadTexts {
        let text = |at: usize| texts.get(at).copied().unwrap_or_default();
        // What is stored is right, however another program wrote it.
        let is_stored = currency(stored) == Some(text(1));
        let currency = if is_stored { text(1).to_owned() } else { text(1).trim().to_ascii_uppercase() };
        let amount = money::from_text(text(0), &currency);
        // A price that cannot be read is a price all the same: its currency is not needless.
        let price = amount.unwrap_or(Some(0)).map_or(Value::Null, Value::from);
        let currency = if currency.is_empty() { Value::Null } else { currency.into() };
        ReadTexts { values: vec![price, currency], error: amount.err().map(|message| (0, message)) }
    }

    fn show(&self, values: &[&Value]) -> Option<String> {
        let price = values.first()?.as_i64()?;
        let currency = currency(values).unwrap_or_default();
        Some(format!("{} {currency}", money::to_text(price, currency)).trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
