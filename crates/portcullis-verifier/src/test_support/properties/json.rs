//! The JSON of a token's parts: our parser and another one agree, and objects with duplicate members are rejected.

use std::collections::HashSet;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Other;

use crate::json::{Object, Value};

/// Reads `data` with our parser and with another one.
pub fn holds(data: &[u8]) {
    let other = serde_json::from_slice::<Other>(data).ok().filter(Other::is_object);
    match (Object::read(data), other) {
        (Some(ours), Some(other)) => {
            assert!(serde_json::from_slice::<NoDuplicates>(data).is_ok(), "a member that stands twice is read");
            assert!(same_object(&ours, &other));
        }
        (None, Some(_)) => assert!(serde_json::from_slice::<NoDuplicates>(data).is_err(), "an object is not read"),
        (Some(_), None) => panic!("what is no object is read"),
        (None, None) => {}
    }
}

fn same_object(ours: &Object<'_>, other: &Other) -> bool {
    let members = other.as_object().expect("an object");
    members.iter().all(|(name, value)| ours.get(name).is_some_and(|found| same(found, value)))
        && members.contains_key("no such member") == ours.get("no such member").is_some()
}

fn same(ours: &Value<'_>, other: &Other) -> bool {
    match (ours, other) {
        (Value::Null, Other::Null) | (Value::Bool, Other::Bool(_)) => true,
        (Value::Number(ours), Other::Number(other)) => Some(*ours) == other.as_f64(),
        (Value::Text(ours), Other::String(other)) => ours == other,
        (Value::List(ours), Other::Array(other)) => {
            ours.len() == other.len() && ours.iter().zip(other).all(|(ours, other)| same(ours, other))
        }
        (Value::Object(ours), Other::Object(_)) => same_object(ours, other),
        _ => false,
    }
}

/// JSON without duplicate members.
struct NoDuplicates;

impl<'de> Deserialize<'de> for NoDuplicates {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for NoDuplicates {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some((name, Self)) = map.next_entry::<String, Self>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a member that stands twice"));
            }
        }
        Ok(self)
    }
}
