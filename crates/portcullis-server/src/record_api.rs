//! The REST handlers of every kind of record, with conditional requests and repeatable creation.

use axum::Json;
use axum::extract::{FromRef, Path, Query};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use portcullis::record::{IdempotencyKey, ListQuery, ListRequest, Page, Record, RecordEndpoints, Stored};
use portcullis::{AppError, FromFields};

use crate::conditional::{entity_tag, if_match, is_known, weak_etag_error};
use crate::store::{Database, Records};
use crate::{Api, Checked, JsonFields, Permit};

type Id = Checked<Path<String>>;

impl<S: Clone + Send + Sync + 'static> Api<S>
where
    Database: FromRef<S>,
{
    /// Adds the REST endpoints of the records `R`.
    #[must_use]
    pub fn records<R: Record + FromFields>(self, endpoints: RecordEndpoints<R>) -> Self {
        let create_record = async move |permit: Permit<R::Write>, records: Records<R>, headers: HeaderMap, fields| {
            create(&permit, &records, &headers, fields, endpoints.get.path()).await
        };
        self.on(endpoints.list, list::<R>)
            .on(endpoints.create, create_record)
            .on(endpoints.get, get_record::<R>)
            .on(endpoints.update, update::<R>)
            .on(endpoints.delete, delete::<R>)
            .on(endpoints.restore, restore::<R>)
    }
}

/// Returns a record, or 304 if the client knows its version (RFC 9110 §13.1.2).
///
/// # Errors
/// 400 for a malformed id or `If-None-Match`, 404 if the record does not exist, 503 if the store is not available.
pub async fn get_record<R: Record>(
    permit: Permit<R::Read>,
    records: Records<R>,
    Checked(Path(id)): Id,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let record = records.get(&permit, R::parse_id(&id)?).await?;
    if is_known(&headers, &record.version)? {
        return Ok(with_entity_tag(StatusCode::NOT_MODIFIED.into_response(), &record.version));
    }
    Ok(represent(StatusCode::OK, &record))
}

async fn list<R: Record>(
    permit: Permit<R::Read>,
    records: Records<R>,
    Checked(Query(query)): Checked<Query<ListQuery>>,
) -> Result<Json<Page<R>>, AppError> {
    records.list(&permit, ListRequest::parse(&query)?).await.map(Json)
}

async fn create<R: Record>(
    permit: &Permit<R::Write>,
    records: &Records<R>,
    headers: &HeaderMap,
    JsonFields(fields): JsonFields<R>,
    record_path: &str,
) -> Result<Response, AppError> {
    let key = idempotency_key(headers)?;
    let record = records.create(permit, fields.validate()?, key).await?;
    let location = HeaderValue::from_str(&record_path.replace("{id}", &record.id.to_string()));
    let mut response = represent(StatusCode::CREATED, &record);
    response.headers_mut().extend(location.map(|location| (header::LOCATION, location)));
    Ok(response)
}

async fn update<R: Record + FromFields>(
    permit: Permit<R::Write>,
    records: Records<R>,
    Checked(Path(id)): Id,
    headers: HeaderMap,
    JsonFields(fields): JsonFields<R>,
) -> Result<Response, AppError> {
    let (id, expected) = (R::parse_id(&id)?, if_match(&headers)?);
    let updated = records.update(&permit, id, expected.clone(), fields).await;
    Ok(represent(StatusCode::OK, &updated.map_err(|error| weak_etag_error(error, &expected))?))
}

async fn delete<R: Record>(
    permit: Permit<R::Delete>,
    records: Records<R>,
    Checked(Path(id)): Id,
    headers: HeaderMap,
) -> Result<StatusCode, AppError> {
    let (id, expected) = (R::parse_id(&id)?, if_match(&headers)?);
    let deleted = records.delete(&permit, id, expected.clone()).await;
    deleted.map_err(|error| weak_etag_error(error, &expected))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn restore<R: Record>(
    permit: Permit<R::Delete>,
    records: Records<R>,
    Checked(Path(id)): Id,
) -> Result<Response, AppError> {
    Ok(represent(StatusCode::OK, &records.restore(&permit, R::parse_id(&id)?).await?))
}

/// Returns `record` as a response with its entity-tag.
fn represent<R: Record>(status: StatusCode, record: &Stored<R>) -> Response {
    with_entity_tag((status, Json(record)).into_response(), &record.version)
}

fn with_entity_tag(mut response: Response, version: &str) -> Response {
    response.headers_mut().extend(entity_tag(version).map(|tag| (header::ETAG, tag)));
    response
}

/// Returns the `Idempotency-Key` of a request. More than one is an error.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, AppError> {
    let mut values = headers.get_all("idempotency-key").iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => IdempotencyKey::parse(value.to_str().unwrap_or_default()).map(Some),
        _ => Err(AppError::invalid_request("Idempotency-Key was sent more than once")),
    }
}
