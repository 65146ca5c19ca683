//! Strict JSON for the parts of a token: an object without duplicate members at any depth.
//!
//! Parsers differ in which duplicate they keep, so two programs could read different claims from the same token
//! (RFC 7515 §4, RFC 7519 §4, RFC 8725 §2.4).

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::AuthError;

/// A JSON value. Strings without escapes are borrowed.
#[derive(Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number(f64),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Value<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// Why bytes are not an [`Object`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// The bytes are not JSON, or not an object.
    #[error("not a JSON object")]
    Malformed,
    /// A member occurs twice.
    #[error("{DUPLICATE}")]
    Duplicate,
}

impl ObjectError {
    /// Converts the error to that of a token. `member` is what the object consists of: header members or claims.
    #[must_use]
    pub fn in_token(self, member: &'static str) -> AuthError {
        match self {
            Self::Malformed => AuthError::Malformed,
            Self::Duplicate => AuthError::Duplicate(member),
        }
    }
}

/// The message that the reader passes through serde. The error is recognized by it.
const DUPLICATE: &str = "duplicate member";

/// The number of members up to which each is compared with each other. More members are sorted first.
const FEW: usize = 16;

/// An object, with its members in the order of the JSON text.
#[derive(Debug, PartialEq)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Value<'a> {
    /// Returns the string, if the value is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the number, if the value is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

impl<'a> Object<'a> {
    /// Parses `json`, and returns `None` if it is not an object or has a duplicate member.
    #[must_use]
    pub fn read(json: &'a [u8]) -> Option<Self> {
        Self::parse(json).ok()
    }

    /// Parses `json`.
    ///
    /// # Errors
    /// [`ObjectError::Duplicate`] if a member occurs twice, otherwise [`ObjectError::Malformed`].
    pub fn parse(json: &'a [u8]) -> Result<Self, ObjectError> {
        // UTF-8 is checked once, and not for each name and value.
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

    /// Returns the member `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// The name of a member. It is borrowed if possible, which the implementation for [`Cow`] does not do.
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
                // Most objects of a token have fewer members. An empty object allocates nothing.
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

/// Returns whether two members have the same name, in O(n log n) for many members.
fn has_duplicate_members(members: &[(Cow<'_, str>, Value<'_>)]) -> bool {
    let names = members.iter().map(|(name, _)| &**name);
    if members.len() <= FEW {
        return names.enumerate().any(|(place, name)| members[..place].iter().any(|(other, _)| other == name));
    }
    // Duplicates are adjacent when sorted.
    let mut sorted: Vec<&str> = names.collect();
    sorted.sort_unstable();
    sorted.windows(2).any(|two| two[0] == two[1])
}

#[cfg(test)]
mod tests;
