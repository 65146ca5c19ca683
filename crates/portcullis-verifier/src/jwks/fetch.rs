//! Fetches documents from the provider, with a time limit, a size limit and no redirects.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use url::Url;

use super::document::{Document, MAX_DOCUMENT_BYTES};
use crate::backchannel::Backchannel;

/// The maximum duration of a fetch, from connecting to the last byte.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Returns whether a response from `url` can be trusted to be the provider's: over https, or from this machine.
#[must_use]
pub fn is_safe_to_fetch(url: &Url) -> bool {
    let local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && local)
}

/// The reason why a document of the provider could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A URL whose response an attacker on the network could forge.
    #[error("{}: not an https URL (http is allowed only on this machine)", redacted_url(url))]
    Unsafe {
        /// The URL that was to be requested.
        url: Url,
    },
    /// No complete response in time.
    #[error("{}: {}", redacted_url(url), source_of(error))]
    Transport {
        /// The URL that was requested.
        url: Url,
        /// The error of the HTTP client.
        error: reqwest::Error,
    },
    /// TLS cannot be set up, for example because this machine has no CA certificates.
    #[error("{}: TLS cannot be set up on this machine: {}", redacted_url(url), source_of(error))]
    Tls {
        /// The URL that was to be requested.
        url: Url,
        /// The error of the HTTP client.
        error: reqwest::Error,
    },
    /// A response with a status other than 200.
    #[error("{}: status {status}, expected 200 (redirects are not followed)", redacted_url(url))]
    Status {
        /// The URL that was requested.
        url: Url,
        /// The status.
        status: u16,
    },
    /// A response that is too large.
    #[error("{}: more than {MAX_DOCUMENT_BYTES} bytes", redacted_url(url))]
    TooLarge {
        /// The URL that was requested.
        url: Url,
    },
    /// A response with unusable content.
    #[error("{}: {reason}", redacted_url(url))]
    Content {
        /// The URL that was requested.
        url: Url,
        /// What is wrong.
        reason: String,
    },
    /// The error of a fetch that another caller started and this one waited for.
    #[error(transparent)]
    Shared(Arc<FetchError>),
}

impl FetchError {
    /// Returns whether the error persists until someone changes a configuration. An unavailable provider, in contrast,
    /// recovers.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Content { .. } | Self::Unsafe { .. } | Self::Tls { .. } => true,
            Self::Status { status, .. } => (300..500).contains(status) && !matches!(status, 408 | 429),
            Self::Transport { .. } | Self::TooLarge { .. } => false,
            Self::Shared(error) => error.is_lasting(),
        }
    }
}

/// The maximum length of a URL in messages, in characters.
const MAX_SHOWN_CHARS: usize = 300;

/// Returns a URL for logs: without user name, password, query and fragment, which may contain secrets, and shortened.
pub fn redacted_url(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // These fail only for URLs that cannot have a user name or password.
    let _ = url.set_password(None);
    let _ = url.set_username("");
    let text = String::from(url);
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Returns the innermost cause. The outer errors repeat the URL.
fn source_of(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// A response with any status.
pub struct HttpResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// The HTTP client for the provider's documents.
#[derive(Clone)]
pub struct Http {
    /// For https, through the proxy from the environment if there is one: TLS protects the connection to the provider.
    /// Created on first use, because a machine without CA certificates may not need https.
    secure: Arc<OnceLock<reqwest::Client>>,
    /// For http on this machine. It never uses a proxy, which could impersonate the provider.
    local: reqwest::Client,
    /// The internal address that may be requested over http, if the operator allows it.
    plain: Option<Arc<Backchannel>>,
}

fn client() -> reqwest::ClientBuilder {
    // A redirect could lead to a host that must not be trusted.
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(TIME_LIMIT)
}

impl Http {
    /// Creates the client.
    ///
    /// # Errors
    /// [`reqwest::Error`] if the client cannot be created.
    pub fn new() -> Result<Self, reqwest::Error> {
        // This client never uses TLS and needs no CA certificates.
        let local = client().no_proxy().tls_certs_only([]).build()?;
        Ok(Self { secure: Arc::default(), local, plain: None })
    }

    /// Returns the client, which may now use http for the internal address of `backchannel`.
    #[must_use]
    pub fn with_plain_http(self, backchannel: Arc<Backchannel>) -> Self {
        Self { plain: Some(backchannel), ..self }
    }

    fn secure(&self, url: &Url) -> Result<&reqwest::Client, FetchError> {
        if let Some(client) = self.secure.get() {
            return Ok(client);
        }
        let made =
            client().build().map_err(|error| FetchError::Tls { url: url.clone(), error: error.without_url() })?;
        Ok(self.secure.get_or_init(|| made))
    }

    /// Sends a GET request to `url` and returns the document.
    ///
    /// # Errors
    /// [`FetchError`] if the URL is not safe, or if there is no response with status 200 within the limits.
    pub async fn get(&self, url: &Url) -> Result<Document, FetchError> {
        let headers = HeaderMap::from_iter([
            (header::ACCEPT, HeaderValue::from_static("application/json")),
            (header::ACCEPT_ENCODING, HeaderValue::from_static("identity")),
        ]);
        let mut response = self.send(Method::GET, url, headers, Vec::new()).await?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status { url: url.clone(), status: response.status().as_u16() });
        }
        let headers = std::mem::take(response.headers_mut());
        let body = body(url, response).await?;
        Document::new(url.clone(), headers, body)
    }

    /// Sends a request to `url` and returns the response, with any status.
    ///
    /// # Errors
    /// [`FetchError`] if the URL is not safe, or if there is no response within the limits.
    pub async fn request(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body_sent: Vec<u8>,
    ) -> Result<HttpResponse, FetchError> {
        let mut response = self.send(method, url, headers, body_sent).await?;
        let headers = std::mem::take(response.headers_mut());
        Ok(HttpResponse { status: response.status(), headers, body: body(url, response).await? })
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<reqwest::Response, FetchError> {
        if !is_safe_to_fetch(url) && !self.plain.as_ref().is_some_and(|internal| internal.has_internal_origin(url)) {
            return Err(FetchError::Unsafe { url: url.clone() });
        }
        let client = if url.scheme() == "https" { self.secure(url)? } else { &self.local };
        let request = client.request(method, url.clone()).headers(headers);
        let request = if body.is_empty() { request } else { request.body(body) };
        request.send().await.map_err(|error| broken(url, error))
    }
}

fn broken(url: &Url, error: reqwest::Error) -> FetchError {
    FetchError::Transport { url: url.clone(), error: error.without_url() }
}

async fn body(url: &Url, mut response: reqwest::Response) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(url, error))? {
        if body.len() + chunk.len() > MAX_DOCUMENT_BYTES {
            return Err(FetchError::TooLarge { url: url.clone() });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests;
