//! Redirects from a page path with a trailing slash to the page itself.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, Uri, header};

/// Redirects to the same URL without the trailing slash of its path. The router calls it only for the paths of declared
/// pages, so the target starts with one of them and stays on this origin.
pub async fn without_slash(uri: Uri) -> Response {
    let path = uri.path().strip_suffix('/').unwrap_or(uri.path());
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let Ok(location) = HeaderValue::from_str(&format!("{path}{query}")) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    // Browsers may cache a 308, and the query of the callback contains a code.
    let no_store = HeaderValue::from_static("no-store");
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location), (header::CACHE_CONTROL, no_store)]).into_response()
}
