//! The server functions of items: what the REST endpoints offer, behind the same permits and with the same errors.

use leptos::prelude::*;
use portcullis::AppError;
use portcullis_client::Rpc;

use super::draft::ItemDraft;
use super::item::{Item, ItemPage};

/// The item `id`.
///
/// # Errors
/// 401 or 403 if not authorized, 400 for a malformed id, 404 if the item does not exist, 503 if the store is not available.
#[server(prefix = "/rpc", endpoint = "items/get", protocol = Rpc)]
pub async fn get_item(
    /// The id, 24 hexadecimal digits.
    id: String,
) -> Result<Item, AppError> {
    use portcullis::record::Record;
    use portcullis_server::{permit, store::records};
    let permit = permit::<super::ReadItems>()?;
    records::<ItemDraft>()?.get(&permit, ItemDraft::parse_id(&id)?).await
}

/// One page of items.
///
/// # Errors
/// 401 or 403 if not authorized, 400 for an invalid parameter, 503 if the store is not available.
#[server(prefix = "/rpc", endpoint = "items/list", protocol = Rpc)]
pub async fn list_items(
    /// Words that the names must have, each by its beginning; none for everything.
    search: Option<String>,
    /// The name of a [`Sort`](portcullis::record::Sort); none for the newest first.
    sort: Option<String>,
    /// The `next` of the page before; none for the first page.
    after: Option<String>,
    /// How many items the page holds at most, from 1 to 100; none for 20.
    limit: Option<String>,
) -> Result<ItemPage, AppError> {
    use portcullis::record::{ListQuery, ListRequest};
    use portcullis_server::{permit, store::records};
    let permit = permit::<super::ReadItems>()?;
    let request = ListRequest::parse(&ListQuery { search, sort, after, limit })?;
    records::<ItemDraft>()?.list(&permit, request).await
}

/// Makes an item that belongs to the caller.
///
/// # Errors
/// 401 or 403 if not authorized, 403 for a token that names no user, 400 with `inner.fields` for an invalid draft, 404 if
/// the item that this key created has been deleted, 409 if a value must be unique and is taken, 422 if the key was used
/// for another draft or a rule of the database does not allow the item, 503 if the store is not available.
#[server(prefix = "/rpc", endpoint = "items/create", protocol = Rpc)]
pub async fn create_item(
    /// What to make.
    draft: ItemDraft,
    /// Names this creation: sent again with the same key, it gives the item that was made.
    idempotency_key: Option<String>,
) -> Result<Item, AppError> {
    use portcullis::record::{IdempotencyKey, Record};
    use portcullis_server::{permit, store::records};
    let permit = permit::<super::WriteItems>()?;
    let key = idempotency_key.as_deref().map(IdempotencyKey::parse).transpose()?;
    records::<ItemDraft>()?.create(&permit, draft.validate()?, key).await
}

/// Puts `draft` in the place of what the item `id` says.
///
/// # Errors
/// 401 or 403 if not authorized, 403 for another person's item, 404 if the item does not exist, 412 if it has changed since
/// `version`, 400 with `inner.fields` for an invalid draft, 409 if a value must be unique and is taken, 422 if a rule of the
/// database does not allow the item, 503 if the store is not available.
#[server(prefix = "/rpc", endpoint = "items/update", protocol = Rpc)]
pub async fn update_item(
    /// The id, 24 hexadecimal digits.
    id: String,
    /// The [`Item::version`] that the change starts from.
    version: String,
    /// What the item is to say.
    draft: ItemDraft,
) -> Result<Item, AppError> {
    use portcullis::record::{Expected, Record};
    use portcullis_server::{permit, store::records};
    let permit = permit::<super::WriteItems>()?;
    records::<ItemDraft>()?.update(&permit, ItemDraft::parse_id(&id)?, Expected::version(version), draft).await
}

/// Deletes the item `id`. For ten minutes [`restore_item`] brings it back.
///
/// # Errors
/// 401 or 403 if not authorized, 403 for another person's item, 404 if the item does not exist, 412 if it has changed since
/// `version`, 503 if the store is not available.
#[server(prefix = "/rpc", endpoint = "items/delete", protocol = Rpc)]
pub async fn delete_item(
    /// The id, 24 hexadecimal digits.
    id: String,
    /// The [`Item::version`] that the caller has seen.
    version: String,
) -> Result<(), AppError> {
    use portcullis::record::{Expected, Record};
    use portcullis_server::{permit, store::records};
    let permit = permit::<super::DeleteItems>()?;
    records::<ItemDraft>()?.delete(&permit, ItemDraft::parse_id(&id)?, Expected::version(version)).await
}

/// Brings the item `id` back as it was when it was deleted.
///
/// # Errors
/// 401 or 403 if not authorized, 403 if another person deleted the item, 404 if it is not in the trash, 409 if a value must
/// be unique and is taken, 422 if a rule of the database does not allow the item, 503 if the store is not available.
#[server(prefix = "/rpc", endpoint = "items/restore", protocol = Rpc)]
pub async fn restore_item(
    /// The id, 24 hexadecimal digits.
    id: String,
) -> Result<Item, AppError> {
    use portcullis::record::Record;
    use portcullis_server::{permit, store::records};
    let permit = permit::<super::DeleteItems>()?;
    records::<ItemDraft>()?.restore(&permit, ItemDraft::parse_id(&id)?).await
}
