//! The state of a form on a page: what was typed, what it started from, and what is wrong with it.

use leptos::prelude::*;
use portcullis::FieldErrors;

use super::content::Texts;
use super::{Base, Conflict, Field, FormContent, RecordType, Values};

/// The state of a form.
#[derive(Clone, Copy)]
pub struct FormState {
    /// What it is a form of.
    pub record: &'static RecordType,
    /// The text of each input, by its key.
    texts: StoredValue<Vec<(&'static str, RwSignal<String>)>>,
    /// What the form started from.
    pub base: RwSignal<Base>,
    /// What the server found wrong, until the next try.
    pub refused: RwSignal<FieldErrors>,
    /// Whether the person has tried to save. Before that, nothing is called wrong.
    pub is_tried: RwSignal<bool>,
}

impl FormState {
    /// Returns an empty form.
    #[must_use]
    pub fn new(record: &'static RecordType) -> Self {
        let inputs = record.fields.iter().flat_map(|field| field.inputs);
        Self {
            record,
            texts: StoredValue::new(inputs.map(|input| (input.key, RwSignal::new(String::new()))).collect()),
            base: RwSignal::new(Base::default()),
            refused: RwSignal::new(FieldErrors::default()),
            is_tried: RwSignal::new(false),
        }
    }

    /// Returns the text of the input `key`.
    #[must_use]
    pub fn text(self, key: &str) -> Option<RwSignal<String>> {
        self.texts.with_value(|texts| texts.iter().find(|(of, _)| *of == key).map(|(_, text)| *text))
    }

    /// Starts again from `base`.
    pub fn start(self, base: Base) {
        self.restore(FormContent::new(self.record, &base.values.clone(), base));
    }

    /// Shows what was chosen, on top of `base`.
    pub fn choose(self, base: Base, chosen: &Values) {
        self.restore(FormContent::new(self.record, chosen, base));
    }

    /// Shows what was stored.
    pub fn restore(self, FormContent { texts, base }: FormContent) {
        self.base.set(base);
        for field in self.record.fields {
            self.set(field, &texts);
        }
        self.refused.set(FieldErrors::default());
        self.is_tried.set(false);
    }

    fn set(self, field: &Field, texts: &Texts) {
        for input in field.inputs {
            if let Some(text) = self.text(input.key) {
                text.set(texts.get(input.key).to_owned());
            }
        }
    }

    /// Returns what the form holds, and tracks all of it.
    fn content(self) -> FormContent {
        let mut texts = Texts::default();
        let all = self.texts.get_value();
        all.into_iter().for_each(|(key, text)| texts.set(key, text.get()));
        FormContent { texts, base: self.base.get() }
    }

    /// Returns what a draft is to store; `None` while the form holds what it started with. Tracks every input.
    #[must_use]
    pub fn unsaved(self) -> Option<String> {
        let content = self.content();
        content.is_dirty(self.record).then(|| serde_json::to_string(&content).ok()).flatten()
    }

    /// Returns what was typed, if it can be saved. Tracks every input.
    ///
    /// # Errors
    /// What is wrong with which input.
    pub fn read(self) -> Result<Values, FieldErrors> {
        self.content().read(self.record)
    }

    /// Continues from the stored record of `conflict`: its values come into the fields that the person has not changed, and
    /// what they typed into the others stays as it is.
    pub fn keep_editing(self, conflict: &Conflict) {
        let stored = Texts::of(self.record, &conflict.theirs.fields);
        for field in self.record.fields.iter().filter(|field| field.is_same(&conflict.base, &conflict.yours)) {
            self.set(field, &stored);
        }
        let contested = conflict.merge(self.record).conflicts.into_iter().map(ToOwned::to_owned).collect();
        self.base.set(Base { contested, ..Base::of(&conflict.theirs) });
    }

    /// Returns what is wrong with the input `key`, once the person has tried to save. Tracks changes.
    #[must_use]
    pub fn error(self, key: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            let wrong = self.is_tried.get().then(|| self.read().err()).flatten();
            let wrong = wrong.and_then(|errors| errors.get(key).map(ToOwned::to_owned));
            wrong.or_else(|| self.refused.read().get(key).map(ToOwned::to_owned))
        })
    }

    /// Returns the stored value of `field` that saving replaces, if someone else has changed it too. Tracks changes.
    #[must_use]
    pub fn replaced(self, field: &'static Field) -> Signal<Option<Values>> {
        Signal::derive(move || {
            let base = self.base.read();
            if !base.contested.iter().any(|name| name == field.name()) {
                return None;
            }
            let is_same = self.read().is_ok_and(|values| field.is_same(&values, &base.values));
            (!is_same).then(|| base.values.clone())
        })
    }
}
