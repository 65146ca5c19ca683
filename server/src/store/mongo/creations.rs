//! Creations that can be repeated: a record by the name of each says which item it makes, before the item is made.

use app::items::{IdempotencyKey, Item, ItemId, Owner, ValidDraft};
use app::ssr::items::StoreError;
use bson::oid::ObjectId;
use bson::spec::BinarySubtype;
use bson::{Binary, DateTime, Document, doc};

use super::{Collections, by_id, fields, insert, one, within, writes};
use crate::store::identity::{Creation, Hash};
use crate::store::{Clock, KEY_LIFETIME};

/// The filter for the record by `name`, if it is from before `since`.
pub fn expired(name: &Binary, since: DateTime) -> Document {
    doc! { "_id": name, "created_at": { "$lt": since } }
}

fn binary(hash: Hash) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: hash.to_vec() }
}

/// Adds an item, or gives the one that `key` has added before.
///
/// Whoever makes the record first chooses the item's id, so all who come with the same key insert by the same `_id`,
/// and one of them wins. Should the first end before the item is there, the next makes it. `done` says that it was
/// there: if it is not any more, it was deleted, and is not made again.
pub async fn create(
    collections: &Collections,
    clock: &Clock,
    owner: Owner,
    draft: &ValidDraft,
    key: &IdempotencyKey,
) -> Result<Item, StoreError> {
    let Collections { items, creations, trash } = collections;
    let creation = Creation::of(&owner, key, draft)?;
    let by_name = doc! { "_id": binary(creation.name) };
    let record = doc! {
        "_id": binary(creation.name), "draft": binary(creation.draft), "item": ObjectId::new(), "done": false,
        "created_at": clock.now(),
    };
    // MongoDB removes what has expired when it gets round to it.
    within(creations.delete_one(expired(&binary(creation.name), clock.before(KEY_LIFETIME)))).await?;
    let is_first = insert(creations, &record).await?;
    let record = match is_first {
        true => record,
        // It may have expired in this moment: then the client has to try again.
        false => within(creations.find_one(by_name.clone())).await?.ok_or_else(writes::contended)?,
    };
    let broken = |_| StoreError::Failed("a broken record of a creation".into());
    if record.get("draft") != Some(&binary(creation.draft).into()) {
        return Err(StoreError::KeyReused);
    }
    let id = record.get_object_id("item").map_err(broken)?;
    if record.get_bool("done").map_err(broken)? {
        return one(within(items.find_one(by_id(ItemId(id.bytes()))).projection(fields())).await?);
    }
    // Made, and deleted, by a creation that was broken off before it could say that it was done.
    if !is_first && within(trash.find_one(doc! { "item": id })).await?.is_some() {
        return Err(StoreError::NotFound);
    }
    let made_at: DateTime = *record.get_datetime("created_at").map_err(broken)?;
    let item = writes::insert(items, id, owner, draft, made_at).await?;
    let done: Document = doc! { "$set": { "done": true } };
    within(creations.update_one(by_name, done)).await?;
    Ok(item)
}
