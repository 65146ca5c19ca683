//! Fetching from the provider: with a time limit, a size limit and no redirects.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use url::Url;

use super::document::{Document, MAX_DOCUMENT_BYTES};
use crate::backchannel::Backchannel;

/// How long a fetch may take, from connecting to the last byte.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Whether keys from `url` can be trusted to be the provider's: over https, or from this very machine.
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

/// Why a document of the provider could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// An address whose answer anyone on the way could forge.
    #[error("{}: not an https URL (http is allowed only on this machine)", redacted_url(url))]
    Unsafe {
        /// What was to be asked for.
        url: Url,
    },
    /// No answer in time, or a broken one.
    #[error("{}: {}", redacted_url(url), source_of(error))]
    Transport {
        /// What was asked for.
        url: Url,
        /// What the HTTP client says.
        error: reqwest::Error,
    },
    /// There are no certificates to know the provider by, for example.
    #[error("{}: TLS cannot be set up on this machine: {}", redacted_url(url), source_of(error))]
    Tls {
        /// What was to be asked for.
        url: Url,
        /// What the HTTP client says.
        error: reqwest::Error,
    },
    /// An answer other than 200.
    #[error("{}: status {status}, expected 200 (redirects are not followed)", redacted_url(url))]
    Status {
        /// What was asked for.
        url: Url,
        /// The status.
        status: u16,
    },
    /// Too long an answer.
    #[error("{}: more than {MAX_DOCUMENT_BYTES} bytes", redacted_url(url))]
    TooLarge {
        /// What was asked for.
        url: Url,
    },
    /// An answer that is not what it should be.
    #[error("{}: {reason}", redacted_url(url))]
    Content {
        /// What was asked for.
        url: Url,
        /// What is wrong.
        reason: String,
    },
    /// The fetch of another caller has failed, which this one has waited for.
    #[error(transparent)]
    Shared(Arc<FetchError>),
}

impl FetchError {
    /// Whether it stays so until someone changes the settings here or at the provider; a provider that is down comes back.
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

/// How much of an address is shown, in characters.
const MAX_SHOWN_CHARS: usize = 300;

/// An address as it may be logged: without password, query and fragment, which may hold a key, and not endless.
pub fn redacted_url(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // These fail only for addresses that have none.
    let _ = url.set_password(None);
    let _ = url.set_username("");
    let text = String::from(url);
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The innermost cause, which names the fault; the outer ones repeat the address.
fn source_of(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// An answer of any status.
pub struct HttpResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The bytes.
    pub body: Vec<u8>,
}

/// The HTTP client for the provider's documents.
#[derive(Clone)]
pub struct Http {
    /// For https, by way of the environment's proxy if it names one: TLS reaches through it to the provider.
    /// Made when it is first needed: a machine without CA certificates can still do without https.
    secure: Arc<OnceLock<reqwest::Client>>,
    /// For http on this machine, never by way of a proxy, which could answer in the provider's place.
    local: reqwest::Client,
    /// The internal address that may be asked over http, where the operator allows it.
    plain: Option<Arc<Backchannel>>,
}

fn client() -> reqwest::ClientBuilder {
    // A redirect could lead to a host that was never trusted with our keys.
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(TIME_LIMIT)
}

impl Http {
    /// Makes the client.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new() -> Result<Self, reqwest::Error> {
        // It never speaks TLS, and so needs none of the machine's certificates.
        let local = client().no_proxy().tls_certs_only([]).build()?;
        Ok(Self { secure: Arc::default(), local, plain: None })
    }

    /// The same, which asks the internal address of `backchannel` over http too.
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

    /// Gets `url`.
    ///
    /// # Errors
    /// When the address is not safe, or there is no answer of status 200 within the limits.
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

    /// Sends a request with `headers` and `body` to `url`, and takes whatever it is answered with.
    ///
    /// # Errors
    /// When the address is not safe, or there is no answer within the limits.
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
