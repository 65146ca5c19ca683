//! The effect of a write on a document.

use bson::oid::ObjectId;
use bson::{Bson, DateTime, Document, doc};
use portcullis::record::{Owner, Record, Valid};
use portcullis_server::store::StoreError;

use super::document::from_owner;

/// Returns the document of a new record with the id `id`.
///
/// # Errors
/// [`StoreError::Failed`] if the fields cannot be written as BSON.
pub fn create<R: Record>(
    id: ObjectId,
    fields: &Valid<R>,
    owner: Option<Owner>,
    now: DateTime,
) -> Result<Document, StoreError> {
    let mut document = doc! { "_id": id };
    if let Some(owner) = owner {
        document.insert("owner", from_owner(owner));
    }
    document.insert("created_at", now);
    Change::of(None, fields, now)?.apply(&mut document);
    Ok(document)
}

/// The effect of an update on a document: fields to set and fields to remove. All others are preserved.
pub struct Change {
    /// The fields with their new values.
    pub set: Document,
    /// The names of the fields to remove.
    pub unset: Vec<&'static str>,
}

impl Change {
    /// Returns the change from the fields `before`, if any, to `wanted`. A field with an unchanged value is not
    /// written: a value that could not be read belongs to another program, and so does the type of a number.
    ///
    /// # Errors
    /// [`StoreError::Failed`] if the fields cannot be written as BSON.
    pub fn of<R: Record>(before: Option<&R>, wanted: &Valid<R>, now: DateTime) -> Result<Self, StoreError> {
        let values =
            |fields: &R| bson::serialize_to_document(fields).map_err(|error| StoreError::Failed(error.to_string()));
        let before = before.map(values).transpose()?.unwrap_or_default();
        let mut wanted = values(wanted.fields())?;
        let mut change = Self { set: doc! {}, unset: Vec::new() };
        if let Some(searched) = wanted.remove(R::SEARCHED) {
            change.set.insert(R::SEARCHED, searched);
        }
        change.set.insert("updated_at", now);
        for name in R::FIELDS.iter().filter(|name| **name != R::SEARCHED) {
            let is_value = |value: &Bson| *value != Bson::Null;
            let (before, wanted) = (before.get(*name).filter(|v| is_value(v)), wanted.remove(*name).filter(is_value));
            match wanted {
                same if same.as_ref() == before => {}
                Some(value) => _ = change.set.insert(*name, value),
                None => change.unset.push(name),
            }
        }
        Ok(change)
    }

    /// Applies the change to `document`.
    pub fn apply(self, document: &mut Document) {
        document.extend(self.set);
        for name in self.unset {
            document.remove(name);
        }
    }
}
