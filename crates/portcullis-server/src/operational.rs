//! The paths that are open to everyone: health, readiness, and what a client must know to be let in.

use std::sync::Arc;

use crate::config::Trust;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use http::{HeaderValue, StatusCode, header};
use portcullis::{HEALTH, METADATA, OpenPath, READINESS};
use serde::Serialize;

use crate::state::ServerState;

/// Every open path that is answered by code; the built client's files are the router's fallback.
#[must_use]
pub fn endpoints() -> Vec<(OpenPath, MethodRouter<ServerState>)> {
    vec![(HEALTH, get(|| async { "ok" })), (READINESS, get(ready)), (METADATA, get(metadata))]
}

/// Whether requests can be served now: 200 when keys, store and background tasks are there, else 503 with what is missing.
async fn ready(State(state): State<ServerState>) -> Response {
    let ready = state.readiness.now().await;
    let status = if ready.is_all() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(ready)).into_response()
}

/// The protected resource metadata of this server (RFC 9728 §2), from the registry and the configuration.
#[derive(Debug, Serialize)]
pub struct Metadata {
    /// The resource identifier: where clients reach this server.
    pub resource: String,
    /// The issuers whose tokens are taken.
    pub authorization_servers: Vec<Arc<str>>,
    /// Every scope that some right asks for.
    pub scopes_supported: Vec<&'static str>,
    /// How a token may be sent: in the header alone (RFC 6750 §2.1).
    pub bearer_methods_supported: [&'static str; 1],
    /// What the resource is called.
    pub resource_name: &'static str,
}

impl Metadata {
    /// The metadata of the server that clients reach at `resource`, an origin without a slash at its end.
    #[must_use]
    pub fn new(name: &'static str, resource: String, trust: &Trust) -> Self {
        Self {
            resource,
            authorization_servers: trust.issuers().map(|one| one.issuer.clone()).collect(),
            scopes_supported: trust.registry.scopes(),
            bearer_methods_supported: ["header"],
            resource_name: name,
        }
    }
}

async fn metadata(State(state): State<ServerState>) -> Response {
    match &state.metadata {
        Some(metadata) => axum::Json(metadata).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Names the metadata in every challenge (RFC 9728 §5.1), so that a client finds out by itself whom to ask.
pub async fn add_resource_metadata(State(state): State<ServerState>, mut response: Response) -> Response {
    let Some(metadata) = &state.metadata else { return response };
    let Some(challenge) = response.headers().get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()) else {
        return response;
    };
    let gap = if challenge.contains(' ') { "," } else { "" };
    let named = format!(r#"{challenge}{gap} resource_metadata="{}{}""#, metadata.resource, METADATA.path);
    if let Ok(named) = HeaderValue::from_str(&named) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, named);
    }
    response
}
