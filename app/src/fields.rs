//! What is wrong with which field of a form: a small map that both sides read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Names of fields with what is wrong with them, in the order of the form; on the wire an object.
///
/// A list, since a form has a handful of fields and the browser downloads every map's code; boxed, to keep the error
/// that holds it small.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FieldErrors(Box<[(Cow<'static, str>, Cow<'static, str>)]>);

impl FieldErrors {
    /// Says that `field` is wrong, and why.
    pub fn add(&mut self, field: &'static str, message: &'static str) {
        let mut all = std::mem::take(&mut self.0).into_vec();
        all.push((field.into(), message.into()));
        self.0 = all.into();
    }

    /// What is wrong with `field`, if something is.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, message)| &**message)
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields with their messages.
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
