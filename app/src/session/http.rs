//! [`fetch`](super::fetch) for the `oauth2` crate, whose own client would double the download.

use oauth2::http::{self, HeaderValue};
use oauth2::{HttpRequest, HttpResponse};

use super::fetch::{self, Ask, FetchError, PATIENCE};

/// Sends `request` as fetch does; the client of [`oauth2`]'s requests.
///
/// # Errors
/// When there is no answer, or none that can be read.
pub async fn send(request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let (parts, body) = request.into_parts();
    let headers: Option<Vec<_>> =
        parts.headers.iter().map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let body = String::from_utf8(body).map_err(|_| FetchError::Unreadable)?;
    let answer = fetch::send(Ask {
        url: &parts.uri.to_string(),
        method: parts.method.as_str(),
        headers: &headers.ok_or(FetchError::Unreadable)?,
        // fetch takes no body at all with GET, not even an empty one.
        body: Some(body.as_str()).filter(|body| !body.is_empty()),
        patience: Some(PATIENCE),
    })
    .await?;
    // Whatever stands in it: it is no word on what was asked (RFC 9110 §15.6, RFC 6585 §4).
    if answer.status >= 500 || answer.status == 429 {
        return Err(FetchError::Busy);
    }
    let mut response = http::Response::builder().status(answer.status);
    // `oauth2` looks at the content type and no other header.
    if let Some(content_type) = answer.content_type {
        let value = HeaderValue::from_str(&content_type).map_err(|_| FetchError::Unreadable)?;
        response = response.header(http::header::CONTENT_TYPE, value);
    }
    response.body(answer.body.into_bytes()).map_err(|_| FetchError::Unreadable)
}
