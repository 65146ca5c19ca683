//! Changes to records. The transaction that writes also checks who may change a record, and compares the expected
//! version.
//!
//! Several changes share a transaction. Each is rejected before it changes anything, so a rejected one does not affect
//! the others.

use std::marker::PhantomData;
use std::sync::Arc;

use bson::oid::ObjectId;
use bson::{Document, doc};
use portcullis::Caller;
use portcullis::record::{Expected, Owner, Record, RecordId, Stored, Valid};
use portcullis_server::store::StoreError;
use redb::WriteTransaction;

use super::StorageError;
use super::tables::{OpenTables, RecordTables, decode};
use crate::change::{self, Change};
use crate::document::{from_owner, to_owner, to_record};
use crate::identity::{Creation, check, may_restore};
use crate::{Clock, KEY_LIFETIME, TRASH_LIFETIME};

/// Writes of the records `R`.
pub struct Writes<R> {
    tables: Arc<RecordTables>,
    clock: Clock,
    record: PhantomData<fn() -> R>,
}

impl<R: Record> Writes<R> {
    pub fn new(tables: Arc<RecordTables>, clock: Clock) -> Self {
        Self { tables, clock, record: PhantomData }
    }

    /// Adds a record of `owner`. If the same `creation` was made before, returns the record of that time.
    pub fn create(
        &self,
        writing: &WriteTransaction,
        owner: &Owner,
        fields: &Valid<R>,
        creation: Option<&Creation>,
    ) -> Result<Stored<R>, StorageError> {
        let mut tables = self.tables.open(writing)?;
        let id = ObjectId::new();
        let document = change::create(id, fields, Some(owner.clone()), self.clock.now())?;
        let created = record(&document)?;
        if let Some(creation) = creation {
            let creations = &self.tables.creations;
            let since = self.clock.before(KEY_LIFETIME);
            if let Some(entry) = creations.get(writing, &creation.name, since)? {
                let broken = || StorageError::Database("a broken entry".into());
                let (fields, id) = entry.split_last_chunk().ok_or_else(broken)?;
                if fields != creation.fields {
                    return Err(StoreError::KeyReused.into());
                }
                return existing(&tables, RecordId(*id)).map(|(_, record)| record);
            }
            creations.purge(writing, since)?;
            let entry = [creation.fields.as_slice(), &id.bytes()].concat();
            creations.put(writing, &creation.name, &entry, self.clock.now())?;
        }
        tables.put(&document)?;
        Ok(created)
    }

    /// Replaces the fields of the record `id` with `fields`.
    pub fn update(
        &self,
        writing: &WriteTransaction,
        caller: &Caller,
        id: RecordId,
        expected: &Expected,
        fields: &R,
    ) -> Result<Stored<R>, StorageError> {
        let mut tables = self.tables.open(writing)?;
        let (mut document, before) = existing::<R>(&tables, id)?;
        check(caller, &before, expected)?;
        let fields = fields.validate_change(&before.fields).map_err(StoreError::Invalid)?;
        Change::of(Some(&before.fields), &fields, self.clock.now())?.apply(&mut document);
        let updated = record(&document)?;
        tables.put(&document)?;
        Ok(updated)
    }

    /// Moves the record `id` into the trash.
    pub fn delete(
        &self,
        writing: &WriteTransaction,
        caller: &Caller,
        id: RecordId,
        expected: &Expected,
    ) -> Result<(), StorageError> {
        let mut tables = self.tables.open(writing)?;
        let (document, before) = existing::<R>(&tables, id)?;
        check(caller, &before, expected)?;
        let mut entry = doc! { "document": document };
        if let Some(owner) = Owner::of(caller) {
            entry.insert("deleted_by", from_owner(owner));
        }
        let trash = &self.tables.trash;
        trash.purge(writing, self.clock.before(TRASH_LIFETIME))?;
        trash.put(writing, &id.0, &entry.to_vec()?, self.clock.now())?;
        tables.remove(id)
    }

    /// Moves the record `id` back from the trash.
    pub fn restore(
        &self,
        writing: &WriteTransaction,
        caller: &Caller,
        id: RecordId,
    ) -> Result<Stored<R>, StorageError> {
        let trash = &self.tables.trash;
        let entry = trash.get(writing, &id.0, self.clock.before(TRASH_LIFETIME))?.ok_or(StoreError::NotFound)?;
        let entry = decode(&entry)?;
        let deleted_by = entry.get_document("deleted_by").ok().and_then(to_owner);
        if !may_restore::<R>(caller, deleted_by.as_ref()) {
            return Err(StoreError::NotYours.into());
        }
        let document = entry.get_document("document").map_err(|_| StoreError::NotFound)?;
        let restored = record(document)?;
        self.tables.open(writing)?.put(document)?;
        trash.remove(writing, &id.0)?;
        Ok(restored)
    }
}

/// Returns the document with the id `id`, and the record in it.
fn existing<R: Record>(tables: &OpenTables<'_>, id: RecordId) -> Result<(Document, Stored<R>), StorageError> {
    let document = tables.get(id)?.ok_or(StoreError::NotFound)?;
    let record = record(&document)?;
    Ok((document, record))
}

fn record<R: Record>(document: &Document) -> Result<Stored<R>, StorageError> {
    Ok(to_record(document).ok_or(StoreError::NotFound)?)
}

#[cfg(test)]
mod tests;
