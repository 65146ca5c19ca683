//! The REST endpoints: the table that is the router.

pub(crate) mod conditional;
mod items;

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use http::{HeaderValue, header};
use portcullis::{AppError, Fields, FromFields};
use portcullis_server::{Api, http_rules};

use crate::state::AppState;

/// Returns every REST endpoint. A new resource adds its line here.
#[must_use]
pub fn api() -> Api<AppState> {
    items::api()
}

/// An extractor of Axum's whose refusal is our error body, for example `Valid<Path<String>>`.
struct Valid<E>(E);

impl<E: FromRequestParts<S>, S: Send + Sync> FromRequestParts<S> for Valid<E> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let read = E::from_request_parts(parts, state).await;
        read.map(Self).map_err(|_| AppError::invalid_request("The path or the query could not be read"))
    }
}

/// A body of JSON, an object. Axum's own would answer with other statuses and with words of the inside, and would name
/// no field.
struct Body<T>(T);

impl<T: FromFields, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, _: &S) -> Result<Self, AppError> {
        let kind = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        if !kind.eq_ignore_ascii_case(b"application/json") {
            return Err(AppError::invalid_request("The body must be sent as Content-Type: application/json"));
        }
        let body = http_rules::read_body(request.into_body()).await?;
        let fields: Fields = serde_json::from_slice(&body).map_err(|error| {
            let is_other_json = error.is_data();
            AppError::invalid_request(if is_other_json {
                "The body must be a JSON object"
            } else {
                "The body is not JSON"
            })
        })?;
        Ok(Self(T::from_fields(fields)?))
    }
}
