//! The database with the stores of all records: the one value through which handlers and server functions find a store.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use portcullis::AppError;
use portcullis::record::{Expected, IdempotencyKey, ListRequest, Page, Record, RecordId, Stored, Valid};

use super::{Store, StoreError};
use crate::Permit;

/// What all stores of a database share.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Reads what requests read, and returns none of it: so it takes no permit.
    ///
    /// # Errors
    /// What a request would get now: [`StoreError::Unavailable`], [`StoreError::Unsupported`] or
    /// [`StoreError::Failed`].
    async fn ping(&self) -> Result<(), StoreError>;
}

/// The stores of a database, each found by the type of its records.
#[derive(Default)]
pub struct Stores(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Stores {
    /// Adds the store of `R`.
    pub fn insert<R: Record>(&mut self, store: Arc<dyn Store<R>>) {
        self.0.insert(TypeId::of::<R>(), Box::new(store));
    }
}

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Database(Arc<Shared>);

struct Shared {
    backend: Box<dyn Backend>,
    stores: Stores,
}

impl Database {
    /// Returns the database of `backend` with its `stores`.
    #[must_use]
    pub fn new(backend: impl Backend + 'static, stores: Stores) -> Self {
        Self(Arc::new(Shared { backend: Box::new(backend), stores }))
    }

    /// Returns the store of `R`; `None` if the database was opened without it.
    #[must_use]
    pub fn store<R: Record>(&self) -> Option<Arc<dyn Store<R>>> {
        self.0.stores.0.get(&TypeId::of::<R>())?.downcast_ref::<Arc<dyn Store<R>>>().cloned()
    }

    /// Returns the records `R`, for a request.
    ///
    /// # Errors
    /// 500 if the database was opened without them.
    pub fn records<R: Record>(&self) -> Result<Records<R>, AppError> {
        self.store().map(Records).ok_or_else(|| {
            tracing::error!(record = type_name::<R>(), "the database was opened without this record");
            AppError::internal()
        })
    }

    /// Reads what requests read.
    ///
    /// # Errors
    /// Those of [`Backend::ping`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.0.backend.ping().await
    }
}

/// The store of `R` as handlers and server functions use it: its errors are those that clients get.
pub struct Records<R: Record>(Arc<dyn Store<R>>);

impl<R: Record> Records<R> {
    /// Returns a page: [`Store::list`].
    ///
    /// # Errors
    /// 503 if the store is not available.
    pub async fn list(&self, permit: &Permit<R::Read>, request: ListRequest) -> Result<Page<R>, AppError> {
        self.0.list(permit, request).await.map_err(StoreError::into_app_error::<R>)
    }

    /// Returns the record `id`: [`Store::get`].
    ///
    /// # Errors
    /// 404 if it does not exist, 503 if the store is not available.
    pub async fn get(&self, permit: &Permit<R::Read>, id: RecordId) -> Result<Stored<R>, AppError> {
        self.0.get(permit, id).await.map_err(StoreError::into_app_error::<R>)
    }

    /// Creates a record: [`Store::create`].
    ///
    /// # Errors
    /// 403 for a caller without a subject, 404 if the record that this key created has been deleted, 409 if a value must be
    /// unique and is taken, 422 if the key was used for other fields or a rule of the database does not allow the record,
    /// 503 if the store is not available.
    pub async fn create(
        &self,
        permit: &Permit<R::Write>,
        fields: Valid<R>,
        key: Option<IdempotencyKey>,
    ) -> Result<Stored<R>, AppError> {
        self.0.create(permit, fields, key).await.map_err(StoreError::into_app_error::<R>)
    }

    /// Changes the record `id`: [`Store::update`].
    ///
    /// # Errors
    /// 403 if it belongs to someone else, 404 if it does not exist, 412 if its version is another, 400 with `inner.fields`
    /// for fields that are not valid, 409 and 422 by the rules of the database, 503 if the store is not available.
    pub async fn update(
        &self,
        permit: &Permit<R::Write>,
        id: RecordId,
        expected: Expected,
        fields: R,
    ) -> Result<Stored<R>, AppError> {
        self.0.update(permit, id, expected, fields).await.map_err(StoreError::into_app_error::<R>)
    }

    /// Deletes the record `id`: [`Store::delete`].
    ///
    /// # Errors
    /// 403 if it belongs to someone else, 404 if it does not exist, 412 if its version is another, 503 if the store is not
    /// available.
    pub async fn delete(&self, permit: &Permit<R::Delete>, id: RecordId, expected: Expected) -> Result<(), AppError> {
        self.0.delete(permit, id, expected).await.map_err(StoreError::into_app_error::<R>)
    }

    /// Restores the record `id`: [`Store::restore`].
    ///
    /// # Errors
    /// 403 if someone else deleted it, 404 if it can no longer be restored, 409 and 422 by the rules of the database, 503
    /// if the store is not available.
    pub async fn restore(&self, permit: &Permit<R::Delete>, id: RecordId) -> Result<Stored<R>, AppError> {
        self.0.restore(permit, id).await.map_err(StoreError::into_app_error::<R>)
    }
}

impl<R: Record, S: Sync> FromRequestParts<S> for Records<R>
where
    Database: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, AppError> {
        Database::from_ref(state).records()
    }
}
