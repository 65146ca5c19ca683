//! Repeatable creations: before a record is created, an entry by the name of the creation stores its id.

use bson::oid::ObjectId;
use bson::spec::BinarySubtype;
use bson::{Binary, DateTime, Document, doc};
use portcullis::record::{IdempotencyKey, Owner, Record, RecordId, Stored, Valid};
use portcullis_server::store::StoreError;

use super::collections::{Collections, RECORD};
use super::store::one;
use super::{insert, within, writes};
use crate::identity::{Creation, Hash};
use crate::{Clock, KEY_LIFETIME};

/// Returns the filter for the entry `name`, if it is from before `since`.
pub fn expired(name: &Binary, since: DateTime) -> Document {
    doc! { "_id": name, "created_at": { "$lt": since } }
}

fn binary(hash: Hash) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: hash.to_vec() }
}

/// Adds a record, or returns the one that `key` has added before.
///
/// The request that first adds the entry chooses the record's id. All requests with the same key insert with the same
/// `_id`, and one of them wins. If the first request ends before the record exists, the next one creates it. `done`
/// means that the record existed: if it no longer exists, it was deleted, and is not created again.
pub async fn create<R: Record>(
    collections: &Collections,
    clock: &Clock,
    owner: Owner,
    wanted: &Valid<R>,
    key: &IdempotencyKey,
) -> Result<Stored<R>, StoreError> {
    let Collections { records, creations, trash, .. } = collections;
    let creation = Creation::of(&owner, key, wanted)?;
    let by_name = doc! { "_id": binary(creation.name) };
    let entry = doc! {
        "_id": binary(creation.name), "draft": binary(creation.fields), RECORD: ObjectId::new(), "done": false,
        "created_at": clock.now(),
    };
    // MongoDB removes expired entries with a delay.
    within(creations.delete_one(expired(&binary(creation.name), clock.before(KEY_LIFETIME)))).await?;
    let is_first = insert(creations, &entry).await?;
    let entry = match is_first {
        true => entry,
        // The entry may just have expired. Then the client must retry.
        false => within(creations.find_one(by_name.clone())).await?.ok_or_else(writes::contended)?,
    };
    let broken = |_| StoreError::Failed("a broken entry of a creation".into());
    if entry.get("draft") != Some(&binary(creation.fields).into()) {
        return Err(StoreError::KeyReused);
    }
    let id = entry.get_object_id(RECORD).map_err(broken)?;
    if entry.get_bool("done").map_err(broken)? {
        let by_id = collections.by_id(RecordId(id.bytes()));
        return one(within(records.find_one(by_id).projection(collections.fields())).await?);
    }
    // The record was created and deleted, and the creation was interrupted before it could set `done`.
    if !is_first && within(trash.find_one(doc! { RECORD: id })).await?.is_some() {
        return Err(StoreError::NotFound);
    }
    let made_at: DateTime = *entry.get_datetime("created_at").map_err(broken)?;
    let record = writes::insert(collections, id, owner, wanted, made_at).await?;
    let done: Document = doc! { "$set": { "done": true } };
    within(creations.update_one(by_name, done)).await?;
    Ok(record)
}
