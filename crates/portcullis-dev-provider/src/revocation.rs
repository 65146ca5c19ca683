//! The revocation endpoint (RFC 7009): a token that its client gives up stops working.

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

/// A hint at the type of the token is not read: every type is tried (RFC 7009 §2.1).
#[derive(Deserialize)]
pub(crate) struct Request {
    token: Option<String>,
    client_id: Option<String>,
}

/// Revokes a token. An unknown one is no error: it does not work either (RFC 7009 §2.2).
pub(crate) async fn revoke(
    State(provider): State<Arc<Provider>>,
    request: Result<Form<Request>, FormRejection>,
) -> Response {
    let answer = match request {
        Ok(Form(Request { client_id, .. })) if client_id.as_deref() != Some(CLIENT_ID) => {
            refusal(CoreErrorResponseType::InvalidClient, "the client is not known")
        }
        Ok(Form(Request { token: Some(token), .. })) => {
            provider.grants.revoke(&token);
            StatusCode::OK.into_response()
        }
        Ok(_) | Err(_) => refusal(CoreErrorResponseType::InvalidRequest, "a form with a token is needed"),
    };
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}

fn refusal(error: CoreErrorResponseType, description: &str) -> Response {
    let body = StandardErrorResponse::new(error, Some(description.to_owned()), None);
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
