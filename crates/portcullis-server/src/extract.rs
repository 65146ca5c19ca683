//! Extractors that reject with the public error body.

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use http::{HeaderValue, header};
use portcullis::{AppError, Fields, FromFields};

use crate::http_rules;

/// An Axum extractor for the head of a request, for example `Checked<Path<String>>`. It rejects with 400.
pub struct Checked<E>(pub E);

impl<E: FromRequestParts<S>, S: Send + Sync> FromRequestParts<S> for Checked<E> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let extracted = E::from_request_parts(parts, state).await;
        extracted.map(Self).map_err(|_| AppError::invalid_request("The path or the query could not be read"))
    }
}

/// A JSON object as the body. It rejects with 400, and names every field with a wrong type.
pub struct JsonFields<T>(pub T);

impl<T: FromFields, S: Send + Sync> FromRequest<S> for JsonFields<T> {
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
