//! What stands in the form of an item, as it was typed, what it started from, and how it becomes a draft.

use leptos::prelude::*;
use portcullis::FieldErrors;
use portcullis::record::Record;
use serde::{Deserialize, Serialize};

use super::conflict::Conflict;
use crate::items::item::Item;
use crate::items::merge::Field;
use crate::items::{ItemDraft, money};

/// The texts of the fields.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Texts {
    name: String,
    description: String,
    price: String,
    currency: String,
}

impl Texts {
    fn of(values: &ItemDraft) -> Self {
        let currency = values.currency.clone().unwrap_or_default();
        Self {
            name: values.name.clone(),
            description: values.description.clone().unwrap_or_default(),
            price: values.price.map(|price| money::to_text(price, &currency)).unwrap_or_default(),
            currency,
        }
    }
}

/// What a form started from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Base {
    /// The version of the item; for a new one, a text that is this form's own.
    pub origin: String,
    /// The values of that version; none for a new item.
    pub values: ItemDraft,
    /// What was sent and may have been saved: the answer was lost.
    pub attempted: Option<Attempt>,
    /// The fields of which the person knows that saving replaces somebody's newer value.
    pub contested: Vec<Field>,
}

/// A save whose answer was lost.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// What was sent, with what was merged in.
    pub sent: ItemDraft,
    /// The fields that the person had changed.
    pub own: Vec<Field>,
}

impl Base {
    /// What an edit of `item` starts from.
    pub fn of(item: &Item) -> Self {
        Self { origin: item.version.clone(), values: values(item), ..Self::default() }
    }
}

/// What a form holds, as it is kept in a draft.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Typed {
    texts: Texts,
    /// What the form started from.
    pub base: Base,
}

impl Typed {
    /// Reads a kept draft; none if another release wrote it in another way.
    pub fn parse(kept: &str) -> Option<Self> {
        serde_json::from_str(kept).ok()
    }

    /// What was typed, if it can be saved.
    pub fn values(&self) -> Option<ItemDraft> {
        read(&self.texts, &self.base).ok()
    }
}

/// The values of `item`: as long as they are not touched in the form, it reads them as they are.
pub fn values(item: &Item) -> ItemDraft {
    item.fields.clone()
}

