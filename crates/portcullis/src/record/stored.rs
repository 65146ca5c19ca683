//! A stored record.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::{Owner, RecordId};

/// A stored record. In JSON, it is one object, with the fields `R` after the id.
///
/// It dereferences to the fields: `note.title` is `note.fields.title`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stored<R> {
    /// The id, unique in the collection.
    pub id: RecordId,
    /// The editable fields.
    #[serde(flatten)]
    pub fields: R,
    /// The owner, or `None` if the document has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// The time of creation, RFC 3339 in UTC. If the document has none, the time in the id.
    pub created_at: String,
    /// The time of the last change, RFC 3339 in UTC. If the document has none, the time in the id.
    pub updated_at: String,
    /// The version of the record, used as its `ETag` (RFC 9110 §8.8.3). It changes with every other field here. A
    /// change must name the version that it is based on.
    pub version: String,
}

impl<R> Deref for Stored<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.fields
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
    fn stored_with_unknown_or_missing_members_is_read() {
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
