//! Authorization for a single record, and the identity of repeated creations. Both are used in the step that writes.

use aws_lc_rs::digest::{SHA256, digest};
use portcullis::Caller;
use portcullis::record::{Expected, IdempotencyKey, Owner, Record, Stored, Valid, may_change};
use portcullis_server::store::StoreError;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

/// Checks whether `caller` may change `record` now, and whether its version is `expected`.
///
/// # Errors
/// [`StoreError::NotYours`] before [`StoreError::Changed`]: a caller who may not change the record must not be told to
/// retry.
pub fn check<R: Record>(caller: &Caller, record: &Stored<R>, expected: &Expected) -> Result<(), StoreError> {
    if !may_change::<R>(caller, record.owner.as_ref()) {
        return Err(StoreError::NotYours);
    }
    if expected.is_met_by(&record.version) { Ok(()) } else { Err(StoreError::Changed) }
}

/// Returns the owner of a new record of `caller`.
///
/// # Errors
/// [`StoreError::NoSubject`] for a caller without a subject, who could never change the record.
pub fn owner(caller: &Caller) -> Result<Owner, StoreError> {
    Owner::of(caller).ok_or(StoreError::NoSubject)
}

/// Returns whether `caller` may restore a record that `deleted_by` deleted, by the same rule as for the owner of a
/// record.
pub fn may_restore<R: Record>(caller: &Caller, deleted_by: Option<&Owner>) -> bool {
    may_change::<R>(caller, deleted_by)
}

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The identity of a repeated creation. It includes the owner, so that a key of one caller never matches that of
/// another.
pub struct Creation {
    /// The hash of issuer, subject and key.
    pub name: Hash,
    /// The hash of the fields.
    pub fields: Hash,
}

impl Creation {
    /// Returns the creation of a record with `fields` by `owner`, with the idempotency key `key`.
    ///
    /// # Errors
    /// [`StoreError::Failed`] if the fields cannot be written as JSON.
    pub fn of<R: Record>(owner: &Owner, key: &IdempotencyKey, fields: &Valid<R>) -> Result<Self, StoreError> {
        let failed = |error: serde_json::Error| StoreError::Failed(error.to_string());
        // JSON, because no two triples have the same text in it.
        let name = serde_json::to_vec(&(&owner.issuer, &owner.subject, key.as_str())).map_err(failed)?;
        let Value::Object(members) = serde_json::to_value(fields).map_err(failed)? else {
            return Err(StoreError::Failed("the fields are not an object".into()));
        };
        let fields = serde_json::to_vec(&InOrder { names: R::FIELDS, members: &members }).map_err(failed)?;
        Ok(Self { name: hash(&name), fields: hash(&fields) })
    }
}

/// The fields in a fixed order, with null for missing ones. Databases contain hashes of this text.
struct InOrder<'a> {
    names: &'a [&'a str],
    members: &'a Map<String, Value>,
}

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.names.len()))?;
        for name in self.names {
            map.serialize_entry(name, self.members.get(*name).unwrap_or(&Value::Null))?;
        }
        map.end()
    }
}

fn hash(bytes: &[u8]) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use portcullis::Scopes;

    use super::*;
    use crate::test_record::Thing;

    fn creation(issuer: &str, subject: &str, key: &str, name: &str) -> Creation {
        let owner = Owner { issuer: issuer.into(), subject: subject.into() };
        let draft = Thing { name: name.into(), ..Thing::default() }.validate().expect("right");
        Creation::of(&owner, &IdempotencyKey::parse(key).expect("a key"), &draft).expect("plain JSON")
    }

    #[test]
    fn idempotency_key_is_valid_within_one_identity() {
        let one = creation("i", "s", "k", "Lamp");
        assert_eq!(creation("i", "s", "k", "Lamp").name, one.name);
        for other in [creation("j", "s", "k", "Lamp"), creation("i", "t", "k", "Lamp"), creation("i", "s", "l", "Lamp")]
        {
            assert_ne!(other.name, one.name);
        }
        assert_ne!(creation("i", "sk", "k", "Lamp").name, creation("i", "s", "kk", "Lamp").name);
    }

    #[test]
    fn creation_hash_matches_existing_databases() {
        let fields = br#"{"name":"Lamp","description":null,"price":null,"currency":null}"#;
        assert_eq!(creation("i", "s", "k", "Lamp").fields, hash(fields));
        assert_eq!(creation("i", "s", "k", "Lamp").name, hash(br#"["i","s","k"]"#));
    }

    #[test]
    fn creation_hash_differs_for_another_draft() {
        assert_eq!(creation("i", "s", "k", " Lamp ").fields, creation("i", "s", "k", "Lamp").fields);
        assert_ne!(creation("i", "s", "k", "Lamps").fields, creation("i", "s", "k", "Lamp").fields);
    }

    #[test]
    fn caller_without_subject_owns_nothing_new() {
        for subject in [None, Some(""), Some(" ")] {
            let subject = subject.map(Into::into);
            let caller = Caller { issuer: "i".into(), subject, scopes: Scopes::default() };
            assert!(matches!(owner(&caller), Err(StoreError::NoSubject)), "{caller:?}");
        }
    }
}
