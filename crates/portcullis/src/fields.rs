//! Errors of form fields, and reading a JSON body field by field.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The names of invalid fields with their error messages, in the order of the form. Serialized as an object.
///
/// It is a list because a form has few fields, and a map would add code to the client. It is boxed to keep the error
/// that contains it small.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FieldErrors(Box<[(Cow<'static, str>, Cow<'static, str>)]>);

impl FieldErrors {
    /// Adds an error message for `field`.
    pub fn add(&mut self, field: &'static str, message: &'static str) {
        let mut all = std::mem::take(&mut self.0).into_vec();
        all.push((field.into(), message.into()));
        self.0 = all.into();
    }

    /// Returns the error message for `field`, if there is one.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, message)| &**message)
    }

    /// Adds the messages in `others` for fields that have no message yet.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        let mut all = self.0.into_vec();
        for (field, message) in others.0 {
            if !all.iter().any(|(known, _)| *known == field) {
                all.push((field, message));
            }
        }
        Self(all.into())
    }

    /// Returns whether there are no errors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the fields with their messages.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(field, message)| (&**field, &**message))
    }
}

impl Serialize for FieldErrors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for FieldErrors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = FieldErrors;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of messages")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FieldErrors, A::Error> {
                let mut fields: Vec<(Cow<'static, str>, Cow<'static, str>)> = Vec::new();
                while let Some((field, message)) = map.next_entry::<String, String>()? {
                    fields.push((field.into(), message.into()));
                }
                Ok(FieldErrors(fields.into()))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// A type that is read from a JSON object one field at a time, so that all wrong fields can be reported.
pub trait FromFields: Sized {
    /// Reads the fields of `body`.
    ///
    /// # Errors
    /// The wrong fields with their messages.
    fn from_fields(body: Fields) -> Result<Self, FieldErrors>;
}

/// A JSON object that is read one field at a time. It collects the errors.
#[derive(Debug, Default)]
pub struct Fields {
    members: Vec<(String, Value)>,
    errors: FieldErrors,
}

impl Fields {
    /// Returns the string `field`, or `None` if it is missing or `null`. For any other type, adds the error
    /// `otherwise`.
    pub fn text(&mut self, field: &'static str, otherwise: &'static str) -> Option<String> {
        match self.take(field)? {
            Value::String(text) => Some(text),
            _ => self.wrong(field, otherwise),
        }
    }

    /// Returns the whole number `field`, or `None` if it is missing or `null`. For fractions and other types, adds the
    /// error `otherwise`. A number outside the range of `i64` becomes the nearest limit.
    pub fn integer(&mut self, field: &'static str, otherwise: &'static str) -> Option<i64> {
        let value = self.take(field)?;
        match value.as_i64().or_else(|| value.as_u64().map(|_| i64::MAX)) {
            Some(number) => Some(number),
            None => self.wrong(field, otherwise),
        }
    }

    /// Returns the boolean `field`, or `None` if it is missing or `null`. For any other type, adds the error
    /// `otherwise`.
    pub fn boolean(&mut self, field: &'static str, otherwise: &'static str) -> Option<bool> {
        match self.take(field)? {
            Value::Bool(value) => Some(value),
            _ => self.wrong(field, otherwise),
        }
    }

    /// Returns the errors of the fields that were read.
    #[must_use]
    pub fn into_errors(self) -> FieldErrors {
        self.errors
    }

    /// Returns the value of `field`, or `None` for `null`.
    fn take(&mut self, field: &'static str) -> Option<Value> {
        let place = self.members.iter().position(|(name, _)| name == field)?;
        let (_, value) = self.members.swap_remove(place);
        if self.members.iter().any(|(name, _)| name == field) {
            // It is unclear which value is meant.
            return self.wrong(field, "This field was sent more than once");
        }
        (!value.is_null()).then_some(value)
    }

    fn wrong<T>(&mut self, field: &'static str, message: &'static str) -> Option<T> {
        self.errors.add(field, message);
        None
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Fields { members, errors: FieldErrors::default() })
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_type_and_each_wrong_one_is_named() {
        let json = r#"{"a":"x","b":1,"c":null,"d":1.0,"e":"1","f":18446744073709551615,"g":1,"g":2,"h":[],"h":1,"i":true,"j":"true"}"#;
        let mut fields: Fields = serde_json::from_str(json).expect("an object");
        assert_eq!(fields.text("a", "text"), Some("x".into()));
        assert_eq!(fields.integer("b", "number"), Some(1));
        assert_eq!((fields.text("c", "text"), fields.text("missing", "text")), (None, None));
        assert_eq!((fields.integer("d", "number"), fields.integer("e", "number")), (None, None));
        assert_eq!(fields.integer("f", "number"), Some(i64::MAX));
        assert_eq!((fields.integer("g", "number"), fields.text("b", "text")), (None, None));
        assert_eq!((fields.boolean("i", "yes or no"), fields.boolean("j", "yes or no")), (Some(true), None));
        let wrong: Vec<_> = fields.into_errors().iter().map(|(field, _)| field.to_owned()).collect();
        assert_eq!(wrong, ["d", "e", "g", "j"]);
        for other in ["[]", "1", "\"a\"", "null"] {
            assert!(serde_json::from_str::<Fields>(other).is_err(), "{other}");
        }
    }
}
