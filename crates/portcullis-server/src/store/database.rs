//! The database with the stores of all records. Handlers and server functions get their store from it.

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

/// The functions of a database that all its stores share.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Does the same reads as a request, but returns no data, so it needs no permit.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unsupported`] or [`StoreError::Failed`], as a request would get it
    /// now.
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
    /// Creates the database of `backend` with its `stores`.
    #[must_use]
    pub fn new(backend: impl Backend + 'static, stores: Stores) -> Self {
        Self(Arc::new(Shared { backend: Box::new(backend), stores }))
    }

    /// Returns the store of `R`, or `None` if the database has none.
    #[must_use]
    pub fn store<R: Record>(&self) -> Option<Arc<dyn Store<R>>> {
        self.0.stores.0.get(&TypeId::of::<R>())?.downcast_ref::<Arc<dyn Store<R>>>().cloned()
    }

    /// Returns the store of `R` for a request.
    ///
    /// # Errors
    /// 500 if the database has no store of `R`.
    pub fn records<R: Record>(&self) -> Result<Records<R>, AppError> {
        self.store().map(Records).ok_or_else(|| {
            tracing::error!(record = type_name::<R>(), "the database was opened without this record");
            AppError::internal()
        })
    }

    /// Does the same reads as a request.
    ///
    /// # Errors
    /// The errors of [`Backend::ping`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.0.backend.ping().await
    }
}

/// The store of `R` for handlers and server functions. It returns the errors that clients get.
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
    /// 403 if the caller has no subject, 404 if the record that this key created has been deleted, 409 if a value must
    /// be unique and is taken, 422 if the key was used for other fields or a rule of the database does not allow the
    /// record, 503 if the store is not available.
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
    /// 403 if it belongs to someone else, 404 if it does not exist, 412 if its version is not `expected`, 400 with
    /// `inner.fields` if fields are not valid, 409 and 422 if a rule of the database does not allow the change, 503 if
    /// the store is not available.
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
    /// 403 if it belongs to someone else, 404 if it does not exist, 412 if its version is not `expected`, 503 if the
    /// store is not available.
    pub async fn delete(&self, permit: &Permit<R::Delete>, id: RecordId, expected: Expected) -> Result<(), AppError> {
        self.0.delete(permit, id, expected).await.map_err(StoreError::into_app_error::<R>)
    }

    /// Restores the record `id`: [`Store::restore`].
    ///
    /// # Errors
    /// 403 if someone else deleted it, 404 if it can no longer be restored, 409 and 422 if a rule of the database does
    /// not allow the record, 503 if the store is not available.
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
