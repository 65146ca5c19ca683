//! The server functions of items. They have the same permits and errors as the REST endpoints, which
//! `portcullis_server::application::record_fns` documents in full.

use leptos::prelude::*;
use portcullis::AppError;
use portcullis_client::Rpc;

use super::draft::ItemDraft;
use super::item::{Item, ItemPage};

/// Returns the item `id`.
///
/// # Errors
/// 401 or 403 if not authorized, 400 for a malformed id, 404 if the item does not exist.
#[server(prefix = "/rpc", endpoint = "items/get", protocol = Rpc)]
pub async fn get_item(
    /// The id, 24 hexadecimal digits.
    id: String,
) -> Result<Item, AppError> {
    portcullis_server::application::record_fns::get(&id).await
}

/// Returns a page of items.
///
/// # Errors
/// 401 or 403 if not authorized, 400 for an invalid parameter.
#[server(prefix = "/rpc", endpoint = "items/list", protocol = Rpc)]
pub async fn list_items(
    /// Beginnings of words that the names must contain; all items if missing.
    search: Option<String>,
    /// The name of a [`Sort`](portcullis::record::Sort); newest first if missing.
    sort: Option<String>,
    /// The `next` of the previous page; the first page if missing.
    after: Option<String>,
    /// The maximum number of items on the page, from 1 to 100; 20 if missing.
    limit: Option<String>,
) -> Result<ItemPage, AppError> {
    use portcullis::record::ListQuery;
    portcullis_server::application::record_fns::list(ListQuery { search, sort, after, limit }).await
}

/// Creates an item that belongs to the caller.
///
/// # Errors
/// 401 or 403 if not authorized, 400 with `inner.fields` for invalid fields, and other errors of `record_fns::create`.
#[server(prefix = "/rpc", endpoint = "items/create", protocol = Rpc)]
pub async fn create_item(
    /// What to create.
    draft: ItemDraft,
    /// Identifies this creation: the same key sent again returns the item that was created.
    idempotency_key: Option<String>,
) -> Result<Item, AppError> {
    portcullis_server::application::record_fns::create(draft, idempotency_key.as_deref()).await
}

/// Replaces the fields of the item `id`.
///
/// # Errors
/// 401 or 403 if not authorized, 404 if the item does not exist, 412 if it has changed since `version`, 400 with
/// `inner.fields` for invalid fields, and other errors of `record_fns::update`.
#[server(prefix = "/rpc", endpoint = "items/update", protocol = Rpc)]
pub async fn update_item(
    /// The id, 24 hexadecimal digits.
    id: String,
    /// The [`Item::version`] that the change starts from.
    version: String,
    /// The new fields.
    draft: ItemDraft,
) -> Result<Item, AppError> {
    portcullis_server::application::record_fns::update(&id, version, draft).await
}

/// Deletes the item `id`. For ten minutes [`restore_item`] restores it.
///
/// # Errors
/// 401 or 403 if not authorized, 404 if the item does not exist, 412 if it has changed since `version`.
#[server(prefix = "/rpc", endpoint = "items/delete", protocol = Rpc)]
pub async fn delete_item(
    /// The id, 24 hexadecimal digits.
    id: String,
    /// The [`Item::version`] that the caller has seen.
    version: String,
) -> Result<(), AppError> {
    portcullis_server::application::record_fns::delete::<ItemDraft>(&id, version).await
}

/// Restores the item `id` as it was when it was deleted.
///
/// # Errors
/// 401 or 403 if not authorized, 404 if the item is not deleted, and other errors of `record_fns::restore`.
#[server(prefix = "/rpc", endpoint = "items/restore", protocol = Rpc)]
pub async fn restore_item(
    /// The id, 24 hexadecimal digits.
    id: String,
) -> Result<Item, AppError> {
    portcullis_server::application::record_fns::restore(&id).await
}
