//! The interface to the store of a record. Every method requires the permit of exactly that record's right.
//!
//! A call without a permit does not compile:
//!
//! ```compile_fail,E0061
//! use portcullis::record::{Record, RecordId};
//! use portcullis_server::store::Store;
//! async fn leak<R: Record>(store: &dyn Store<R>, id: RecordId) { let _ = store.get(id).await; }
//! ```
//!
//! Neither does a call with the permit of another right of the record:
//!
//! ```compile_fail,E0308
//! use portcullis::record::{Record, RecordId};
//! use portcullis_server::{Permit, store::Store};
//! async fn leak<R: Record>(store: &dyn Store<R>, permit: &Permit<R::Write>, id: RecordId) {
//!     let _ = store.get(permit, id).await;
//! }
//! ```
//!
//! Nor a call with the permit of another record:
//!
//! ```compile_fail,E0308
//! use portcullis::record::{Record, RecordId};
//! use portcullis_server::{Permit, store::Store};
//! async fn leak<R: Record, Other: Record>(store: &dyn Store<R>, permit: &Permit<Other::Read>, id: RecordId) {
//!     let _ = store.get(permit, id).await;
//! }
//! ```
//!
//! A call with the right permit compiles:
//!
//! ```
//! use portcullis::record::{Record, RecordId};
//! use portcullis_server::{Permit, store::Store};
//! async fn read<R: Record>(store: &dyn Store<R>, permit: &Permit<R::Read>, id: RecordId) {
//!     let _ = store.get(permit, id).await;
//! }
//! ```

mod database;

use async_trait::async_trait;

use crate::Permit;
use crate::Throttle;
use portcullis::record::{Expected, IdempotencyKey, ListRequest, Page, Record, RecordId, Stored, Valid};
use portcullis::{AppError, FieldErrors, Right};

pub use database::{Backend, Database, Records, Stores};

/// The store of the records `R`.
///
/// A permit proves that the caller may change records. The store checks whether the caller may change this record in
/// the same step that writes it ([`may_change`](portcullis::record::may_change) with [`Permit::caller`]).
#[async_trait]
pub trait Store<R: Record>: Send + Sync {
    /// Returns a page of records. Its cost does not depend on the position in the list.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the database is down.
    async fn list(&self, permit: &Permit<R::Read>, request: ListRequest) -> Result<Page<R>, StoreError>;

    /// Returns the record `id`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if it does not exist, [`StoreError::Unavailable`] if the database is down.
    async fn get(&self, permit: &Permit<R::Read>, id: RecordId) -> Result<Stored<R>, StoreError>;

    /// Creates a record that belongs to the permit's caller. For 24 hours, the same `key` of the same caller with the
    /// same `fields` returns the record that was created.
    ///
    /// # Errors
    /// [`StoreError::NoSubject`] if the caller has no subject and could never change the record,
    /// [`StoreError::KeyReused`] if the key was used for other fields, [`StoreError::NotFound`] if the record that was
    /// created has been deleted, [`StoreError::Conflict`] and [`StoreError::Rejected`] if a rule of the database does
    /// not allow the record, [`StoreError::Busy`] if too many writes are waiting, [`StoreError::Unavailable`] if the
    /// database is down.
    async fn create(
        &self,
        permit: &Permit<R::Write>,
        fields: Valid<R>,
        key: Option<IdempotencyKey>,
    ) -> Result<Stored<R>, StoreError>;

    /// Replaces the fields of the record `id`, if its version is `expected`. All other fields of the document are
    /// preserved. Of two changes to the same version, only one succeeds. The step that writes also validates the change
    /// ([`Record::validate_change`]).
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if it does not exist, [`StoreError::NotYours`] if it belongs to someone else,
    /// [`StoreError::Changed`] if its version is not `expected`, [`StoreError::Invalid`] if fields are not valid,
    /// [`StoreError::Conflict`] and [`StoreError::Rejected`] if a rule of the database does not allow the change,
    /// [`StoreError::Busy`] if too many writes are waiting, [`StoreError::Unavailable`] if the database is down.
    async fn update(
        &self,
        permit: &Permit<R::Write>,
        id: RecordId,
        expected: Expected,
        fields: R,
    ) -> Result<Stored<R>, StoreError>;

