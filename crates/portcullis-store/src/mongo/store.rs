//! The store of a kind of record in MongoDB.

use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use bson::Document;
use bson::oid::ObjectId;
use portcullis::record::{Expected, IdempotencyKey, ListRequest, Page, Record, RecordId, Stored, Valid};
use portcullis_server::Permit;
use portcullis_server::store::{Store, StoreError};
use portcullis_verifier::supervise::Supervised;

use super::collections::Collections;
use super::{creations, list, trash, within, writes};
use crate::document::to_record;
use crate::identity::owner;
use crate::{Clock, TRASH_LIFETIME};

/// The records `R` in a MongoDB.
pub struct MongoStore<R> {
    collections: Collections,
    clock: Clock,
    /// Runs as long as a store exists.
    _upkeep: Arc<Supervised>,
    record: PhantomData<fn() -> R>,
}

impl<R: Record> MongoStore<R> {
    pub fn new(collections: Collections, clock: Clock, upkeep: Arc<Supervised>) -> Self {
        Self { collections, clock, _upkeep: upkeep, record: PhantomData }
    }
}

/// Returns the record in `document`.
pub fn one<R: Record>(document: Option<Document>) -> Result<Stored<R>, StoreError> {
    document.as_ref().and_then(to_record).ok_or(StoreError::NotFound)
}

#[async_trait]
impl<R: Record> Store<R> for MongoStore<R> {
    async fn list(&self, _: &Permit<R::Read>, request: ListRequest) -> Result<Page<R>, StoreError> {
        list::list(&self.collections, &request, list::Limits::USUAL).await
    }

    async fn get(&self, _: &Permit<R::Read>, id: RecordId) -> Result<Stored<R>, StoreError> {
        let Collections { records, .. } = &self.collections;
        let found = records.find_one(self.collections.by_id(id)).projection(self.collections.fields());
        one(within(found).await?)
    }

    async fn create(
        &self,
        permit: &Permit<R::Write>,
        fields: Valid<R>,
        key: Option<IdempotencyKey>,
    ) -> Result<Stored<R>, StoreError> {
        let (owner, now) = (owner(permit.caller())?, self.clock.now());
        match key {
            Some(key) => creations::create(&self.collections, &self.clock, owner, &fields, &key).await,
            None => writes::insert(&self.collections, ObjectId::new(), owner, &fields, now).await,
        }
    }

    async fn update(
        &self,
        permit: &Permit<R::Write>,
        id: RecordId,
        expected: Expected,
        fields: R,
    ) -> Result<Stored<R>, StoreError> {
        writes::update(&self.collections, permit.caller(), id, &expected, &fields, self.clock.now()).await
    }

    async fn delete(&self, permit: &Permit<R::Delete>, id: RecordId, expected: Expected) -> Result<(), StoreError> {
        trash::delete::<R>(&self.collections, permit.caller(), id, &expected, self.clock.now()).await
    }

    async fn restore(&self, permit: &Permit<R::Delete>, id: RecordId) -> Result<Stored<R>, StoreError> {
        trash::restore(&self.collections, permit.caller(), id, self.clock.before(TRASH_LIFETIME)).await
    }
}
