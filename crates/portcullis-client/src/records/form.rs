//! The state of a form on a page: what was typed, what the form started from, and its errors.

use leptos::prelude::*;
use portcullis::FieldErrors;

use super::content::Texts;
use super::{Base, Conflict, Field, FormContent, RecordType, Values};

/// The state of a form.
#[derive(Clone, Copy)]
pub struct FormState {
    /// The kind of record that the form edits.
    pub record: &'static RecordType,
    /// The text of each input, by its key.
    texts: StoredValue<Vec<(&'static str, RwSignal<String>)>>,
    /// What the form started from.
    pub base: RwSignal<Base>,
    /// The errors that the server found, until the next save.
    pub server_errors: RwSignal<FieldErrors>,
    /// Whether the person has tried to save. Before that, no errors are shown.
    pub was_submitted: RwSignal<bool>,
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
            server_errors: RwSignal::new(FieldErrors::default()),
            was_submitted: RwSignal::new(false),
        }
    }

    /// Returns the text of the input `key`.
    #[must_use]
    pub fn text(self, key: &str) -> Option<RwSignal<String>> {
        self.texts.with_value(|texts| texts.iter().find(|(name, _)| *name == key).map(|(_, text)| *text))
    }

    /// Starts over from `base`.
    pub fn start(self, base: Base) {
        self.restore(FormContent::new(self.record, &base.values.clone(), base));
    }

    /// Shows the values that were chosen in a conflict, on top of `base`.
    pub fn choose(self, base: Base, chosen: &Values) {
        self.restore(FormContent::new(self.record, chosen, base));
    }

    /// Shows the content of a draft.
    pub fn restore(self, FormContent { texts, base }: FormContent) {
        self.base.set(base);
        for field in self.record.fields {
            self.set(field, &texts);
        }
        self.server_errors.set(FieldErrors::default());
        self.was_submitted.set(false);
    }

    fn set(self, field: &Field, texts: &Texts) {
        for input in field.inputs {
            if let Some(text) = self.text(input.key) {
                text.set(texts.get(input.key).to_owned());
            }
        }
    }

    /// Returns the content of the form, and tracks all of it.
    fn content(self) -> FormContent {
        let mut texts = Texts::default();
        let all = self.texts.get_value();
        all.into_iter().for_each(|(key, text)| texts.set(key, text.get()));
        FormContent { texts, base: self.base.get() }
    }

    /// Returns the content to store as a draft, or `None` if the form is unchanged. Tracks every input.
    #[must_use]
    pub fn unsaved(self) -> Option<String> {
        let content = self.content();
        content.is_dirty(self.record).then(|| serde_json::to_string(&content).ok()).flatten()
    }

    /// Returns the values that were typed, if they are valid. Tracks every input.
    ///
    /// # Errors
    /// [`FieldErrors`] with a message for each wrong input.
    pub fn read(self) -> Result<Values, FieldErrors> {
        self.content().read(self.record)
    }

    /// Continues from the stored record of `conflict`: fields that the person has not changed show its values, and the
    /// others keep what was typed.
    pub fn keep_editing(self, conflict: &Conflict) {
        let stored = Texts::from_values(self.record, &conflict.theirs.fields);
        for field in self.record.fields.iter().filter(|field| field.is_same(&conflict.base, &conflict.yours)) {
            self.set(field, &stored);
        }
        let contested = conflict.merge(self.record).conflicts.into_iter().map(ToOwned::to_owned).collect();
        self.base.set(Base { contested, ..Base::from_record(&conflict.theirs) });
    }

    /// Returns the error of the input `key`, once the person has tried to save. Tracks changes.
    #[must_use]
    pub fn error(self, key: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            let errors = self.was_submitted.get().then(|| self.read().err()).flatten();
            let error = errors.and_then(|errors| errors.get(key).map(ToOwned::to_owned));
            error.or_else(|| self.server_errors.read().get(key).map(ToOwned::to_owned))
        })
    }

    /// Returns the stored value of `field` that a save would replace, if someone else has changed it too. Tracks
    /// changes.
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
