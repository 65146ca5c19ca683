//! The server functions of items: the same two reads that the REST endpoints offer, behind the same permit.

use leptos::prelude::*;
use server_fn::codec::PostUrl;

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

/// One page of items, newest first; `after` is the `next` of the page before.
///
/// # Errors
/// Those of the gate; 400 for a malformed cursor, 503 when the store is down.
#[server(prefix = "/rpc", endpoint = "items/list", client = AuthorizedClient, input = PostUrl)]
pub async fn list_items(
    /// The last item of the page before.
    after: Option<String>,
) -> Result<ItemPage, AppError> {
    use super::item::PageRequest;
    use crate::ssr::{items::store, permit::permit};
    let permit = permit::<super::ReadItems>()?;
    Ok(store()?.list(&permit, PageRequest::parse(after.as_deref(), None)?).await?)
}