/// What was typed into each field.
#[derive(Clone, Copy)]
pub struct Entries {
    pub name: RwSignal<String>,
    pub description: RwSignal<String>,
    pub price: RwSignal<String>,
    pub currency: RwSignal<String>,
    /// What the form started from.
    pub base: RwSignal<Base>,
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
            base: RwSignal::new(Base::default()),
            refused: RwSignal::new(FieldErrors::default()),
            tried: RwSignal::new(false),
        }
    }

    /// Starts over from `base`.
    pub fn start(self, base: Base) {
        self.restore(Typed { texts: Texts::of(&base.values), base });
    }

    /// Puts in what was kept.
    pub fn restore(self, Typed { texts, base }: Typed) {
        self.base.set(base);
        for field in Field::ALL {
            self.set(field, &texts);
        }
        self.refused.set(FieldErrors::default());
        self.tried.set(false);
    }

    /// Puts in what was chosen, on top of `base`.
    pub fn choose(self, base: Base, chosen: &ItemDraft) {
        self.restore(Typed { texts: Texts::of(chosen), base });
    }

    fn set(self, field: Field, texts: &Texts) {
        match field {
            Field::Name => self.name.set(texts.name.clone()),
            Field::Description => self.description.set(texts.description.clone()),
            Field::Price => {
                self.price.set(texts.price.clone());
                self.currency.set(texts.currency.clone());
            }
        }
    }

    fn texts(self) -> Texts {
        Texts {
            name: self.name.get(),
            description: self.description.get(),
            price: self.price.get(),
            currency: self.currency.get(),
        }
    }

    /// What is to be kept as a draft; none while the form holds what it started with. Tracks every field.
    pub fn unsaved(self) -> Option<String> {
        let typed = Typed { texts: self.texts(), base: self.base.get() };
        let is_dirty = typed.texts != Texts::of(&typed.base.values);
        is_dirty.then(|| serde_json::to_string(&typed).ok()).flatten()
    }

    /// Goes on from the stored item of `conflict`: its values come into the fields that the person has not changed, and
    /// what they typed into the others stays as it is.
    pub fn keep_editing(self, conflict: &Conflict) {
        let stored = Texts::of(&values(&conflict.theirs));
        for field in Field::ALL.into_iter().filter(|field| field.is_same(&conflict.base, &conflict.yours)) {
            self.set(field, &stored);
        }
        self.base.set(Base { contested: conflict.merge().conflicts, ..Base::of(&conflict.theirs) });
    }

    /// The draft that was typed, or what is wrong; tracks every field.
    pub fn draft(self) -> Result<ItemDraft, Wrong> {
        read(&self.texts(), &self.base.read())
    }

    /// What is wrong with `field`, once it was tried to save; tracks changes.
    pub fn error(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            let wrong = self.tried.get().then(|| self.draft().err().and_then(|wrong| wrong.with(field))).flatten();
            wrong.or_else(|| self.refused.read().get(field).map(ToOwned::to_owned))
        })
    }

    /// What saving replaces in `field`, where somebody else has changed it too; tracks changes.
    pub fn replaced(self, field: Field) -> Signal<Option<String>> {
        Signal::derive(move || {
            let base = self.base.read();
            let is_same = self.draft().is_ok_and(|draft| field.is_same(&draft, &base.values));
            (base.contested.contains(&field) && !is_same)
                .then(|| format!("Stored now: {}. Saving replaces it.", super::conflict::shown(field, &base.values)))
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

/// Reads what was typed over `base`, by the rules that the server goes by too: what is stored already is right.
fn read(texts: &Texts, base: &Base) -> Result<ItemDraft, Wrong> {
    let stored = Some(&base.values).filter(|stored| **stored != ItemDraft::default());
    let is_stored = stored.is_some_and(|stored| stored.currency.as_deref() == Some(&texts.currency));
    let currency = if is_stored { texts.currency.clone() } else { texts.currency.trim().to_ascii_uppercase() };
    let amount = money::from_text(&texts.price, &currency);
    let draft = ItemDraft {
        name: texts.name.clone(),
        description: Some(texts.description.clone()),
        // A price that cannot be read is a price all the same: its currency is not called needless.
        price: amount.unwrap_or(Some(0)),
        currency: (!currency.is_empty()).then_some(currency),
    };
    let checked = stored.map_or_else(|| draft.validate(), |stored| draft.validate_change(stored));
    match (checked, amount.err()) {
        (Ok(valid), None) => Ok(valid.fields().clone()),
        (checked, price) => Err(Wrong { price, fields: checked.err().unwrap_or_default() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::record::RecordId;

    fn texts([name, description, price, currency]: [&str; 4]) -> Texts {
        Texts { name: name.into(), description: description.into(), price: price.into(), currency: currency.into() }
    }

    #[test]
    fn what_was_typed_becomes_a_draft() {
        let read = |texts: &Texts| read(texts, &Base::default());
        let draft = read(&texts([" Lamp ", "", "49,9", "eur"])).expect("right");
        let lamp =
            ItemDraft { name: "Lamp".into(), description: None, price: Some(4990), currency: Some("EUR".into()) };
        assert_eq!(draft, lamp);
        assert_eq!(read(&texts(["Lamp", " ", " ", " "])).expect("right").price, None);
    }

    #[test]
    fn each_field_says_what_is_wrong_with_it() {
        let read = |texts: &Texts| read(texts, &Base::default());
        let wrong = read(&texts(["", "", "much", ""])).expect_err("wrong");
        assert_eq!(wrong.with("name").as_deref(), Some("An item needs a name"));
        assert_eq!(wrong.with("price").as_deref(), Some("A price is a number, for example 49.90"));
        assert_eq!(wrong.with("currency").as_deref(), Some("A price needs a currency"));
        assert_eq!(wrong.with("description"), None);
        assert_eq!(read(&texts(["Lamp", "", "much", "EUR"])).expect_err("wrong").with("currency"), None);
    }

    #[test]
    fn values_untouched_item_is_the_same_draft() {
        let item = Item {
            id: RecordId([0; 12]),
            fields: ItemDraft {
                name: " Lamp".into(),
                description: Some(String::new()),
                price: Some(4900),
                currency: Some("eur".into()),
            },
            owner: None,
            created_at: String::new(),
            updated_at: String::new(),
            version: "1".into(),
        };
        // As other programs may have written it.
        let with = |fields: ItemDraft| Item { fields, ..item.clone() };
        let unfit = with(ItemDraft { currency: None, ..values(&item) });
        let description = Some("x".repeat(2_001));
        let long = with(ItemDraft { description, currency: Some("euro".into()), ..values(&item) });
        for item in [item, unfit, long] {
            let base = Base::of(&item);
            let untouched = read(&Texts::of(&base.values), &base).expect("it is stored");
            assert_eq!(untouched, values(&item));
            let renamed = Texts { name: "Torch".into(), ..Texts::of(&base.values) };
            let renamed = read(&renamed, &base).expect("the name alone is new");
            assert_eq!(renamed, ItemDraft { name: "Torch".into(), ..values(&item) });
        }
    }

    #[test]
    fn typed_survives_being_kept() {
        let typed = Typed {
            texts: texts(["🦊", "شريط", "much", ""]),
            base: Base { origin: "1".into(), contested: vec![Field::Price], ..Base::default() },
        };
        assert_eq!(Typed::parse(&serde_json::to_string(&typed).expect("plain JSON")), Some(typed));
        assert_eq!(Typed::parse("{}"), None);
    }
}
