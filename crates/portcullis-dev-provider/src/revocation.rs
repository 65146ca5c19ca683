//! The revocation endpoint (RFC 7009).

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use http::{StatusCode, header};
use openidconnect::StandardErrorResponse;
use openidconnect::core::CoreErrorResponseType;
use serde::Deserialize;

use crate::{CLIENT_ID, Provider};

/// The request. `token_type_hint` is ignored: every type is tried (RFC 7009 §2.1).
#[derive(Deserialize)]
pub(crate) struct Request {
    token: Option<String>,
    client_id: Option<String>,
}

/// Revokes a token. An unknown token is not an error (RFC 7009 §2.2).
pub(crate) async fn revoke(
    State(provider): State<Arc<Provider>>,
    request: Result<Form<Request>, FormRejection>,
) -> Response {
    let response = match request {
        Ok(Form(Request { client_id, .. })) if client_id.as_deref() != Some(CLIENT_ID) => {
            refusal(CoreErrorResponseType::InvalidClient, "the client is not known")
        }
        Ok(Form(Request { token: Some(token), .. })) => {
            provider.grants.revoke(&token);
            StatusCode::OK.into_response()
        }
        Ok(_) | Err(_) => refusal(CoreErrorResponseType::InvalidRequest, "a form with a token is needed"),
    };
    ([(header::CACHE_CONTROL, "no-store")], response).into_response()
}

fn refusal(error: CoreErrorResponseType, description: &str) -> Response {
    let body = StandardErrorResponse::new(error, Some(description.to_owned()), None);
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
