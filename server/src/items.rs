//! Items over REST: what the server functions offer, behind the same permits, in the words of HTTP.

use app::items::{
    CREATE_ITEM, DELETE_ITEM, DeleteItems, GET_ITEM, GET_ONE, Item, ItemDraft, ItemPage, LIST_ITEMS, RESTORE_ITEM,
    ReadItems, UPDATE_ITEM, WriteItems,
};
use axum::Json;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use portcullis::AppError;
use portcullis::record::{IdempotencyKey, ListQuery, ListRequest, Record};
use portcullis_cli::ServerResource;
use portcullis_server::conditional::{entity_tag, if_match, is_known, weak_etag_error};
use portcullis_server::state::ServerState;
use portcullis_server::store::Records;
use portcullis_server::{Api, Checked, JsonFields, Permit};
use portcullis_store::Registration;

use crate::samples;

type Items = Records<ItemDraft>;
type Id = Checked<Path<String>>;

/// Returns the server side of items.
pub(crate) fn resource() -> ServerResource {
    ServerResource { api: api(), records: Registration::with_samples(samples::items) }
}

fn api() -> Api<ServerState> {
    Api::new()
        .on(GET_ITEM, get_item)
        .on(GET_ONE, get_item)
        .on(LIST_ITEMS, list_items)
        .on(CREATE_ITEM, create_item)
        .on(UPDATE_ITEM, update_item)
        .on(DELETE_ITEM, delete_item)
        .on(RESTORE_ITEM, restore_item)
}

/// `item` as an answer, with its entity-tag.
fn represent(status: StatusCode, item: &Item) -> Response {
    tagged((status, Json(item)).into_response(), &item.version)
}

fn tagged(mut response: Response, version: &str) -> Response {
    response.headers_mut().extend(entity_tag(version).map(|tag| (header::ETAG, tag)));
    response
}

async fn get_item(
    permit: Permit<ReadItems>,
    items: Items,
    Checked(Path(id)): Id,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let item = items.get(&permit, ItemDraft::parse_id(&id)?).await?;
    if is_known(&headers, &item.version)? {
        return Ok(tagged(StatusCode::NOT_MODIFIED.into_response(), &item.version));
    }
    Ok(represent(StatusCode::OK, &item))
}

async fn list_items(
    permit: Permit<ReadItems>,
    items: Items,
    Checked(Query(query)): Checked<Query<ListQuery>>,
) -> Result<Json<ItemPage>, AppError> {
    items.list(&permit, ListRequest::parse(&query)?).await.map(Json)
}

async fn create_item(
    permit: Permit<WriteItems>,
    items: Items,
    headers: HeaderMap,
    JsonFields(draft): JsonFields<ItemDraft>,
) -> Result<Response, AppError> {
    let key = idempotency_key(&headers)?;
    let item = items.create(&permit, draft.validate()?, key).await?;
    let location = HeaderValue::from_str(&GET_ONE.path().replace("{id}", &item.id.to_string()));
    let mut response = represent(StatusCode::CREATED, &item);
    response.headers_mut().extend(location.map(|location| (header::LOCATION, location)));
    Ok(response)
}

/// The one `Idempotency-Key` of a request, where it has one.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, AppError> {
    let mut values = headers.get_all("idempotency-key").iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => IdempotencyKey::parse(value.to_str().unwrap_or_default()).map(Some),
        _ => Err(AppError::invalid_request("Idempotency-Key was sent more than once")),
    }
}

async fn update_item(
    permit: Permit<WriteItems>,
    items: Items,
    Checked(Path(id)): Id,
    headers: HeaderMap,
    JsonFields(draft): JsonFields<ItemDraft>,
) -> Result<Response, AppError> {
    let (id, expected) = (ItemDraft::parse_id(&id)?, if_match(&headers)?);
    let updated = items.update(&permit, id, expected.clone(), draft).await;
    Ok(represent(StatusCode::OK, &updated.map_err(|error| weak_etag_error(error, &expected))?))
}

async fn delete_item(
    permit: Permit<DeleteItems>,
    items: Items,
    Checked(Path(id)): Id,
    headers: HeaderMap,
) -> Result<StatusCode, AppError> {
    let (id, expected) = (ItemDraft::parse_id(&id)?, if_match(&headers)?);
    let deleted = items.delete(&permit, id, expected.clone()).await;
    deleted.map_err(|error| weak_etag_error(error, &expected))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn restore_item(permit: Permit<DeleteItems>, items: Items, Checked(Path(id)): Id) -> Result<Response, AppError> {
    Ok(represent(StatusCode::OK, &items.restore(&permit, ItemDraft::parse_id(&id)?).await?))
}
