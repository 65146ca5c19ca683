//! A field of a form: its inputs, and the conversion between values of a record and texts.

use serde_json::Value;

use super::Values;

/// The kind of control for an input. The app decides how it looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Control {
    /// One line of text.
    Line,
    /// Several lines of text.
    Lines,
    /// An amount with decimals.
    Amount,
    /// A whole number.
    Number,
    /// A date, as `2026-11-26`.
    Date,
    /// Yes or no: the text is `true`, or empty.
    Checkbox,
    /// Another kind of input, by a name that the app knows, for example `email`.
    Custom(&'static str),
}

/// The result of [`Kind::read`].
#[derive(Clone, PartialEq, Debug)]
pub struct ReadTexts {
    /// One value for each input. For a text that can't be read, it is a placeholder of the right type.
    pub values: Vec<Value>,
    /// The index of the input whose text can't be read, and a message for the person.
    pub error: Option<(usize, &'static str)>,
}

impl ReadTexts {
    /// Returns `value` as the value of the only input.
    #[must_use]
    pub fn one(value: Value) -> Self {
        Self { values: vec![value], error: None }
    }

    /// Returns an error of the only input; `placeholder` is a value of its type.
    #[must_use]
    pub fn error(placeholder: Value, message: &'static str) -> Self {
        Self { values: vec![placeholder], error: Some((0, message)) }
    }
}

/// A kind of field, such as text, a number, or a price with its currency. Apps can add their own:
///
/// ```
/// use portcullis_client::fields;
/// use portcullis_client::records::{Control, Field, Holds, Input, Kind, ReadTexts};
/// use serde_json::Value;
///
/// /// A color, as `#2a56c6`.
/// struct Color;
///
/// impl Holds<String> for Color {
///     const IS_OPTIONAL: bool = false;
/// }
///
/// impl Kind for Color {
///     fn control(&self, _: usize) -> Control {
///         Control::Custom("color")
///     }
///
///     fn to_texts(&self, values: &[&Value]) -> Vec<String> {
///         values.iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect()
///     }
///
///     fn read(&self, texts: &[&str], _: &[&Value], _: &[Input]) -> ReadTexts {
///         match texts {
///             [text] if text.starts_with('#') => ReadTexts::one((*text).into()),
///             _ => ReadTexts::error("".into(), "Enter a color, for example #2a56c6"),
///         }
///     }
/// }
///
/// struct Label { color: String }
/// const FIELDS: &[Field] = fields![Label { color: Color("Color") }];
/// ```
pub trait Kind: Sync {
    /// Returns the control of the input with this index.
    fn control(&self, index: usize) -> Control;

    /// Returns the texts of the inputs that show `values`; missing values are [`Value::Null`].
    fn to_texts(&self, values: &[&Value]) -> Vec<String>;

    /// Reads `texts`, one for each of `inputs`. `stored` are the values that the form started from.
    fn read(&self, texts: &[&str], stored: &[&Value], inputs: &[Input]) -> ReadTexts;

    /// Returns `values` as people read them, or `None` if there is nothing to show.
    fn show(&self, values: &[&Value]) -> Option<String> {
        let texts = self.to_texts(values);
        texts.into_iter().next().filter(|text| !text.is_empty())
    }
}

/// A [`Kind`] that reads and writes fields of the type `T`.
#[diagnostic::on_unimplemented(message = "a field of the type `{T}` cannot be a `{Self}`")]
pub trait Holds<T> {
    /// Whether the field may have no value.
    const IS_OPTIONAL: bool;
}

/// Returns whether the field that `field` borrows may have no value. [`fields!`](crate::fields) calls it, so that a
/// kind that does not fit the field's type does not compile.
#[must_use]
pub const fn is_optional<R, K: Holds<T>, T>(_field: fn(&R) -> &T) -> bool {
    K::IS_OPTIONAL
}

/// One input of a field.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// The name of the field in the record.
    pub key: &'static str,
    /// The label of the input.
    pub label: &'static str,
    /// A hint beside the input, or an empty text.
    pub hint: &'static str,
    /// Whether people must fill it in. [`Record::check`](portcullis::record::Record::check) decides; this only tells
    /// them.
    pub is_required: bool,
    /// Whether the record's field may have no value.
    pub is_optional: bool,
}

impl Input {
    /// Creates an input for the field `key` of the record.
    #[must_use]
    pub const fn new(key: &'static str, label: &'static str, is_optional: bool) -> Self {
        Self { key, label, hint: "", is_required: false, is_optional }
    }

    /// Sets the hint.
    #[must_use]
    pub const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// Marks the input as required.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }
}

/// A field of a form. It is merged as a whole: a price means nothing without its currency, so the two are one field
/// with two inputs.
#[derive(Clone, Copy)]
pub struct Field {
    /// The label, also in conflicts and beside the value.
    pub label: &'static str,
    /// How texts are read and values are shown.
    pub kind: &'static dyn Kind,
    /// The inputs, one for each field of the record.
    pub inputs: &'static [Input],
}

impl Field {
    /// Returns the name of the field, which is that of its first input.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.inputs.first().map_or("", |input| input.key)
    }

    /// Returns the values of the field in `values`, one for each input.
    #[must_use]
    pub fn values<'a>(&self, values: &'a Values) -> Vec<&'a Value> {
        self.inputs.iter().map(|input| values.get(input.key).unwrap_or(&Value::Null)).collect()
    }

    /// Returns whether the field has the same values in both records.
    #[must_use]
    pub fn is_same(&self, one: &Values, other: &Values) -> bool {
        self.values(one) == self.values(other)
    }

    /// Copies the field from one record into another.
    pub fn copy(&self, from: &Values, to: &mut Values) {
        for input in self.inputs {
            match from.get(input.key) {
                Some(value) => _ = to.insert(input.key.to_owned(), value.clone()),
                None => _ = to.remove(input.key),
            }
        }
    }

    /// Returns the value of the field as people read it, or `None` if there is nothing to show.
    #[must_use]
    pub fn show(&self, values: &Values) -> Option<String> {
        self.kind.show(&self.values(values))
    }
}

/// Declares the fields of a form, in their order: for each, the name of the field in the record, its kind, its label,
/// and further properties of its input ([`Input::hint`], [`Input::required`]). Fields that are joined with `+` are one
/// field with several inputs. The crate's documentation of [`records`](crate::records) has an example.
#[macro_export]
macro_rules! fields {
    ($record:ident { $($key:ident: $kind:ident($label:literal) $(.$set:ident($($given:expr)?))*
        $(+ $other:ident: ($other_label:literal) $(.$other_set:ident($($other_given:expr)?))*)*),+ $(,)? }) => {
        &[$($crate::records::Field {
            label: $label,
            kind: &$kind,
            inputs: &[
                $crate::records::Input::new(
                    stringify!($key), $label, $crate::records::is_optional::<$record, $kind, _>(|record| &record.$key),
                )$(.$set($($given)?))*,
                $($crate::records::Input::new(
                    stringify!($other),
                    $other_label,
                    $crate::records::is_optional::<$record, $kind, _>(|record| &record.$other),
                )$(.$other_set($($other_given)?))*),*
            ],
        }),+]
    };
}
