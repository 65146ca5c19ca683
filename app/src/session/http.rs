//! HTTP over the browser's fetch: for the `oauth2` crate, whose own client would double the download.

use gloo_net::http::{RequestBuilder, Response};
use oauth2::http::{self, HeaderValue};
use oauth2::{HttpRequest, HttpResponse};

/// Why a provider could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No answer: the network, or the provider's CORS rules, which a browser does not tell apart.
    #[error("the identity provider could not be reached")]
    Unreachable,
    /// An answer that cannot be read.
    #[error("the identity provider's answer could not be read")]
    Unreadable,
}

/// Sends `request` as fetch does; the client of [`oauth2`]'s requests.
///
/// # Errors
/// When there is no answer, or none that can be read.
pub async fn send(request: HttpRequest) -> Result<HttpResponse, HttpError> {
    let (parts, body) = request.into_parts();
    let mut builder = RequestBuilder::new(&parts.uri.to_string()).method(parts.method);
    for (name, value) in &parts.headers {
        let value = value.to_str().map_err(|_| HttpError::Unreadable)?;
        builder = builder.header(name.as_str(), value);
    }
    // fetch takes no body at all with GET, not even an empty one.
    let request = if body.is_empty() {
        builder.build()
    } else {
        builder.body(String::from_utf8(body).map_err(|_| HttpError::Unreadable)?)
    };
    let request = request.map_err(|_| HttpError::Unreachable)?;
    let response = request.send().await.map_err(|_| HttpError::Unreachable)?;
    into_http(response).await
}

async fn into_http(response: Response) -> Result<HttpResponse, HttpError> {
    let mut answer = http::Response::builder().status(response.status());
    // `oauth2` looks at the content type and no other header.
    if let Some(content_type) = response.headers().get("content-type") {
        let value = HeaderValue::from_str(&content_type).map_err(|_| HttpError::Unreadable)?;
        answer = answer.header(http::header::CONTENT_TYPE, value);
    }
    let body = response.binary().await.map_err(|_| HttpError::Unreadable)?;
    answer.body(body).map_err(|_| HttpError::Unreadable)
}
