//! The store of one kind of record in the embedded database.

use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use portcullis::record::{Expected, IdempotencyKey, ListRequest, Page, Record, RecordId, Stored, Valid};
use portcullis_server::Permit;
use portcullis_server::store::{Store, StoreError};

use super::EmbeddedDatabase;
use super::list::{Limits, list};
use super::tables::{RecordTables, decode};
use super::writes::Writes;
use crate::document::to_record;
use crate::identity::{Creation, owner};

/// The records `R` in a file on this machine.
pub struct EmbeddedStore<R> {
    database: EmbeddedDatabase,
    tables: Arc<RecordTables>,
    record: PhantomData<fn() -> R>,
}

impl<R: Record> EmbeddedStore<R> {
    pub fn new(database: EmbeddedDatabase, tables: Arc<RecordTables>) -> Self {
        Self { database, tables, record: PhantomData }
    }

    fn writes(&self) -> Writes<R> {
        Writes::new(self.tables.clone(), self.database.clock.clone())
    }
}

#[async_trait]
impl<R: Record> Store<R> for EmbeddedStore<R> {
    async fn list(&self, _: &Permit<R::Read>, request: ListRequest) -> Result<Page<R>, StoreError> {
        let tables = self.tables.clone();
        self.database.read(move |reading| Ok(list(reading, &tables, &request, Limits::USUAL)?.0)).await
    }

    async fn get(&self, _: &Permit<R::Read>, id: RecordId) -> Result<Stored<R>, StoreError> {
        let tables = self.tables.clone();
        self.database
            .read(move |reading| {
                let table = reading.open_table(tables.documents())?;
                let found = table.get(id.0)?.ok_or(StoreError::NotFound)?;
                Ok(to_record(&decode(found.value())?).ok_or(StoreError::NotFound)?)
            })
            .await
    }

    async fn create(
        &self,
        permit: &Permit<R::Write>,
        fields: Valid<R>,
        key: Option<IdempotencyKey>,
    ) -> Result<Stored<R>, StoreError> {
        let owner = owner(permit.caller())?;
        let creation = key.map(|key| Creation::of(&owner, &key, &fields)).transpose()?;
        let writes = self.writes();
        let create = move |writing: &_| writes.create(writing, &owner, &fields, creation.as_ref());
        Ok(self.database.writes.write(create).await?)
    }

    async fn update(
        &self,
        permit: &Permit<R::Write>,
        id: RecordId,
        expected: Expected,
        fields: R,
    ) -> Result<Stored<R>, StoreError> {
        let (writes, caller) = (self.writes(), permit.caller().clone());
        let update = move |writing: &_| writes.update(writing, &caller, id, &expected, &fields);
        Ok(self.database.writes.write(update).await?)
    }

    async fn delete(&self, permit: &Permit<R::Delete>, id: RecordId, expected: Expected) -> Result<(), StoreError> {
        let (writes, caller) = (self.writes(), permit.caller().clone());
        let delete = move |writing: &_| writes.delete(writing, &caller, id, &expected);
        Ok(self.database.writes.write(delete).await?)
    }

    async fn restore(&self, permit: &Permit<R::Delete>, id: RecordId) -> Result<Stored<R>, StoreError> {
        let (writes, caller) = (self.writes(), permit.caller().clone());
        let restore = move |writing: &_| writes.restore(writing, &caller, id);
        Ok(self.database.writes.write(restore).await?)
    }
}
