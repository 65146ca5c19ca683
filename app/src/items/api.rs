//! The server functions of items: what the REST endpoints offer, behind the same permits and with the same errors.

use leptos::prelude::*;
use server_fn::codec::PostUrl;

use super::draft::ItemDraft;
use super::item::{Item, ItemPage};
use crate::error::AppError;
use crate::session::AuthorizedClient;

/// The item `id`.
///
/// # Errors
/// Those of the gate; 400 for a malformed id, 404 for an unknown one, 503 when the store is down.
#[server(prefix = "/rpc", endpoint = "items/get", client = AuthorizedClient, input = PostUrl)]
pub async fn get_item(
    /// The id, 24 hexadecimal digits.
    id: String,
) -> Result<Item, AppError> {
    use crate::ssr::{items::store, permit::permit};
    let permit = permit::<super::ReadItems>()?;
    Ok(store()?.get(&permit, id.parse()?).await?)
}

/// One page of items.
///
/// # Errors
/// Those of the gate; 400 for a parameter that is not right, 503 when the store is down.
#[server(prefix = "/rpc", endpoint = "items/list", client = AuthorizedClient, input = PostUrl)]
pub async fn list_items(
    /// Words that the names must have, each by its beginning; none for everything.
    search: Option<String>,
    /// The name of a [`Sort`](super::Sort); none for the newest first.
    sort: Option<String>,
    /// The `next` of the page before; none for the first page.
    after: Option<String>,
    /// How many items the page holds at most, from 1 to 100; none for 20.
    limit: Option<String>,
) -> Result<ItemPage, AppError> {
    use super::list::{ListQuery, ListRequest};
    use crate::ssr::{items::store, permit::permit};
    let permit = permit::<super::ReadItems>()?;
    let request = ListRequest::parse(&ListQuery { search, sort, after, limit })?;
    Ok(store()?.list(&permit, request).await?)
}

/// Makes an item that belongs to the caller.
///
/// # Errors
/// Those of the gate; 403 for a token that names no user, 400 with `inner.fields` for a draft that is not right, 422 for
/// a key that was used for another draft, 503 when the store is down.
#[server(prefix = "/rpc", endpoint = "items/create", client = AuthorizedClient, input = PostUrl)]
pub async fn create_item(
    /// What to make.
    draft: ItemDraft,
    /// Names this creation: sent again with the same key, it gives the item that was made.
    idempotency_key: Option<String>,
) -> Result<Item, AppError> {
    use super::change::IdempotencyKey;
    use crate::ssr::{items::store, permit::permit};
    let permit = permit::<super::WriteItems>()?;
    let key = idempotency_key.as_deref().map(IdempotencyKey::parse).transpose()?;
    Ok(store()?.create(&permit, draft.validate()?, key).await?)
}

/// Puts `draft` in the place of what the item `id` says.
///
/// # Errors
/// Those of the gate; 403 for another's item, 404 for an unknown one, 412 for one that has been changed meanwhile, 400
/// with `inner.fields` for a draft that is not right, 503 when the store is down.
#[server(prefix = "/rpc", endpoint = "items/update", client = AuthorizedClient, input = PostUrl)]
pub async fn update_item(
    /// The id, 24 hexadecimal digits.
    id: String,
    /// The [`Item::version`] that the change starts from.
    version: String,
    /// What the item is to say.
    draft: ItemDraft,
) -> Result<Item, AppError> {
    use super::change::Expected;
    use crate::ssr::{items::store, permit::permit};
    let permit = permit::<super::WriteItems>()?;
    Ok(store()?.update(&permit, id.parse()?, Expected::version(version), draft).await?)
}

/// Deletes the item `id`. For ten minutes [`restore_item`] brings it back.
///
/// # Errors
/// Those of the gate; 403 for another's item, 404 for an unknown one, 412 for one that has been changed meanwhile, 503
/// when the store is down.
#[server(prefix = "/rpc", endpoint = "items/delete", client = AuthorizedClient, input = PostUrl)]
pub async fn delete_item(
    /// The id, 24 hexadecimal digits.
    id: String,
    /// The [`Item::version`] that the caller has seen.
    version: String,
) -> Result<(), AppError> {
    use super::change::Expected;
    use crate::ssr::{items::store, permit::permit};
    let permit = permit::<super::DeleteItems>()?;
    Ok(store()?.delete(&permit, id.parse()?, Expected::version(version)).await?)
}

/// Brings the item `id` back as it was when it was deleted.
///
/// # Errors
/// Those of the gate; 403 for what another deleted, 404 when there is nothing to bring back or no longer, 503 when the
/// store is down.
#[server(prefix = "/rpc", endpoint = "items/restore", client = AuthorizedClient, input = PostUrl)]
pub async fn restore_item(
    /// The id, 24 hexadecimal digits.
    id: String,
) -> Result<Item, AppError> {
    use crate::ssr::{items::store, permit::permit};
    let permit = permit::<super::DeleteItems>()?;
    Ok(store()?.restore(&permit, id.parse()?).await?)
}
