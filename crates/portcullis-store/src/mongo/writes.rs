//! Changes to single records: a filter that names every value that was seen makes "if it is still so" one step.

use bson::oid::ObjectId;
use bson::{Bson, DateTime, Document, doc};
use mongodb::options::ReturnDocument;
use portcullis::Caller;
use portcullis::record::{Expected, Owner, Record, RecordId, Stored, Valid};
use portcullis_server::store::StoreError;

use super::collections::Collections;
use super::store::one;
use super::{names, within};
use crate::change::{self, Change};
use crate::identity::check;

/// How often a change is retried when others change the record at the same moment. With an expected version, only changes
/// of what that version does not cover cause a retry.
const ATTEMPTS: usize = 20;

/// Adds the record `id` of `owner`.
pub async fn insert<R: Record>(
    collections: &Collections,
    id: ObjectId,
    owner: Owner,
    fields: &Valid<R>,
    now: DateTime,
) -> Result<Stored<R>, StoreError> {
    let mut document = change::create(id, fields, Some(owner), now)?;
    names::set(collections.schema, &mut document);
    // By an id that exists it is the same creation, made by another who repeated it.
    if super::insert(&collections.records, &document).await? {
        return one(Some(document));
    }
    let by_id = doc! { "_id": id };
    one(within(collections.records.find_one(by_id).projection(collections.fields())).await?)
}

/// Puts `fields` in the place of those of the record `id`.
pub async fn update<R: Record>(
    collections: &Collections,
    caller: &Caller,
    id: RecordId,
    expected: &Expected,
    fields: &R,
    now: DateTime,
) -> Result<Stored<R>, StoreError> {
    for _ in 0..ATTEMPTS {
        let found = collections.records.find_one(collections.by_id(id)).projection(collections.fields());
        let document = within(found).await?.ok_or(StoreError::NotFound)?;
        let before = one::<R>(Some(document.clone()))?;
        check(caller, &before, expected)?;
        let wanted = fields.validate_change(&before.fields).map_err(StoreError::Invalid)?;
        let Change { mut set, unset } = Change::of(Some(&before.fields), &wanted, now)?;
        let name = set.get_str(R::SEARCHED).map(|name| names::of(name, id));
        set.extend(name.map(|names| (names::FIELD.to_owned(), names.into())));
        let mut change = doc! { "$set": set };
        if !unset.is_empty() {
            let names: Document = unset.into_iter().map(|name| (name.to_owned(), "".into())).collect();
            change.insert("$unset", names);
        }
        if let Some(after) = self::change(collections, &document, change).await? {
            return one(Some(after));
        }
    }
    Err(contended())
}

/// Changes `document`, if it is as it was read; gives what it is then.
pub async fn change(
    collections: &Collections,
    document: &Document,
    change: Document,
) -> Result<Option<Document>, StoreError> {
    let filter = unchanged(collections, document);
    let changed = collections.records.find_one_and_update(filter, change).return_document(ReturnDocument::After);
    within(changed.projection(collections.fields())).await
}

/// Nothing came of it, as others changed the record again and again.
pub fn contended() -> StoreError {
    StoreError::Unavailable("others keep changing the record".into())
}

/// The filter for a document in which everything that a record is read from is as in `document`.
pub fn unchanged(collections: &Collections, document: &Document) -> Document {
    let mut filter: Document = document.get("_id").map(|id| ("_id".to_owned(), id.clone())).into_iter().collect();
    let mut kinds = Vec::new();
    for field in collections.schema.fields() {
        let condition = match document.get(field) {
            None => doc! { "$exists": false },
            // Nothing may be compared with it, as it is deprecated.
            Some(Bson::Undefined) => doc! { "$type": "undefined" },
            Some(value) => {
                // The comparison also holds for a list with the value in it.
                if !matches!(value, Bson::Array(_)) {
                    kinds.push(doc! { "$ne": [{ "$type": format!("${field}") }, "array"] });
                }
                doc! { "$eq": value }
            }
        };
        filter.insert(field, condition);
    }
    filter.insert("$expr", doc! { "$and": kinds });
    filter
}
