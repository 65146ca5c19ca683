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
//! use app::{items::{ItemId, WriteItems}, ssr::{items::ItemStore, permit::Permit}};
//! async fn leak(store: &dyn ItemStore, permit: &Permit<WriteItems>, id: ItemId) {
//!     let _ = store.get(permit, id).await;
//! }
//! ```
//!
//! With its permit it does:
//!
//! ```
//! use app::{items::{ItemId, ReadItems}, ssr::{items::ItemStore, permit::Permit}};
//! async fn read(store: &dyn ItemStore, permit: &Permit<ReadItems>, id: ItemId) {
//!     let _ = store.get(permit, id).await;
//! }
//! ```

use std::sync::Arc;

use async_trait::async_trait;
use leptos::prelude::use_context;

use crate::error::AppError;
use crate::items::{Item, ItemDraft, ItemId, ItemPage, PageRequest, ReadItems, WriteItems};
use crate::ssr::permit::Permit;

/// Where items live.
#[async_trait]
pub trait ItemStore: Send + Sync {
    /// One page of items, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the store is down.
    async fn list(&self, permit: &Permit<ReadItems>, page: PageRequest) -> Result<ItemPage, StoreError>;

    /// The item `id`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without one, [`StoreError::Unavailable`] when the store is down.
    async fn get(&self, permit: &Permit<ReadItems>, id: ItemId) -> Result<Item, StoreError>;

    /// Adds an item that belongs to the permit's caller.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the store is down.
    async fn create(&self, permit: &Permit<WriteItems>, draft: ItemDraft) -> Result<Item, StoreError>;

    /// Replaces what a draft holds of the item `id`; every other field of the document stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without one, [`StoreError::Unavailable`] when the store is down.
    async fn update(&self, permit: &Permit<WriteItems>, id: ItemId, draft: ItemDraft) -> Result<Item, StoreError>;

    /// Whether the store answers; it gives no data and so takes no permit.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the store is down.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no item by this id.
    #[error("no such item")]
    NotFound,
    /// The store does not answer; the text is for the log alone.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found("Item"),
            StoreError::Unavailable(_) => {
                tracing::error!(%error, "store");
                Self::store_unavailable()
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
