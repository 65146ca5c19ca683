//! Changes to single records. A filter with every value that was read makes "if it is unchanged" a single step.

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

/// The maximum number of attempts to change a record while others change it. With an expected version, only changes to
/// parts that the version does not cover cause a retry.
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
    // If the id exists, it is the same creation, made by a repeated request.
    if super::insert(&collections.records, &document).await? {
        return one(Some(document));
    }
    let by_id = doc! { "_id": id };
    one(within(collections.records.find_one(by_id).projection(collections.fields())).await?)
}

/// Replaces the fields of the record `id` with `fields`.
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

/// Changes `document` if it is as it was read. Returns its new content.
pub async fn change(
    collections: &Collections,
    document: &Document,
    change: Document,
) -> Result<Option<Document>, StoreError> {
    let filter = unchanged(collections, document);
    let changed = collections.records.find_one_and_update(filter, change).return_document(ReturnDocument::After);
    within(changed.projection(collections.fields())).await
}

/// Returns the error for a change that failed because others kept changing the record.
pub fn contended() -> StoreError {
    StoreError::Unavailable("others keep changing the record".into())
}

/// Returns the filter for a document with the same values of a record as `document`.
pub fn unchanged(collections: &Collections, document: &Document) -> Document {
    let mut filter: Document = document.get("_id").map(|id| ("_id".to_owned(), id.clone())).into_iter().collect();
    let mut kinds = Vec::new();
    for field in collections.schema.fields() {
        let condition = match document.get(field) {
            None => doc! { "$exists": false },
            // This deprecated type cannot be compared.
            Some(Bson::Undefined) => doc! { "$type": "undefined" },
            Some(value) => {
                // The comparison also matches a list with the value in it.
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
