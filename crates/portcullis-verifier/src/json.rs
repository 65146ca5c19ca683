//! JSON as a part of a token may hold it: an object whose members have names of their own, at every depth.
//!
//! Parsers differ in which of two members of one name they keep, and so two programs could read two tokens out of
//! one (RFC 7515 §4, RFC 7519 §4, RFC 8725 §2.4).

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::AuthError;

/// A value; text is borrowed where it has no escapes.
#[derive(Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number; those of JSON have no other type.
    Number(f64),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Value<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// Why bytes are not read as an [`Object`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// No JSON, or no object.
    #[error("not a JSON object")]
    Malformed,
    /// A member occurs twice.
    #[error("{DUPLICATE}")]
    Duplicate,
}

impl ObjectError {
    /// The error of a token whose header or payload it is: `member` names what such an object consists of.
    #[must_use]
    pub fn in_token(self, member: &'static str) -> AuthError {
        match self {
            Self::Malformed => AuthError::Malformed,
            Self::Duplicate => AuthError::Duplicate(member),
        }
    }
}

/// What the reader reports to serde about a duplicate; it is how the error is recognized afterwards.
const DUPLICATE: &str = "duplicate member";

/// How many members are compared with each other as they are; more are sorted for it.
const FEW: usize = 16;

/// An object, its members in the order that they stand in.
#[derive(Debug, PartialEq)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Value<'a> {
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

impl<'a> Object<'a> {
    /// Reads `json`; none if it is no JSON, no object, or names a member twice.
    #[must_use]
    pub fn read(json: &'a [u8]) -> Option<Self> {
        Self::parse(json).ok()
    }

    /// Reads `json`.
    ///
    /// # Errors
    /// [`ObjectError::Duplicate`] if a member occurs twice, otherwise [`ObjectError::Malformed`].
    pub fn parse(json: &'a [u8]) -> Result<Self, ObjectError> {
        // As text: checked as a whole, and not again for each name and value.
        let text = std::str::from_utf8(json).map_err(|_| ObjectError::Malformed)?;
        match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Ok(object),
            Err(error) if error.is_data() && error.to_string().starts_with(DUPLICATE) => Err(ObjectError::Duplicate),
            Ok(_) | Err(_) => Err(ObjectError::Malformed),
        }
    }

    /// Parses the header of a token.
    ///
    /// # Errors
    /// [`AuthError::Duplicate`] if a member occurs twice, otherwise [`AuthError::Malformed`].
    pub fn parse_header(json: &'a [u8]) -> Result<Self, AuthError> {
        Self::parse(json).map_err(|error| error.in_token("header member"))
    }

    /// Parses the payload of a token.
    ///
    /// # Errors
    /// [`AuthError::Duplicate`] if a claim occurs twice, otherwise [`AuthError::Malformed`].
    pub fn parse_claims(json: &'a [u8]) -> Result<Self, AuthError> {
        Self::parse(json).map_err(|error| error.in_token("claim"))
    }

    /// Returns the names of the members, in the order of the JSON text.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }

    /// The member called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// The name of a member; read without a copy where that is possible, which [`Cow`] alone does not do.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        match Value::deserialize(json)? {
            Value::Text(name) => Ok(Self(name)),
            _ => Err(D::Error::custom("a name that is no text")),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            if members.is_empty() {
                // As many as most objects of a token have; an empty one costs no memory.
                members.reserve(12);
            }
            members.push((name, value));
        }
        if has_duplicate_members(&members) {
            return Err(A::Error::custom(DUPLICATE));
        }
        Ok(Value::Object(Object(members)))
    }
}

/// Whether a name stands twice. Thousands of members cost no more than their number deserves.
fn has_duplicate_members(members: &[(Cow<'_, str>, Value<'_>)]) -> bool {
    let names = members.iter().map(|(name, _)| &**name);
    if members.len() <= FEW {
        return names.enumerate().any(|(place, name)| members[..place].iter().any(|(other, _)| other == name));
    }
    // Sorted, the twins stand side by side.
    let mut sorted: Vec<&str> = names.collect();
    sorted.sort_unstable();
    sorted.windows(2).any(|two| two[0] == two[1])
}

#[cfg(test)]
mod tests;
