//! The port to the store of a record. Every method demands the permit of exactly that record's right.
//!
//! A call without a permit does not compile:
//!
//! ```compile_fail,E0061
//! use portcullis::record::{Record, RecordId};
//! use portcullis_server::store::Store;
//! async fn leak<R: Record>(store: &dyn Store<R>, id: RecordId) { let _ = store.get(id).await; }
//! ```
//!
//! Nor does one with the permit of another right of the record:
//!
//! ```compile_fail,E0308
//! use portcullis::record::{Record, RecordId};
//! use portcullis_server::{Permit, store::Store};
//! async fn leak<R: Record>(store: &dyn Store<R>, permit: &Permit<R::Write>, id: RecordId) {
//!     let _ = store.get(permit, id).await;
//! }
//! ```
//!
//! Nor one with the permit for another record:
//!
//! ```compile_fail,E0308
//! use portcullis::record::{Record, RecordId};
//! use portcullis_server::{Permit, store::Store};
//! async fn leak<R: Record, Other: Record>(store: &dyn Store<R>, permit: &Permit<Other::Read>, id: RecordId) {
//!     let _ = store.get(permit, id).await;
//! }
//! ```
//!
//! With its permit it does:
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

/// Where the records `R` are stored.
///
/// A permit proves that the caller may change records. Whether the caller may change this one is checked in the step that
/// writes ([`may_change`](portcullis::record::may_change)), by [`Permit::caller`].
#[async_trait]
pub trait Store<R: Record>: Send + Sync {
    /// Returns a page of records. Its cost does not grow with how deep in the list it is.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the store is down.
    async fn list(&self, permit: &Permit<R::Read>, request: ListRequest) -> Result<Page<R>, StoreError>;

    /// Returns the record `id`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if it does not exist, [`StoreError::Unavailable`] when the store is down.
    async fn get(&self, permit: &Permit<R::Read>, id: RecordId) -> Result<Stored<R>, StoreError>;

    /// Creates a record that belongs to the permit's caller. The same `key` of the same caller with the same `fields`
    /// returns the record that was created, for 24 hours.
    ///
    /// # Errors
    /// [`StoreError::NoSubject`] for a caller without a subject, who could never change the record,
    /// [`StoreError::KeyReused`] if the key was used for other fields, [`StoreError::NotFound`] if the record that was
    /// created has been deleted, [`StoreError::Conflict`] and [`StoreError::Rejected`] by the database's own rules,
    /// [`StoreError::Busy`] when too many writes wait, [`StoreError::Unavailable`] when the store is down.
    async fn create(
        &self,
        permit: &Permit<R::Write>,
        fields: Valid<R>,
        key: Option<IdempotencyKey>,
    ) -> Result<Stored<R>, StoreError>;

    /// Replaces the fields of the record `id`, if its version is `expected`. All other fields of the document stay as they
    /// are. Of two changes of the same version one wins. What changes must be valid ([`Record::validate_change`]), which is
    /// checked in the step that writes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if it does not exist, [`StoreError::NotYours`] if it belongs to someone else,
    /// [`StoreError::Changed`] if its version is another, [`StoreError::Invalid`] for fields that are not valid,
    /// [`StoreError::Conflict`] and [`StoreError::Rejected`] by the database's own rules, [`StoreError::Busy`] when too
    /// many writes wait, [`StoreError::Unavailable`] when the store is down.
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
    /// Those of [`Store::update`].
    async fn delete(&self, permit: &Permit<R::Delete>, id: RecordId, expected: Expected) -> Result<(), StoreError>;

    /// Restores the record `id` as it was when it was deleted. The caller who deleted it may, and administrators.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if it is not deleted or can no longer be restored, [`StoreError::NotYours`] if someone else
    /// deleted it, [`StoreError::Conflict`] and [`StoreError::Rejected`] by the database's own rules, [`StoreError::Busy`]
    /// when too many writes wait, [`StoreError::Unavailable`] when the store is down.
    async fn restore(&self, permit: &Permit<R::Delete>, id: RecordId) -> Result<Stored<R>, StoreError>;
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no record with this id.
    #[error("no such record")]
    NotFound,
    /// The version of the record is not the expected one.
    #[error("the record has changed")]
    Changed,
    /// The record belongs to someone else, and the caller is no administrator.
    #[error("the record belongs to someone else")]
    NotYours,
    /// The new fields are not valid.
    #[error("the fields are not valid")]
    Invalid(FieldErrors),
    /// The idempotency key was used before, for other fields.
    #[error("the idempotency key was used before")]
    KeyReused,
    /// What is created belongs to its creator, and the caller's token names no user.
    #[error("the caller has no subject")]
    NoSubject,
    /// A unique index of the database's owner has this value already. `field` is the index's first field.
    #[error("a unique index has the value already")]
    Conflict {
        /// The name of the field, where it is known.
        field: Option<String>,
    },
    /// A rule of the database's owner does not allow the record.
    #[error("a rule of the collection does not allow the record")]
    Rejected,
    /// The store does not answer now, and may do so later. The text is only for the log.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// Too many writes wait for their turn. This one was not made.
    #[error("too many writes are waiting")]
    Busy,
    /// The database does not support what it was asked for, and never will. The text is only for the log.
    #[error("the database lacks what is needed: {0}")]
    Unsupported(String),
    /// The store failed, for a reason that does not go away by itself. The text is only for the log.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Limits the log lines about a store that does not answer: each request could cause one, on the disk that is full already.
static UNAVAILABLE: Throttle = Throttle::new();
/// Limits those about a store that fails otherwise.
static FAILED: Throttle = Throttle::new();

impl StoreError {
    /// Returns the error of a store of `R` as clients get it, and logs what they do not.
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
            // The store logs it, once for many.
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