    /// Deletes the record `id`, if its version is `expected`. It can be restored for ten minutes.
    ///
    /// # Errors
    /// The errors of [`Store::update`].
    async fn delete(&self, permit: &Permit<R::Delete>, id: RecordId, expected: Expected) -> Result<(), StoreError>;

    /// Restores the record `id` as it was when it was deleted. The caller who deleted it and administrators may do so.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if it is not deleted or can no longer be restored, [`StoreError::NotYours`] if someone
    /// else deleted it, [`StoreError::Conflict`] and [`StoreError::Rejected`] if a rule of the database does not allow
    /// the record, [`StoreError::Busy`] if too many writes are waiting, [`StoreError::Unavailable`] if the database is
    /// down.
    async fn restore(&self, permit: &Permit<R::Delete>, id: RecordId) -> Result<Stored<R>, StoreError>;
}

/// The reason why a store operation failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The record does not exist.
    #[error("no such record")]
    NotFound,
    /// The record does not have the expected version.
    #[error("the record has changed")]
    Changed,
    /// The record belongs to someone else, and the caller is not an administrator.
    #[error("the record belongs to someone else")]
    NotYours,
    /// The new fields are not valid.
    #[error("the fields are not valid")]
    Invalid(FieldErrors),
    /// The idempotency key was used before, for other fields.
    #[error("the idempotency key was used before")]
    KeyReused,
    /// The caller's token names no user, so the new record would have no owner.
    #[error("the caller has no subject")]
    NoSubject,
    /// A unique index of the database already contains this value. `field` is the index's first field.
    #[error("a unique index has the value already")]
    Conflict {
        /// The name of the field, if known.
        field: Option<String>,
    },
    /// A validation rule of the database does not allow the record.
    #[error("a rule of the collection does not allow the record")]
    Rejected,
    /// The database is down, and may be available later. The text is only for the log.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// Too many writes are waiting. This one was not made.
    #[error("too many writes are waiting")]
    Busy,
    /// The database does not support the operation, and a retry does not help. The text is only for the log.
    #[error("the database lacks what is needed: {0}")]
    Unsupported(String),
    /// The store failed, and a retry does not help. The text is only for the log.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Limits the log lines about an unavailable store: each request could cause one, possibly on a disk that is already
/// full.
static UNAVAILABLE: Throttle = Throttle::new();
/// Limits the log lines about a store that fails for another reason.
static FAILED: Throttle = Throttle::new();

impl StoreError {
    /// Returns the error for clients, and logs the details that they do not get.
    #[must_use]
    pub fn into_app_error<R: Record>(self) -> AppError {
        match self {
            Self::NotFound => AppError::not_found(R::NAME),
            Self::Changed => AppError::precondition_failed(R::NAME),
            Self::NotYours => AppError::insufficient_scope(R::Admin::ACCESS.scopes()),
            Self::Invalid(fields) => fields.into(),
            Self::KeyReused => AppError::idempotency_conflict(),
            Self::NoSubject => AppError::subject_required(),
            Self::Conflict { field } => {
                let known = R::FIELDS.iter().copied().find(|name| field.as_deref() == Some(name));
                AppError::conflict(R::NAME, known)
            }
            Self::Rejected => AppError::rejected_by_database(R::NAME),
            // The store logs this itself, once for many requests.
            Self::Busy => AppError::store_unavailable(),
            Self::Unavailable(_) => {
                self.log(&UNAVAILABLE);
                AppError::store_unavailable()
            }
            Self::Unsupported(_) | Self::Failed(_) => {
                self.log(&FAILED);
                AppError::internal()
            }
        }
    }

    fn log(&self, throttle: &Throttle) {
        if let Some(suppressed) = throttle.admit() {
            tracing::error!(error = %self, suppressed, "store");
        }
    }
}
