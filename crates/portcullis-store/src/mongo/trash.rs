//! Deleted records, for as long as they can be restored.
//!
//! A document is put into the trash before it is removed from its collection, so nothing is lost if the program ends in
//! between. Each entry has its own id, so that two concurrent deletions of a record do not overwrite each other's
//! entry. `done` marks the entry of the deletion that removed the record. Deletions that came too late may have left
//! entries, too.

use bson::oid::ObjectId;
use bson::{DateTime, Document, doc};
use mongodb::Collection;
use portcullis::Caller;
use portcullis::record::{Expected, Owner, Record, RecordId, Stored};
use portcullis_server::store::StoreError;

use super::collections::{Collections, RECORD};
use super::store::one;
use super::writes::{contended, unchanged};
use super::{insert, names, within};
use crate::document::{from_owner, to_owner};
use crate::identity::{check, may_restore};

/// The maximum number of attempts to delete a record; see [`super::writes`].
const ATTEMPTS: usize = 20;

/// Moves the record `id` into the trash.
pub async fn delete<R: Record>(
    collections: &Collections,
    caller: &Caller,
    id: RecordId,
    expected: &Expected,
    now: DateTime,
) -> Result<(), StoreError> {
    let Collections { records, trash, .. } = collections;
    for _ in 0..ATTEMPTS {
        let document = within(records.find_one(collections.by_id(id))).await?.ok_or(StoreError::NotFound)?;
        check(caller, &one::<R>(Some(document.clone()))?, expected)?;
        let entry = ObjectId::new();
        let by_entry = doc! { "_id": entry };
        let mut entry =
            doc! { "_id": entry, RECORD: ObjectId::from_bytes(id.0), "document": &document, "deleted_at": now };
        if let Some(owner) = Owner::of(caller) {
            entry.insert("deleted_by", from_owner(owner));
        }
        insert(trash, &entry).await?;
        match within(records.find_one_and_delete(unchanged(collections, &document))).await? {
            Some(deleted) => {
                let mut done = doc! { "done": true };
                // Parts of the document that the version does not cover may have changed.
                if deleted != document {
                    done.insert("document", deleted);
                }
                // The record is deleted even if this fails, and its entry can still restore it.
                if let Err(error) = within(trash.update_one(by_entry, doc! { "$set": done })).await {
                    tracing::warn!(%error, "a deletion could not be marked as done");
                }
                return Ok(());
            }
            None => _ = within(trash.delete_one(by_entry)).await?,
        }
    }
    Err(contended())
}

/// Returns the entry that decides who may restore the record `id`: that of the deletion that is `done`, however old.
/// Without one, the newest may be of a deletion that was interrupted before it could set `done`. All others cannot be
/// restored.
pub async fn entry(trash: &Collection<Document>, id: RecordId) -> Result<Option<Document>, StoreError> {
    let filter = doc! { RECORD: ObjectId::from_bytes(id.0) };
    let by_rank = doc! { "done": -1, "deleted_at": -1, "_id": -1 };
    within(trash.find_one(filter).sort(by_rank)).await
}

/// Moves the record `id` back from the trash, if it was deleted at `since` or later.
pub async fn restore<R: Record>(
    collections: &Collections,
    caller: &Caller,
    id: RecordId,
    since: DateTime,
) -> Result<Stored<R>, StoreError> {
    let Collections { records, trash, .. } = collections;
    let entry = entry(trash, id).await?.ok_or(StoreError::NotFound)?;
    if !entry.get_datetime("deleted_at").is_ok_and(|at| *at >= since) {
        return Err(StoreError::NotFound);
    }
    let deleted_by = entry.get_document("deleted_by").ok().and_then(to_owner);
    if !may_restore::<R>(caller, deleted_by.as_ref()) {
        return Err(StoreError::NotYours);
    }
    let mut document = entry.get_document("document").map_err(|_| StoreError::NotFound)?.clone();
    names::set(collections.schema, &mut document);
    let by_entry: Document = entry.get("_id").map(|id| ("_id".to_owned(), id.clone())).into_iter().collect();
    // The record may exist again from here on. If this is interrupted, this entry must not take precedence over that of
    // the next deletion.
    within(trash.update_one(by_entry.clone(), doc! { "$unset": { "done": "" } })).await?;
    match insert(records, &document).await {
        Ok(true) => {}
        // The record exists: someone else was faster, or the deletion was never finished.
        Ok(false) => return Err(StoreError::NotFound),
        // A rule of the database does not allow the record now, but may later.
        Err(error @ (StoreError::Conflict { .. } | StoreError::Rejected)) => {
            within(trash.update_one(by_entry, doc! { "$set": { "done": true } })).await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    }
    within(trash.delete_one(by_entry)).await?;
    one(Some(document))
}
