//! The content of a form: the texts of its inputs and what it started from. Drafts store it.

use portcullis::FieldErrors;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{RecordType, StoredRecord, Values};

/// The texts of the inputs, by their keys.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(Map<String, Value>);

impl Texts {
    /// Returns the texts that show `values`.
    pub fn from_values(record: &RecordType, values: &Values) -> Self {
        let mut texts = Self::default();
        for field in record.fields {
            let shown = field.kind.to_texts(&field.values(values));
            for (input, text) in field.inputs.iter().zip(shown) {
                texts.set(input.key, text);
            }
        }
        texts
    }

    pub fn get(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn set(&mut self, key: &str, text: String) {
        self.0.insert(key.to_owned(), text.into());
    }
}

/// What a form started from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Base {
    /// The version of the record; for a new one, a text that belongs to this form alone.
    pub origin: String,
    /// The values of that version; empty for a new record.
    pub values: Values,
    /// What was sent and may have been saved, since the response was lost.
    pub attempted: Option<Attempt>,
    /// The names of the fields whose newer values a save replaces. The form shows these values.
    pub contested: Vec<String>,
}

/// A save whose response was lost.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// What was sent, with what was merged in.
    pub sent: Values,
    /// The names of the fields that the person had changed.
    pub own: Vec<String>,
}

impl Base {
    /// Returns what an edit of `record` starts from.
    #[must_use]
    pub fn from_record(record: &StoredRecord) -> Self {
        Self { origin: record.version.clone(), values: record.fields.clone(), ..Self::default() }
    }
}

/// The content of a form, as a draft stores it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FormContent {
    pub(super) texts: Texts,
    /// What the form started from.
    pub base: Base,
}

impl FormContent {
    /// Returns a form that shows `values` and started from `base`.
    #[must_use]
    pub fn new(record: &RecordType, values: &Values, base: Base) -> Self {
        Self { texts: Texts::from_values(record, values), base }
    }

    /// Reads a stored draft. Returns `None` if it has the format of another release.
    #[must_use]
    pub fn parse(record: &RecordType, stored: &str) -> Option<Self> {
        let mut content: Self = serde_json::from_str(stored).ok()?;
        if !content.base.values.is_empty() {
            content.base.values = record.convert(&content.base.values)?;
        }
        if let Some(attempt) = &mut content.base.attempted {
            attempt.sent = record.convert(&attempt.sent)?;
        }
        Some(content)
    }

    /// Returns whether the texts differ from what the form started from.
    #[must_use]
    pub fn is_dirty(&self, record: &RecordType) -> bool {
        self.texts != Texts::from_values(record, &self.base.values)
    }

