//! [`fetch`] for the `oauth2` crate, whose own client would double the download.

use js_sys::{JSON, Object, Reflect};
use leptos::wasm_bindgen::JsCast;
use oauth2::http;
use oauth2::{HttpRequest, HttpResponse};

use crate::fetch::{self, Answer, Ask, FetchError, PATIENCE};

/// Sends `request` as fetch does; the client of [`oauth2`]'s requests.
///
/// # Errors
/// When there is no answer, or none that can be read.
pub async fn send(request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let (parts, body) = request.into_parts();
    let headers: Option<Vec<_>> =
        parts.headers.iter().map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let body = String::from_utf8(body).map_err(|_| FetchError::Unreadable)?;
    let ask = Ask {
        url: &parts.uri.to_string(),
        method: parts.method.as_str(),
        headers: &headers.ok_or(FetchError::Unreadable)?,
        // fetch takes no body at all with GET, not even an empty one.
        body: Some(body.as_str()).filter(|body| !body.is_empty()),
        patience: Some(PATIENCE),
        ..Ask::default()
    };
    let (status, retry_after, body) = match fetch::send(ask).await {
        Ok(Answer { status, retry_after, body, .. }) => (status, retry_after, body),
        Err(FetchError::BrokenOff { status }) => (status, None, String::new()),
        Err(error) => return Err(error),
    };
    // Whatever stands in it: it is no word on what was asked (RFC 9110 §15.6, RFC 6585 §4).
    if status >= 500 || status == 429 {
        // With another status a gateway may say when, whose origin has seen what was sent.
        return Err(FetchError::Busy { retry_after: retry_after.filter(|_| matches!(status, 429 | 503)) });
    }
    // What was sent is spent with any success, so all of them are read as one, and one without a body too. The type goes
    // by the content: providers send JSON as `text/plain` too, and `oauth2` would refuse it.
    let (status, body) = match (200..300).contains(&status) {
        true => (200, object(&body, None).unwrap_or_else(|| "{}".to_owned())),
        false => (status, object(&body, Some("error")).ok_or(FetchError::Unreadable)?),
    };
    http::Response::builder().status(status).body(body.into_bytes()).map_err(|_| FetchError::Unreadable)
}

/// Returns the JSON object in `body` as the browser's own JSON reads and writes it: each member once, and no number that
/// serde would not take. None if it is no object or lacks the text `member`.
fn object(body: &str, member: Option<&str>) -> Option<String> {
    let object = JSON::parse(body.trim_start_matches('\u{feff}')).ok()?.dyn_into::<Object>().ok()?;
    let has = |member: &str| Reflect::get(&object, &member.into()).is_ok_and(|value| value.is_string());
    if js_sys::Array::is_array(&object) || !member.is_none_or(has) {
        return None;
    }
    JSON::stringify(&object).ok()?.as_string()
}
