//! The open paths: health, readiness, and the metadata that tells clients how to get access.

use std::sync::Arc;

use crate::config::AuthConfig;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use http::{HeaderValue, StatusCode, header};
use portcullis::{HEALTH, METADATA, OpenPath, READINESS};
use serde::Serialize;

use super::state::ServerState;

/// Returns the open paths with their handlers. The files of the client are the fallback of the router.
#[must_use]
pub fn endpoints() -> Vec<(OpenPath, MethodRouter<ServerState>)> {
    vec![(HEALTH, get(|| async { "ok" })), (READINESS, get(ready)), (METADATA, get(metadata))]
}

/// Responds with 200 if keys, store and background tasks are ready, else with 503 and what is not.
async fn ready(State(state): State<ServerState>) -> Response {
    let ready = state.readiness.now().await;
    let status = if ready.is_all() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(ready)).into_response()
}

/// The protected resource metadata of this server (RFC 9728 §2), from the registry and the configuration.
#[derive(Debug, Serialize)]
pub struct Metadata {
    /// The resource identifier: the origin of this server.
    pub resource: String,
    /// The trusted issuers.
    pub authorization_servers: Vec<Arc<str>>,
    /// All scopes that rights require.
    pub scopes_supported: Vec<&'static str>,
    /// The ways to send a token: only the header (RFC 6750 §2.1).
    pub bearer_methods_supported: [&'static str; 1],
    /// The name of the app.
    pub resource_name: &'static str,
}

impl Metadata {
    /// Returns the metadata of the app `name` at `resource`, an origin without a trailing slash.
    #[must_use]
    pub fn new(name: &'static str, resource: String, auth: &AuthConfig) -> Self {
        Self {
            resource,
            authorization_servers: auth.issuers().map(|trusted| trusted.issuer.clone()).collect(),
            scopes_supported: auth.registry.scopes(),
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

/// Adds the URL of the metadata to every challenge (RFC 9728 §5.1), so that clients can find the issuers.
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
