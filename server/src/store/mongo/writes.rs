//! Changes to single items: a filter that names every value that was seen makes "if it is still so" one step.

use app::items::{Expected, Item, ItemDraft, ItemId, Owner, ValidDraft};
use app::ssr::items::StoreError;
use bson::oid::ObjectId;
use bson::{Bson, DateTime, Document, doc};
use mongodb::Collection;
use mongodb::options::ReturnDocument;
use portcullis::Caller;

use super::{by_id, fields, names, one, within};
use crate::store::document::{self, Change, FIELDS};
use crate::store::identity::check;

/// How often a change is begun anew when others change the item at the same moment. Who names a version has to begin
/// anew only for what cannot be seen, and who does not only while others keep winning.
const ATTEMPTS: usize = 20;

/// Adds the item `id` of `owner`.
pub async fn insert(
    items: &Collection<Document>,
    id: ObjectId,
    owner: Owner,
    draft: &ValidDraft,
    now: DateTime,
) -> Result<Item, StoreError> {
    let mut document = document::create(id, draft, owner, now);
    names::set(&mut document);
    // By an id that exists it is the same creation, made by another who repeated it.
    if super::insert(items, &document).await? {
        return one(Some(document));
    }
    one(within(items.find_one(doc! { "_id": id }).projection(fields())).await?)
}

/// Puts `draft` in the place of what the item `id` says.
pub async fn update(
    items: &Collection<Document>,
    caller: &Caller,
    id: ItemId,
    expected: &Expected,
    draft: &ItemDraft,
    now: DateTime,
) -> Result<Item, StoreError> {
    for _ in 0..ATTEMPTS {
        let document = within(items.find_one(by_id(id)).projection(fields())).await?.ok_or(StoreError::NotFound)?;
        let before = one(Some(document.clone()))?;
        check(caller, &before, expected)?;
        let draft = draft.validate_change(&before.draft()).map_err(StoreError::Invalid)?;
        let Change { mut set, unset } = Change::of(Some(&before), &draft, now);
        set.insert(names::FIELD, names::of(&draft.draft().name, id));
        let mut change = doc! { "$set": set };
        if !unset.is_empty() {
            let names: Document = unset.into_iter().map(|name| (name.to_owned(), "".into())).collect();
            change.insert("$unset", names);
        }
        if let Some(after) = self::change(items, &document, change).await? {
            return one(Some(after));
        }
    }
    Err(contended())
}

/// Changes `document`, if it is as it was read; gives what it is then.
pub async fn change(
    items: &Collection<Document>,
    document: &Document,
    change: Document,
) -> Result<Option<Document>, StoreError> {
    let changed = items.find_one_and_update(unchanged(document), change).return_document(ReturnDocument::After);
    within(changed.projection(fields())).await
}

/// Nothing came of it, as others changed the item again and again.
pub fn contended() -> StoreError {
    StoreError::Unavailable("others keep changing the item".into())
}

/// The filter for a document in which everything that an item is made of is as in `document`.
pub fn unchanged(document: &Document) -> Document {
    let mut filter: Document = document.get("_id").map(|id| ("_id".to_owned(), id.clone())).into_iter().collect();
    let mut kinds = Vec::new();
    for field in FIELDS {
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
