//! The port to the store of items. Every method demands the permit that belongs to it.
//!
//! A call without a permit does not compile:
//!
//! ```compile_fail,E0061
//! use app::{items::ItemId, ssr::items::ItemStore};
//! async fn leak(store: &dyn ItemStore, id: ItemId) { let _ = store.get(id).await; }
//! ```
//!
//! Nor does one with the permit of another right:
//!
//! ```compile_fail,E0308
//! use app::{items::{ItemId, WriteItems}, ssr::items::ItemStore};
//! use portcullis_server::Permit;
//! async fn leak(store: &dyn ItemStore, permit: &Permit<WriteItems>, id: ItemId) {
//!     let _ = store.get(permit, id).await;
//! }
//! ```
//!
//! With its permit it does:
//!
//! ```
//! use app::{items::{ItemId, ReadItems}, ssr::items::ItemStore};
//! use portcullis_server::Permit;
//! async fn read(store: &dyn ItemStore, permit: &Permit<ReadItems>, id: ItemId) {
//!     let _ = store.get(permit, id).await;
//! }
//! ```

use std::sync::Arc;

use async_trait::async_trait;
use leptos::prelude::use_context;
use portcullis::{AppError, FieldErrors, Right};
use portcullis_server::{Permit, Throttle};

use crate::items::{
    self, AdminItems, DeleteItems, Expected, IdempotencyKey, Item, ItemDraft, ItemId, ItemPage, ListRequest, ReadItems,
    ValidDraft, WriteItems,
};

/// Where items live.
///
/// A permit says that the caller may change items; whether also this one is asked in the step that writes
/// ([`items::may_change`]), by [`Permit::caller`].
#[async_trait]
pub trait ItemStore: Send + Sync {
    /// One page of items. What it costs does not grow with how deep the page lies.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the store is down.
    async fn list(&self, permit: &Permit<ReadItems>, request: ListRequest) -> Result<ItemPage, StoreError>;

    /// The item `id`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without one, [`StoreError::Unavailable`] when the store is down.
    async fn get(&self, permit: &Permit<ReadItems>, id: ItemId) -> Result<Item, StoreError>;

    /// Adds an item that belongs to the permit's caller. The same `key` of the same caller gives for the same `draft`
    /// the item that was added, for 24 hours.
    ///
    /// # Errors
    /// [`StoreError::NoSubject`] for a caller without a subject, who could never change what was added,
    /// [`StoreError::KeyReused`] when the key was used for another draft, [`StoreError::NotFound`] when what was added
    /// is deleted by now, [`StoreError::Conflict`] and [`StoreError::Rejected`] by the database's own rules,
    /// [`StoreError::Busy`] when too many writes wait, [`StoreError::Unavailable`] when the store is down.
    async fn create(
        &self,
        permit: &Permit<WriteItems>,
        draft: ValidDraft,
        key: Option<IdempotencyKey>,
    ) -> Result<Item, StoreError>;

    /// Replaces what a draft holds of the item `id`, if it is what is `expected`; every other field of the document
    /// stays as it is. Of two that start from the same version one wins. What the draft changes must be right
    /// ([`ItemDraft::validate_change`]), which is asked in the step that writes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without one, [`StoreError::NotYours`] for another's, [`StoreError::Changed`] for one
    /// that is not as expected, [`StoreError::Invalid`] for a draft that is not right, [`StoreError::Conflict`] and
    /// [`StoreError::Rejected`] by the database's own rules, [`StoreError::Busy`] when too many writes wait,
    /// [`StoreError::Unavailable`] when the store is down.
    async fn update(
        &self,
        permit: &Permit<WriteItems>,
        id: ItemId,
        expected: Expected,
        draft: ItemDraft,
    ) -> Result<Item, StoreError>;

    /// Deletes the item `id`, if it is what is `expected`. It lies in the trash for ten minutes.
    ///
    /// # Errors
    /// Those of [`ItemStore::update`].
    async fn delete(&self, permit: &Permit<DeleteItems>, id: ItemId, expected: Expected) -> Result<(), StoreError>;

    /// Brings the item `id` back from the trash as a whole: whoever deleted it may, and administrators.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there or no longer, [`StoreError::NotYours`] when another deleted it,
    /// [`StoreError::Conflict`] and [`StoreError::Rejected`] by the database's own rules, [`StoreError::Busy`] when too
    /// many writes wait, [`StoreError::Unavailable`] when the store is down.
    async fn restore(&self, permit: &Permit<DeleteItems>, id: ItemId) -> Result<Item, StoreError>;

    /// Reads what requests read, and gives none of it: so it takes no permit.
    ///
    /// # Errors
    /// What a request would get now: [`StoreError::Unavailable`], [`StoreError::Unsupported`] or
    /// [`StoreError::Failed`].
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no item by this id.
    #[error("no such item")]
    NotFound,
    /// The item is not what the caller expects it to be.
    #[error("the item has been changed meanwhile")]
    Changed,
    /// The item is another's, and the caller may not change what others own.
    #[error("the item belongs to another")]
    NotYours,
    /// What is to be changed is not right.
    #[error("the draft is not right")]
    Invalid(FieldErrors),
    /// The idempotency key was used before, for another draft.
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
    /// A rule of the database's owner does not allow the item.
    #[error("a rule of the collection does not allow the item")]
    Rejected,
    /// The store does not answer now, and may do so later; the text is for the log alone.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// Too many writes wait for their turn. This one was not made.
    #[error("too many writes are waiting")]
    Busy,
    /// The database does not have what it was asked for, and never will; the text is for the log alone.
    #[error("the database lacks what is needed: {0}")]
    Unsupported(String),
    /// The store refused, for a reason that does not go away by itself; the text is for the log alone.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Limits the lines about a store that is away: each request could cause one, on the disk that is full already.
static UNAVAILABLE: Throttle = Throttle::new();
/// Limits those about a store that fails otherwise.
static FAILED: Throttle = Throttle::new();

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found(items::NAME),
            StoreError::Changed => Self::precondition_failed(items::NAME),
            StoreError::NotYours => Self::insufficient_scope(AdminItems::ACCESS.scopes()),
            StoreError::Invalid(fields) => fields.into(),
            StoreError::KeyReused => Self::idempotency_conflict(),
            StoreError::NoSubject => Self::subject_required(),
            StoreError::Conflict { field } => {
                let of_draft = ItemDraft::FIELDS.into_iter().find(|name| field.as_deref() == Some(name));
                Self::conflict(items::NAME, of_draft)
            }
            StoreError::Rejected => Self::rejected_by_database(items::NAME),
            // Logged by the store, once for a whole crowd.
            StoreError::Busy => Self::store_unavailable(),
            StoreError::Unavailable(_) => {
                if let Some(suppressed) = UNAVAILABLE.admit() {
                    tracing::error!(%error, suppressed, "store");
                }
                Self::store_unavailable()
            }
            StoreError::Unsupported(_) | StoreError::Failed(_) => {
                if let Some(suppressed) = FAILED.admit() {
                    tracing::error!(%error, suppressed, "store");
                }
                Self::internal()
            }
        }
    }
}

/// The store of the server that runs the current server function.
///
/// # Errors
/// 500 outside a server function.
pub fn store() -> Result<Arc<dyn ItemStore>, AppError> {
    use_context().ok_or_else(|| {
        tracing::error!("no store of items was provided to server functions (server/src/router.rs)");
        AppError::internal()
    })
}
