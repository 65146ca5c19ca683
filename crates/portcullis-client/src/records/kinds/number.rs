//! Whole numbers and checkboxes.

use serde_json::Value;

use super::super::field::{Control, Holds, Input, Kind, ReadTexts};

/// A whole number: an `i64`, or an `Option<i64>`.
pub struct Integer;

/// Yes or no: a `bool`.
pub struct Checkbox;

impl Holds<i64> for Integer {
    const IS_OPTIONAL: bool = false;
}
impl Holds<Option<i64>> for Integer {
    const IS_OPTIONAL: bool = true;
}
impl Holds<bool> for Checkbox {
    const IS_OPTIONAL: bool = false;
}

impl Kind for Integer {
    fn control(&self, _: usize) -> Control {
        Control::Number
    }

    fn to_texts(&self, values: &[&Value]) -> Vec<String> {
        let number = values.first().and_then(|value| value.as_i64());
        vec![number.map(|number| number.to_string()).unwrap_or_default()]
    }

    fn read(&self, texts: &[&str], _: &[&Value], inputs: &[Input]) -> ReadTexts {
        let text = texts.first().copied().unwrap_or_default().trim();
        let is_optional = inputs.first().is_some_and(|input| input.is_optional);
        match text.parse::<i64>() {
            Ok(number) => ReadTexts::one(number.into()),
            Err(_) if text.is_empty() && is_optional => ReadTexts::one(Value::Null),
            Err(_) => ReadTexts::error(if is_optional { Value::Null } else { 0.into() }, "Enter a whole number"),
        }
    }
}

impl Kind for Checkbox {
    fn control(&self, _: usize) -> Control {
        Control::Checkbox
    }

    fn to_texts(&self, values: &[&Value]) -> Vec<String> {
        let is_checked = values.first().and_then(|value| value.as_bool()).unwrap_or_default();
        vec![if is_checked { "true".into() } else { String::new() }]
    }

    fn read(&self, texts: &[&str], _: &[&Value], _: &[Input]) -> ReadTexts {
        ReadTexts::one(texts.first().is_some_and(|text| *text == "true").into())
    }

    fn show(&self, values: &[&Value]) -> Option<String> {
        let is_checked = values.first()?.as_bool()?;
        Some(if is_checked { "Yes" } else { "No" }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONAL: &[Input] = &[Input::new("stars", "Stars", true)];
    const REQUIRED: &[Input] = &[Input::new("stars", "Stars", false)];

    #[test]
    fn integer_reads_what_it_shows() {
        for number in [0, 7, -3, i64::MIN, i64::MAX] {
            let text = Integer.to_texts(&[&number.into()]).remove(0);
            assert_eq!(Integer.read(&[&format!(" {text} ")], &[], REQUIRED), ReadTexts::one(number.into()));
        }
        assert_eq!(Integer.read(&[" "], &[], OPTIONAL), ReadTexts::one(Value::Null));
    }

    #[test]
    fn integer_refuses_other_texts() {
        for text in ["x", "1.5", "1e3", "9223372036854775808", "--1"] {
            assert!(Integer.read(&[text], &[], OPTIONAL).error.is_some(), "{text}");
        }
        // The placeholder has the type of the field, so that the other fields are checked too.
        let missing = Integer.read(&[""], &[], REQUIRED);
        assert_eq!((missing.values, missing.error.is_some()), (vec![Value::from(0)], true));
    }

    #[test]
    fn checkbox_reads_what_it_shows() {
        for is_checked in [true, false] {
            let text = Checkbox.to_texts(&[&is_checked.into()]).remove(0);
            assert_eq!(Checkbox.read(&[&text], &[], REQUIRED), ReadTexts::one(is_checked.into()));
        }
        assert_eq!(Checkbox.to_texts(&[&Value::Null]), [""]);
        assert_eq!(Checkbox.show(&[&true.into()]).as_deref(), Some("Yes"));
        assert_eq!(Checkbox.show(&[&Value::Null]), None);
    }
}