    /// Converts the texts to values, and checks them by the rules of the server: values that are stored already are
    /// accepted as they are.
    ///
    /// # Errors
    /// [`FieldErrors`] with a message for each wrong input.
    pub fn read(&self, record: &RecordType) -> Result<Values, FieldErrors> {
        let Base { values: base, .. } = &self.base;
        let (mut values, mut unreadable) = (base.clone(), FieldErrors::default());
        for field in record.fields {
            let texts: Vec<_> = field.inputs.iter().map(|input| self.texts.get(input.key)).collect();
            let stored = field.values(base);
            // Other programs may have written values that this form would refuse. A field that is not touched keeps its
            // values.
            if !base.is_empty() && field.kind.to_texts(&stored) == texts {
                continue;
            }
            let result = field.kind.read(&texts, &stored, field.inputs);
            if let Some((input, message)) =
                result.error.and_then(|(index, message)| Some((field.inputs.get(index)?, message)))
            {
                unreadable.add(input.key, message);
            }
            for (input, value) in field.inputs.iter().zip(result.values) {
                values.insert(input.key.to_owned(), value);
            }
        }
        match (record.check(&values, (!base.is_empty()).then_some(base)), unreadable.is_empty()) {
            (Ok(checked), true) => Ok(checked),
            (checked, _) => Err(unreadable.and(checked.err().unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_record::{THING, Thing, stored, values};
    use super::*;

    fn typed(base: Base, texts: &[(&str, &str)]) -> FormContent {
        let mut content = FormContent::new(THING, &base.values.clone(), base);
        for (key, text) in texts {
            content.texts.set(key, (*text).into());
        }
        content
    }

    fn new_with(texts: &[(&str, &str)]) -> Result<Values, FieldErrors> {
        typed(Base::default(), texts).read(THING)
    }

    #[test]
    fn content_read_converts_texts_to_values() {
        let lamp = new_with(&[("name", " Lamp "), ("price", "49,9"), ("currency", "eur"), ("is_done", "true")]);
        let expected = Thing { price: Some(4990), currency: Some("EUR".into()), is_done: true, ..Thing::named("Lamp") };
        assert_eq!(lamp, Ok(values(&expected)));
        let blank = new_with(&[("name", "Lamp"), ("description", ""), ("price", " "), ("currency", " "), ("due", " ")]);
        assert_eq!(blank, Ok(values(&Thing::named("Lamp"))));
        let full = new_with(&[("name", "Lamp"), ("description", "Bright"), ("due", "2026-11-26"), ("stars", " 3 ")]);
        let (description, due) = (Some("Bright".into()), Some("2026-11-26".into()));
        assert_eq!(full, Ok(values(&Thing { description, due, stars: Some(3), ..Thing::named("Lamp") })));
    }

    #[test]
    fn content_read_names_the_error_of_each_input() {
        let wrong = new_with(&[("price", "much"), ("stars", "many"), ("due", "soon")]).expect_err("wrong");
        assert_eq!(wrong.get("name"), Some("A thing needs a name"));
        assert_eq!(wrong.get("price"), Some("A price is a number, for example 49.90"));
        assert_eq!(wrong.get("currency"), Some("A price needs a currency"));
        assert_eq!(wrong.get("stars"), Some("Enter a whole number"));
        assert!(wrong.get("due").is_some() && wrong.get("description").is_none());
        let wrong = new_with(&[("name", "Lamp"), ("price", "much"), ("currency", "EUR")]).expect_err("wrong");
        assert_eq!((wrong.get("currency"), wrong.get("name")), (None, None));
    }

    #[test]
    fn content_keeps_untouched_fields_as_they_are_stored() {
        let odd = Thing {
            description: Some(String::new()),
            price: Some(4900),
            currency: Some("eur".into()),
            due: Some("someday".into()),
            hidden: 7,
            ..Thing::named(" Lamp")
        };
        let without_currency = Thing { currency: None, ..odd.clone() };
        for thing in [odd, without_currency] {
            let base = Base::from_record(&stored(&thing, "1"));
            assert!(!typed(base.clone(), &[]).is_dirty(THING));
            assert_eq!(typed(base.clone(), &[]).read(THING), Ok(values(&thing)));
            let renamed = Thing { name: "Torch".into(), ..thing };
            assert_eq!(typed(base, &[("name", "Torch")]).read(THING), Ok(values(&renamed)));
        }
    }

    #[test]
    fn content_survives_being_stored() {
        let sent = values(&Thing::named("Torch"));
        let base = Base {
            origin: "1".into(),
            values: values(&Thing::named("Lamp")),
            attempted: Some(Attempt { sent, own: vec!["name".into()] }),
            contested: vec!["price".into()],
        };
        let content = typed(base, &[("name", "🦊"), ("description", "شريط"), ("price", "much")]);
        let stored = serde_json::to_string(&content).expect("plain JSON");
        assert_eq!(FormContent::parse(THING, &stored), Some(content));
    }

    #[test]
    fn content_of_another_format_is_dropped() {
        let of = |values: &str| {
            format!(
                r#"{{"texts":{{"name":"x"}},"base":{{"origin":"1","values":{values},"attempted":null,"contested":[]}}}}"#
            )
        };
        assert!(FormContent::parse(THING, &of("{}")).is_some());
        assert!(FormContent::parse(THING, &of(r#"{"name":"Lamp"}"#)).is_some());
        for other in ["{}", "", &of(r#"{"title":"Lamp"}"#), &of(r#"{"name":7}"#)] {
            assert_eq!(FormContent::parse(THING, other), None, "{other}");
        }
    }
}
