//! Items over REST: the same reads as the server functions, behind the same permit.

use std::sync::Arc;

use app::error::AppError;
use app::items::{GET_ITEM, Item, ItemPage, LIST_ITEMS, PageRequest, ReadItems};
use app::ssr::items::ItemStore;
use app::ssr::permit::Permit;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::{Served, Valid, serve};

pub(super) fn endpoints() -> [Served; 2] {
    [serve(GET_ITEM, get_item), serve(LIST_ITEMS, list_items)]
}

async fn get_item(
    permit: Permit<ReadItems>,
    State(store): State<Arc<dyn ItemStore>>,
    Valid(Path(id)): Valid<Path<String>>,
) -> Result<Json<Item>, AppError> {
    Ok(Json(store.get(&permit, id.parse()?).await?))
}

#[derive(Deserialize)]
struct PageParameters {
    after: Option<String>,
    limit: Option<String>,
}

async fn list_items(
    permit: Permit<ReadItems>,
    State(store): State<Arc<dyn ItemStore>>,
    Valid(Query(page)): Valid<Query<PageParameters>>,
) -> Result<Json<ItemPage>, AppError> {
    let page = PageRequest::parse(page.after.as_deref(), page.limit.as_deref())?;
    Ok(Json(store.list(&permit, page).await?))
}
