//! A record as it is stored.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::value::MapDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Owner, Record, RecordId};

/// A record as it is stored. On the wire it is one object, with the fields `R` after the id.
///
/// It dereferences to the fields: `note.title` is `note.fields.title`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Stored<R> {
    /// The id, unique in the collection.
    pub id: RecordId,
    /// The fields that people edit.
    #[serde(flatten)]
    pub fields: R,
    /// Whose it is; unknown where the document does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// When it was created, RFC 3339 in UTC; the time in the id where the document does not say.
    pub created_at: String,
    /// When it was last changed, RFC 3339 in UTC; the time in the id where the document does not say.
    pub updated_at: String,
    /// Which state of the record this is: it changes with everything above, and is the `ETag` (RFC 9110 §8.8.3). A change
    /// must name the version that it starts from.
    pub version: String,
}

impl<R> Deref for Stored<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.fields
    }
}

// Written by hand: what serde derives for a flattened field adds three times as much to the client, as it keeps every
// value in a type of its own.
impl<'de, R: Record> Deserialize<'de> for Stored<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(StoredVisitor(PhantomData))
    }
}

struct StoredVisitor<R>(PhantomData<R>);

impl<'de, R: Record> Visitor<'de> for StoredVisitor<R> {
    type Value = Stored<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Stored<R>, A::Error> {
        let (mut id, mut owner, mut texts) = (None, None, [None, None, None]);
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "id" => id = Some(map.next_value()?),
                "owner" => owner = map.next_value()?,
                "created_at" => texts[0] = Some(map.next_value()?),
                "updated_at" => texts[1] = Some(map.next_value()?),
                "version" => texts[2] = Some(map.next_value()?),
                _ => fields.push((name, map.next_value::<Value>()?)),
            }
        }
        let missing = A::Error::missing_field;
        let [created_at, updated_at, version] = texts;
        Ok(Stored {
            id: id.ok_or_else(|| missing("id"))?,
            fields: R::deserialize(MapDeserializer::new(fields.into_iter()))
                .map_err(|error: serde_json::Error| A::Error::custom(error))?,
            owner,
            created_at: created_at.ok_or_else(|| missing("created_at"))?,
            updated_at: updated_at.ok_or_else(|| missing("updated_at"))?,
            version: version.ok_or_else(|| missing("version"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_record::Thing;
    use super::*;

    const JSON: &str = r#"{"id":"070707070707070707070707","label":"Lamp","count":7,"owner":{"issuer":"i","subject":"s"},"created_at":"a","updated_at":"b","version":"c"}"#;

    #[test]
    fn stored_is_one_object_on_the_wire() {
        let stored = Stored {
            id: RecordId([7; 12]),
            fields: Thing { label: "Lamp".into(), count: Some(7) },
            owner: Some(Owner { issuer: "i".into(), subject: "s".into() }),
            created_at: "a".into(),
            updated_at: "b".into(),
            version: "c".into(),
        };
        assert_eq!(serde_json::to_string(&stored).expect("JSON"), JSON);
        assert_eq!(serde_json::from_str::<Stored<Thing>>(JSON).expect("a thing"), stored);
        assert_eq!(stored.label, "Lamp");
    }

    #[test]
    fn stored_with_unknown_members_and_without_optional_ones_is_read() {
        let json = r#"{"new":[1],"version":"c","label":"Lamp","id":"070707070707070707070707","updated_at":"b","created_at":"a","owner":null}"#;
        let stored: Stored<Thing> = serde_json::from_str(json).expect("a thing");
        assert_eq!((stored.label.as_str(), stored.count, &stored.owner), ("Lamp", None, &None));
        for missing in ["id", "label", "created_at", "updated_at", "version"] {
            let json = json.replace(&format!("\"{missing}\""), "\"other\"");
            let error = serde_json::from_str::<Stored<Thing>>(&json).expect_err(missing).to_string();
            assert!(error.contains(missing), "{error}");
        }
    }
}
