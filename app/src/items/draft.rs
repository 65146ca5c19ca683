//! The fields of an item that people edit, and their check. The form and the server run the same check.

use portcullis::record::Record;
use portcullis::{FieldErrors, Fields, FromFields};
use serde::{Deserialize, Serialize};

use super::{AdminItems, DeleteItems, ReadItems, WriteItems};

/// The fields of an item that people edit.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct ItemDraft {
    /// The name.
    pub name: String,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The price in the currency's minor unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    /// The currency of the price, an ISO 4217 code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

impl ItemDraft {
    /// The longest name, in characters.
    pub const MAX_NAME_CHARS: usize = 120;
    /// The longest description, in characters.
    pub const MAX_DESCRIPTION_CHARS: usize = 2_000;
    /// The highest price, in minor units.
    pub const MAX_PRICE: i64 = 1_000_000_000_000;

    fn check_price(&self, errors: &mut FieldErrors) {
        match (self.price, &self.currency) {
            (Some(price), _) if price < 0 => errors.add("price", "The price cannot be below zero"),
            (Some(price), _) if price > Self::MAX_PRICE => errors.add("price", "The price is too high"),
            (None, Some(_)) => errors.add("price", "A currency needs a price"),
            _ => {}
        }
        match &self.currency {
            Some(code) if code.len() != 3 || !code.bytes().all(|letter| letter.is_ascii_uppercase()) => {
                errors.add("currency", "A currency is three capital letters, for example EUR");
            }
            None if self.price.is_some() => errors.add("currency", "A price needs a currency"),
            _ => {}
        }
    }
}

impl Record for ItemDraft {
    type Read = ReadItems;
    type Write = WriteItems;
    type Delete = DeleteItems;
    type Admin = AdminItems;
    const NAME: &'static str = "Item";
    const COLLECTION: &'static str = "items";
    const FIELDS: &'static [&'static str] = &["name", "description", "price", "currency"];
    const SEARCHED: &'static str = "name";

    /// Trims texts and checks every field. A blank text counts as missing. A price and its currency are checked
    /// together.
    fn check(&self, stored: Option<&Self>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let text =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(Into::into);
        let mut draft = Self {
            name: self.name.trim().to_owned(),
            description: text(&self.description),
            price: self.price,
            currency: text(&self.currency),
        };
        if let Some(stored) = stored.filter(|stored| stored.name == self.name) {
            draft.name.clone_from(&stored.name);
        } else if let Some(message) = name_error(&draft.name) {
            errors.add("name", message);
        }
        let is_blank = |draft: &Self| text(&draft.description).is_none();
        let is_same = |stored: &&Self| stored.description == self.description || (is_blank(stored) && is_blank(self));
        if let Some(stored) = stored.filter(is_same) {
            draft.description.clone_from(&stored.description);
        } else if draft.description.as_ref().is_some_and(|text| text.chars().count() > Self::MAX_DESCRIPTION_CHARS) {
            errors.add("description", "The description can have 2,000 characters at most");
        }
        let price = |draft: &Self| (draft.price, draft.currency.clone());
        if let Some(stored) = stored.filter(|stored| price(stored) == price(self)) {
            (draft.price, draft.currency) = price(stored);
        } else {
            draft.check_price(&mut errors);
        }
        if errors.is_empty() { Ok(draft) } else { Err(errors) }
    }

    /// Removes a currency without a price, which means nothing and which the check rejects.
    fn normalize(mut self) -> Self {
        if self.price.is_none() {
            self.currency = None;
        }
        self
    }
}

impl FromFields for ItemDraft {
    fn from_fields(mut body: Fields) -> Result<Self, FieldErrors> {
        let draft = Self {
            // The check rejects an empty name, so it rejects a missing one too.
            name: body.text("name", "The name must be text").unwrap_or_default(),
            description: body.text("description", "The description must be text"),
            price: body.integer("price", "The price must be a whole number in the currency's minor unit"),
            currency: body.text("currency", "A currency is three capital letters, for example EUR"),
        };
        let errors = body.into_errors();
        if errors.is_empty() {
            return Ok(draft);
        }
        Err(errors.and(draft.validate().err().unwrap_or_default()))
    }
}

