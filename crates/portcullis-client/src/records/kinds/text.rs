//! Text of one or several lines. Spaces are preserved: the check of the record decides about them.

use serde_json::Value;

use super::super::field::{Control, Holds, Input, Kind, ReadTexts};

/// One line of text: a `String`, or an `Option<String>`.
pub struct Text;

/// Several lines of text: a `String`, or an `Option<String>`.
pub struct LongText;

impl Holds<String> for Text {
    const IS_OPTIONAL: bool = false;
}
impl Holds<Option<String>> for Text {
    const IS_OPTIONAL: bool = true;
}
impl Holds<String> for LongText {
    const IS_OPTIONAL: bool = false;
}
impl Holds<Option<String>> for LongText {
    const IS_OPTIONAL: bool = true;
}

/// Returns the text of the first of `values`.
pub fn text(values: &[&Value]) -> String {
    values.first().and_then(|value| value.as_str()).unwrap_or_default().to_owned()
}

/// Returns the value of `text`: null for an empty text in an optional field.
pub fn value(text: &str, inputs: &[Input]) -> Value {
    let is_null = text.is_empty() && inputs.first().is_some_and(|input| input.is_optional);
    if is_null { Value::Null } else { text.into() }
}

impl Kind for Text {
    fn control(&self, _: usize) -> Control {
        Control::Line
    }

    fn to_texts(&self, values: &[&Value]) -> Vec<String> {
        vec![text(values)]
    }

    fn read(&self, texts: &[&str], _: &[&Value], inputs: &[Input]) -> ReadTexts {
        ReadTexts::one(value(texts.first().copied().unwrap_or_default(), inputs))
    }
}

impl Kind for LongText {
    fn control(&self, _: usize) -> Control {
        Control::Lines
    }

    fn to_texts(&self, values: &[&Value]) -> Vec<String> {
        Text.to_texts(values)
    }

    fn read(&self, texts: &[&str], stored: &[&Value], inputs: &[Input]) -> ReadTexts {
        Text.read(texts, stored, inputs)
    }
}
