//! Deleted items, for as long as they can be brought back.
//!
//! A document is put into the trash before it leaves the items: whatever ends the program between the two, nothing is
//! lost. A record has an id of its own, so that two who delete the same item at once do not spoil each other's. `done`
//! says that it was this deletion that took the item away: others who came too late may have left records, too.

use app::items::{Expected, Item, ItemId, Owner};
use app::ssr::items::StoreError;
use bson::oid::ObjectId;
use bson::{DateTime, Document, doc};
use mongodb::Collection;
use portcullis::Caller;

use super::writes::{contended, unchanged};
use super::{Collections, by_id, insert, names, one, within};
use crate::store::document::{from_owner, to_owner};
use crate::store::identity::{check, may_restore};

/// How often a deletion is begun anew; see [`super::writes`].
const ATTEMPTS: usize = 20;

/// Moves the item `id` into the trash.
pub async fn delete(
    collections: &Collections,
    caller: &Caller,
    id: ItemId,
    expected: &Expected,
    now: DateTime,
) -> Result<(), StoreError> {
    let Collections { items, trash, .. } = collections;
    for _ in 0..ATTEMPTS {
        let document = within(items.find_one(by_id(id))).await?.ok_or(StoreError::NotFound)?;
        check(caller, &one(Some(document.clone()))?, expected)?;
        let record = ObjectId::new();
        let by_record = doc! { "_id": record };
        let mut entry =
            doc! { "_id": record, "item": ObjectId::from_bytes(id.0), "document": &document, "deleted_at": now };
        if let Some(owner) = Owner::of(caller) {
            entry.insert("deleted_by", from_owner(owner));
        }
        insert(trash, &entry).await?;
        match within(items.find_one_and_delete(unchanged(&document))).await? {
            Some(deleted) => {
                let mut done = doc! { "done": true };
                // What cannot be seen of an item may have changed meanwhile.
                if deleted != document {
                    done.insert("document", deleted);
                }
                // The item is gone whatever comes of this, and its record brings it back all the same.
                if let Err(error) = within(trash.update_one(by_record, doc! { "$set": done })).await {
                    tracing::warn!(%error, "a deletion could not be marked as done");
                }
                return Ok(());
            }
            None => _ = within(trash.delete_one(by_record)).await?,
        }
    }
    Err(contended())
}

/// The record that says who may bring the item `id` back: that of the deletion that was done, however old. Without one,
/// the newest may be of a deletion that was broken off before it could say so; all others are a way back for nobody.
pub async fn record(trash: &Collection<Document>, id: ItemId) -> Result<Option<Document>, StoreError> {
    let filter = doc! { "item": ObjectId::from_bytes(id.0) };
    let by_rank = doc! { "done": -1, "deleted_at": -1, "_id": -1 };
    within(trash.find_one(filter).sort(by_rank)).await
}

/// Moves the item `id` back from the trash, if it was deleted at `since` or later.
pub async fn restore(
    collections: &Collections,
    caller: &Caller,
    id: ItemId,
    since: DateTime,
) -> Result<Item, StoreError> {
    let Collections { items, trash, .. } = collections;
    let record = record(trash, id).await?.ok_or(StoreError::NotFound)?;
    if !record.get_datetime("deleted_at").is_ok_and(|at| *at >= since) {
        return Err(StoreError::NotFound);
    }
    let deleted_by = record.get_document("deleted_by").ok().and_then(to_owner);
    if !may_restore(caller, deleted_by.as_ref()) {
        return Err(StoreError::NotYours);
    }
    let mut document = record.get_document("document").map_err(|_| StoreError::NotFound)?.clone();
    names::set(&mut document);
    let by_record: Document = record.get("_id").map(|id| ("_id".to_owned(), id.clone())).into_iter().collect();
    // From here on the item may be there again. Should this be broken off, the record must not come before that of the
    // next deletion.
    within(trash.update_one(by_record.clone(), doc! { "$unset": { "done": "" } })).await?;
    match insert(items, &document).await {
        Ok(true) => {}
        // It is there: somebody was faster, or the deletion was never finished.
        Ok(false) => return Err(StoreError::NotFound),
        // By a rule of the database's owner it cannot be there now, but maybe later.
        Err(error @ (StoreError::Conflict { .. } | StoreError::Rejected)) => {
            within(trash.update_one(by_record, doc! { "$set": { "done": true } })).await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    }
    within(trash.delete_one(by_record)).await?;
    one(Some(document))
}
