//! What stands in the form of an item, as it was typed, and how it becomes a draft.

use leptos::prelude::*;

use crate::error::FieldErrors;
use crate::items::item::Item;
use crate::items::{ItemDraft, money};

/// What was typed into each field.
#[derive(Clone, Copy)]
pub struct Entries {
    pub name: RwSignal<String>,
    pub description: RwSignal<String>,
    pub price: RwSignal<String>,
    pub currency: RwSignal<String>,
    /// What the form began with: the version of the item; or for a new one, once it was tried to save, a text that is
    /// this form's own.
    pub origin: RwSignal<String>,
    /// What the server has found wrong, until it is tried again.
    pub refused: RwSignal<FieldErrors>,
    /// Whether it was tried to save: before that, nothing is called wrong.
    pub tried: RwSignal<bool>,
}

impl Entries {
    /// An empty form.
    pub fn blank() -> Self {
        let entry = || RwSignal::new(String::new());
        Self {
            name: entry(),
            description: entry(),
            price: entry(),
            currency: entry(),
            origin: entry(),
            refused: RwSignal::new(FieldErrors::default()),
            tried: RwSignal::new(false),
        }
    }

    /// Puts in what `item` says.
    pub fn fill(self, item: &Item) {
        let currency = item.currency.clone().unwrap_or_default();
        self.name.set(item.name.clone());
        self.description.set(item.description.clone().unwrap_or_default());
        self.price.set(item.price.map(|price| money::to_text(price, &currency)).unwrap_or_default());
        self.currency.set(currency);
        self.origin.set(item.version.clone());
        self.refused.set(FieldErrors::default());
        self.tried.set(false);
    }

    /// The draft that was typed, or what is wrong; tracks every field.
    pub fn draft(self) -> Result<ItemDraft, Wrong> {
        read(&self.name.read(), &self.description.read(), &self.price.read(), &self.currency.read())
    }

    /// What is wrong with `field`, once it was tried to save; tracks changes.
    pub fn error(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            let wrong = self.tried.get().then(|| self.draft().err().and_then(|wrong| wrong.with(field))).flatten();
            wrong.or_else(|| self.refused.read().get(field).map(ToOwned::to_owned))
        })
    }
}

/// What is wrong with what was typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// A price that is no number; the server never sees it.
    price: Option<&'static str>,
    /// What the server would find too.
    fields: FieldErrors,
}

impl Wrong {
    fn with(&self, field: &str) -> Option<String> {
        let unread = self.price.filter(|_| field == "price");
        unread.or_else(|| self.fields.get(field)).map(ToOwned::to_owned)
    }
}

/// Reads what was typed, by the rules that the server goes by too.
fn read(name: &str, description: &str, price: &str, currency: &str) -> Result<ItemDraft, Wrong> {
    let currency = currency.trim().to_ascii_uppercase();
    let amount = money::from_text(price, &currency);
    let draft = ItemDraft {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        // A price that cannot be read is a price all the same: its currency is not called needless.
        price: amount.unwrap_or(Some(0)),
        currency: (!currency.is_empty()).then_some(currency),
    };
    match (draft.validate(), amount.err()) {
        (Ok(valid), None) => Ok(valid.draft().clone()),
        (checked, price) => Err(Wrong { price, fields: checked.err().unwrap_or_default() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_becomes_a_draft() {
        let draft = read(" Lamp ", "", "49,9", "eur").expect("right");
        let lamp =
            ItemDraft { name: "Lamp".into(), description: None, price: Some(4990), currency: Some("EUR".into()) };
        assert_eq!(draft, lamp);
        assert_eq!(read("Lamp", " ", " ", " ").expect("right").price, None);
    }

    #[test]
    fn each_field_says_what_is_wrong_with_it() {
        let wrong = read("", "", "much", "").expect_err("wrong");
        assert_eq!(wrong.with("name").as_deref(), Some("An item needs a name"));
        assert_eq!(wrong.with("price").as_deref(), Some("A price is a number, for example 49.90"));
        assert_eq!(wrong.with("currency").as_deref(), Some("A price needs a currency"));
        assert_eq!(wrong.with("description"), None);
        assert_eq!(read("Lamp", "", "much", "EUR").expect_err("wrong").with("currency"), None);
    }
}