/// Returns the error of `name`, or `None` if it is valid.
fn name_error(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("An item needs a name")
    } else if name.chars().count() > ItemDraft::MAX_NAME_CHARS {
        Some("The name can have 120 characters at most")
    } else if name.chars().any(char::is_control) {
        Some("The name must be one line, without control characters")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn priced(price: Option<i64>, currency: Option<&str>) -> ItemDraft {
        ItemDraft { name: "Lamp".into(), description: None, price, currency: currency.map(Into::into) }
    }

    /// Returns the names of the invalid fields.
    fn wrong(draft: &ItemDraft) -> Vec<String> {
        let errors = draft.validate().err().unwrap_or_default();
        errors.iter().map(|(field, _)| field.to_owned()).collect()
    }

    #[test]
    fn texts_are_trimmed_and_empty_ones_are_missing() {
        let draft = ItemDraft {
            name: "  Lamp\n".into(),
            description: Some(" \t".into()),
            price: Some(0),
            currency: Some(" EUR ".into()),
        };
        let valid = draft.validate().expect("right");
        assert_eq!(valid.fields(), &priced(Some(0), Some("EUR")));
    }

    #[test]
    fn name_has_1_to_120_characters_without_controls() {
        let named = |name: &str| ItemDraft { name: name.into(), ..ItemDraft::default() };
        for right in ["x", "\u{e9}", &"\u{e9}".repeat(120), &format!(" {} ", "x".repeat(120))] {
            assert_eq!(wrong(&named(right)), [""; 0], "{right:?}");
        }
        for bad in ["", "   ", &"x".repeat(121), "a\nb", "a\u{0}b", "a\u{7f}b", "a\u{85}b"] {
            assert_eq!(wrong(&named(bad)), ["name"], "{bad:?}");
        }
    }

    #[test]
    fn description_has_at_most_2000_characters() {
        let described = |length| ItemDraft { description: Some("\u{e9}".repeat(length)), ..priced(None, None) };
        assert_eq!(wrong(&described(2_000)), [""; 0]);
        assert_eq!(wrong(&described(2_001)), ["description"]);
    }

    #[test]
    fn price_is_from_zero_to_a_trillion() {
        for right in [0, 1, 1_000_000_000_000] {
            assert_eq!(wrong(&priced(Some(right), Some("EUR"))), [""; 0], "{right}");
        }
        for bad in [-1, 1_000_000_000_001, i64::MIN, i64::MAX] {
            assert_eq!(wrong(&priced(Some(bad), Some("EUR"))), ["price"], "{bad}");
        }
    }

    #[test]
    fn price_and_currency_come_together_or_not_at_all() {
        assert_eq!(wrong(&priced(None, None)), [""; 0]);
        assert_eq!(wrong(&priced(Some(1), None)), ["currency"]);
        assert_eq!(wrong(&priced(None, Some("EUR"))), ["price"]);
    }

    #[test]
    fn currency_is_three_capital_letters() {
        for bad in ["EU", "EURO", "eur", "E R", "E1R", "\u{c9}U"] {
            assert_eq!(wrong(&priced(Some(1), Some(bad))), ["currency"], "{bad:?}");
        }
    }

    #[test]
    fn wrong_fields_are_all_named_at_once() {
        let draft =
            ItemDraft { name: String::new(), description: Some("x".repeat(2_001)), ..priced(Some(-1), Some("x")) };
        assert_eq!(wrong(&draft), ["name", "description", "price", "currency"]);
    }

    #[test]
    fn validate_change_accepts_stored_values_unchanged() {
        for stored in [
            priced(Some(4900), None),
            priced(Some(4900), Some("eur")),
            priced(Some(-1), Some("EURO")),
            ItemDraft { name: String::new(), ..priced(None, None) },
            ItemDraft { name: " two\nlines ".into(), description: Some("x".repeat(2_001)), ..priced(None, None) },
            ItemDraft { description: Some("  ".into()), ..priced(None, None) },
        ] {
            assert_eq!(stored.validate_change(&stored).expect("it is stored").fields(), &stored);
            let renamed = ItemDraft { name: "Torch".into(), ..stored.clone() };
            assert_eq!(renamed.validate_change(&stored).expect("the name alone is new").fields(), &renamed);
        }
    }

    #[test]
    fn validate_change_rejects_new_invalid_values() {
        let stored = priced(Some(4900), None);
        let wrong = |draft: &ItemDraft| {
            let errors = draft.validate_change(&stored).err().unwrap_or_default();
            errors.iter().map(|(field, _)| field.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(wrong(&priced(Some(5000), None)), ["currency"]);
        assert_eq!(wrong(&priced(Some(4900), Some("eur"))), ["currency"]);
        assert_eq!(wrong(&ItemDraft { name: " ".into(), ..stored.clone() }), ["name"]);
        assert_eq!(wrong(&priced(Some(5000), Some("EUR"))), [""; 0]);
    }
}
