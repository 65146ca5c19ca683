//! The HTTP client of the `oauth2` crate, over [`fetch`]. The crate's own client would double the download.

use js_sys::{Array, JSON, Object, Reflect};
use leptos::wasm_bindgen::JsCast;
use oauth2::{HttpRequest, HttpResponse, http};

use crate::fetch::{self, FetchError, PROVIDER_TIMEOUT, Request, Response};

/// Sends `request` to the provider.
///
/// # Errors
/// [`FetchError`] if there is no response, or it can't be read.
pub async fn send(request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let (parts, body) = request.into_parts();
    let headers: Option<Vec<_>> =
        parts.headers.iter().map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let body = String::from_utf8(body).map_err(|_| FetchError::Unreadable)?;
    let request = Request {
        url: &parts.uri.to_string(),
        method: parts.method.as_str(),
        headers: &headers.ok_or(FetchError::Unreadable)?,
        // With GET, fetch takes no body, not even an empty one.
        body: Some(body.as_str()).filter(|body| !body.is_empty()),
        timeout: Some(PROVIDER_TIMEOUT),
        ..Request::default()
    };
    let (status, retry_after, body) = match fetch::send(request).await {
        Ok(Response { status, retry_after, body, .. }) => (status, retry_after, body),
        Err(FetchError::IncompleteBody { status }) => (status, None, String::new()),
        Err(error) => return Err(error),
    };
    // Such a response does not decide about the request, whatever its body says (RFC 9110 §15.6, RFC 6585 §4).
    if status >= 500 || status == 429 {
        // Other statuses may come from a gateway after the provider has received the request, so their `Retry-After` is
        // ignored: the request must not be sent again.
        return Err(FetchError::Busy { retry_after: retry_after.filter(|_| matches!(status, 429 | 503)) });
    }
    // Any success spends the code or refresh token, so every success counts as 200, even without a body. The content
    // type is ignored: some providers send JSON as `text/plain`, which `oauth2` would refuse.
    let (status, body) = match (200..300).contains(&status) {
        true => (200, normalized_object(&body, None).unwrap_or_else(|| "{}".to_owned())),
        false => (status, normalized_object(&body, Some("error")).ok_or(FetchError::Unreadable)?),
    };
    http::Response::builder().status(status).body(body.into_bytes()).map_err(|_| FetchError::Unreadable)
}

/// Returns the JSON object in `body` as the browser serializes it: each member occurs once, and serde can read every
/// number. Returns `None` if it is not an object, or lacks the string `member`.
fn normalized_object(body: &str, member: Option<&str>) -> Option<String> {
    let object = JSON::parse(body.trim_start_matches('\u{feff}')).ok()?.dyn_into::<Object>().ok()?;
    let has_string = |member: &str| Reflect::get(&object, &member.into()).is_ok_and(|value| value.is_string());
    if Array::is_array(&object) || !member.is_none_or(has_string) {
        return None;
    }
    JSON::stringify(&object).ok()?.as_string()
}
