//! The implementation of the six server functions of a record. Each checks the permit first, and then its arguments.
//!
//! The signature of a server function contains the types of its record, so every resource has its own six. Each is one
//! line:
//!
//! ```
//! use leptos::prelude::*;
//! use portcullis::record::{Record, Stored};
//! use portcullis::AppError;
//! use portcullis_server::application::record_fns;
//!
//! async fn get_record<R: Record>(id: String) -> Result<Stored<R>, AppError> {
//!     record_fns::get(&id).await
//! }
//! ```

use portcullis::AppError;
use portcullis::record::{Expected, IdempotencyKey, ListQuery, ListRequest, Page, Record, Stored};

use super::{permit, records};

/// Returns the record `id`.
///
/// # Errors
/// 401 or 403 if not authorized, 400 for a malformed id, 404 if it does not exist, 503 if the store is not available.
pub async fn get<R: Record>(id: &str) -> Result<Stored<R>, AppError> {
    let permit = permit::<R::Read>()?;
    records::<R>()?.get(&permit, R::parse_id(id)?).await
}

/// Returns a page of records.
///
/// # Errors
/// 401 or 403 if not authorized, 400 for an invalid parameter, 503 if the store is not available.
pub async fn list<R: Record>(query: ListQuery) -> Result<Page<R>, AppError> {
    let permit = permit::<R::Read>()?;
    let request = ListRequest::parse(&query)?;
    records::<R>()?.list(&permit, request).await
}

/// Creates a record that belongs to the caller. With the same `key` it creates one only once.
///
/// # Errors
/// 401 or 403 if not authorized, 403 for a token without a subject, 400 with `inner.fields` for invalid fields, 404 if
/// the record that this key created has been deleted, 409 if a value must be unique and is taken, 422 if the key was
/// used for other fields or a rule of the database does not allow the record, 503 if the store is not available.
pub async fn create<R: Record>(fields: R, key: Option<&str>) -> Result<Stored<R>, AppError> {
    let permit = permit::<R::Write>()?;
    let key = key.map(IdempotencyKey::parse).transpose()?;
    records::<R>()?.create(&permit, fields.validate()?, key).await
}

/// Replaces the fields of the record `id`.
///
/// # Errors
/// 401 or 403 if not authorized, 403 if it belongs to someone else, 404 if it does not exist, 412 if it has changed
/// since `version`, 400 with `inner.fields` for invalid fields, 409 if a value must be unique and is taken, 422 if a
/// rule of the database does not allow the record, 503 if the store is not available.
pub async fn update<R: Record>(id: &str, version: String, fields: R) -> Result<Stored<R>, AppError> {
    let permit = permit::<R::Write>()?;
    records::<R>()?.update(&permit, R::parse_id(id)?, Expected::version(version), fields).await
}

/// Deletes the record `id`. For ten minutes [`restore`] restores it.
///
/// # Errors
/// 401 or 403 if not authorized, 403 if it belongs to someone else, 404 if it does not exist, 412 if it has changed
/// since `version`, 503 if the store is not available.
pub async fn delete<R: Record>(id: &str, version: String) -> Result<(), AppError> {
    let permit = permit::<R::Delete>()?;
    records::<R>()?.delete(&permit, R::parse_id(id)?, Expected::version(version)).await
}

/// Restores the record `id` as it was when it was deleted.
///
/// # Errors
/// 401 or 403 if not authorized, 403 if someone else deleted it, 404 if it is not deleted, 409 if a value must be
/// unique and is taken, 422 if a rule of the database does not allow the record, 503 if the store is not available.
pub async fn restore<R: Record>(id: &str) -> Result<Stored<R>, AppError> {
    let permit = permit::<R::Delete>()?;
    records::<R>()?.restore(&permit, R::parse_id(id)?).await
}
