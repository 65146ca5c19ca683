//! The server functions of items: what the REST endpoints offer, behind the same permits and with the same errors.
//! `portcullis_server::record_fns` says which.

use leptos::prelude::*;
use portcullis::AppError;
use portcullis_client::Rpc;

use super::draft::ItemDraft;
use super::item::{Item, ItemPage};

/// Returns the item `id`.
///
/// # Errors
/// Those of `record_fns::get`.
#[server(prefix = "/rpc", endpoint = "items/get", protocol = Rpc)]
pub async fn get_item(
    /// The id, 24 hexadecimal digits.
    id: String,
) -> Result<Item, AppError> {
    portcullis_server::record_fns::get(&id).await
}

/// Returns a page of items.
///
/// # Errors
/// Those of `record_fns::list`.
#[server(prefix = "/rpc", endpoint = "items/list", protocol = Rpc)]
pub async fn list_items(
    /// Words that the names must have, each by its beginning; everything if missing.
    search: Option<String>,
    /// The name of a [`Sort`](portcullis::record::Sort); the newest first if missing.
    sort: Option<String>,
    /// The `next` of the page before; the first page if missing.
    after: Option<String>,
    /// How many items the page holds at most, from 1 to 100; 20 if missing.
    limit: Option<String>,
) -> Result<ItemPage, AppError> {
    use portcullis::record::ListQuery;
    portcullis_server::record_fns::list(ListQuery { search, sort, after, limit }).await
}

/// Creates an item that belongs to the caller.
///
/// # Errors
/// Those of `record_fns::create`.
#[server(prefix = "/rpc", endpoint = "items/create", protocol = Rpc)]
pub async fn create_item(
    /// What to create.
    draft: ItemDraft,
    /// Names this creation: the same key sent again returns the item that was created.
    idempotency_key: Option<String>,
) -> Result<Item, AppError> {
    portcullis_server::record_fns::create(draft, idempotency_key.as_deref()).await
}

/// Replaces the fields of the item `id`.
///
/// # Errors
/// Those of `record_fns::update`.
#[server(prefix = "/rpc", endpoint = "items/update", protocol = Rpc)]
pub async fn update_item(
    /// The id, 24 hexadecimal digits.
    id: String,
    /// The [`Item::version`] that the change starts from.
    version: String,
    /// The new fields.
    draft: ItemDraft,
) -> Result<Item, AppError> {
    portcullis_server::record_fns::update(&id, version, draft).await
}

/// Deletes the item `id`. For ten minutes [`restore_item`] restores it.
///
/// # Errors
/// Those of `record_fns::delete`.
#[server(prefix = "/rpc", endpoint = "items/delete", protocol = Rpc)]
pub async fn delete_item(
    /// The id, 24 hexadecimal digits.
    id: String,
    /// The [`Item::version`] that the caller has seen.
    version: String,
) -> Result<(), AppError> {
    portcullis_server::record_fns::delete::<ItemDraft>(&id, version).await
}

/// Restores the item `id` as it was when it was deleted.
///
/// # Errors
/// Those of `record_fns::restore`.
#[server(prefix = "/rpc", endpoint = "items/restore", protocol = Rpc)]
pub async fn restore_item(
    /// The id, 24 hexadecimal digits.
    id: String,
) -> Result<Item, AppError> {
    portcullis_server::record_fns::restore(&id).await
}
