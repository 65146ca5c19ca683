//! What changes items: who may is asked in the transaction that writes, and what is expected is compared there.
//!
//! Several of them share a transaction. Each refuses before it changes anything, so a refusal leaves no trace among the
//! changes of others.

use app::items::{Expected, Item, ItemDraft, ItemId, Owner, ValidDraft};
use app::ssr::items::StoreError;
use bson::oid::ObjectId;
use bson::{Document, doc};
use portcullis::Caller;
use redb::WriteTransaction;

use super::Fault;
use super::expiring::{CREATIONS, TRASH};
use super::tables::{Tables, decode};
use crate::store::document::{self, Change, from_owner, to_item, to_owner};
use crate::store::identity::{Creation, check, may_restore};
use crate::store::{Clock, KEY_LIFETIME, TRASH_LIFETIME};

/// Adds an item of `owner`; the same `creation` as before gives the one that was added then.
pub fn create(
    writing: &WriteTransaction,
    clock: &Clock,
    owner: &Owner,
    draft: &ValidDraft,
    creation: Option<&Creation>,
) -> Result<Item, Fault> {
    let mut tables = Tables::open(writing)?;
    let id = ObjectId::new();
    let document = document::create(id, draft, owner.clone(), clock.now());
    let created = item(&document)?;
    if let Some(creation) = creation {
        let since = clock.before(KEY_LIFETIME);
        if let Some(entry) = CREATIONS.get(writing, &creation.name, since)? {
            let (draft, id) = entry.split_last_chunk().ok_or_else(|| Fault::Database("a broken entry".into()))?;
            if draft != creation.draft {
                return Err(StoreError::KeyReused.into());
            }
            return existing(&tables, ItemId(*id)).map(|(_, item)| item);
        }
        CREATIONS.purge(writing, since)?;
        let entry = [creation.draft.as_slice(), &id.bytes()].concat();
        CREATIONS.put(writing, &creation.name, &entry, clock.now())?;
    }
    tables.put(&document)?;
    Ok(created)
}

/// Puts `draft` in the place of what the item `id` says.
pub fn update(
    writing: &WriteTransaction,
    clock: &Clock,
    caller: &Caller,
    id: ItemId,
    expected: &Expected,
    draft: &ItemDraft,
) -> Result<Item, Fault> {
    let mut tables = Tables::open(writing)?;
    let (mut document, before) = existing(&tables, id)?;
    check(caller, &before, expected)?;
    let draft = draft.validate_change(&before.draft()).map_err(StoreError::Invalid)?;
    Change::of(Some(&before), &draft, clock.now()).apply(&mut document);
    let updated = item(&document)?;
    tables.put(&document)?;
    Ok(updated)
}

/// Moves the item `id` into the trash.
pub fn delete(
    writing: &WriteTransaction,
    clock: &Clock,
    caller: &Caller,
    id: ItemId,
    expected: &Expected,
) -> Result<(), Fault> {
    let mut tables = Tables::open(writing)?;
    let (document, before) = existing(&tables, id)?;
    check(caller, &before, expected)?;
    let mut entry = doc! { "document": document };
    if let Some(owner) = Owner::of(caller) {
        entry.insert("deleted_by", from_owner(owner));
    }
    TRASH.purge(writing, clock.before(TRASH_LIFETIME))?;
    TRASH.put(writing, &id.0, &entry.to_vec()?, clock.now())?;
    tables.remove(id)
}

/// Moves the item `id` back from the trash.
pub fn restore(writing: &WriteTransaction, clock: &Clock, caller: &Caller, id: ItemId) -> Result<Item, Fault> {
    let entry = TRASH.get(writing, &id.0, clock.before(TRASH_LIFETIME))?.ok_or(StoreError::NotFound)?;
    let entry = decode(&entry)?;
    let deleted_by = entry.get_document("deleted_by").ok().and_then(to_owner);
    if !may_restore(caller, deleted_by.as_ref()) {
        return Err(StoreError::NotYours.into());
    }
    let document = entry.get_document("document").map_err(|_| StoreError::NotFound)?;
    let restored = item(document)?;
    Tables::open(writing)?.put(document)?;
    TRASH.remove(writing, &id.0)?;
    Ok(restored)
}

/// The document by `id`, and the item that it is.
fn existing(tables: &Tables<'_>, id: ItemId) -> Result<(Document, Item), Fault> {
    let document = tables.get(id)?.ok_or(StoreError::NotFound)?;
    let item = item(&document)?;
    Ok((document, item))
}

fn item(document: &Document) -> Result<Item, Fault> {
    Ok(to_item(document).ok_or(StoreError::NotFound)?)
}
