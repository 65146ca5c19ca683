//! HTTP requests with the browser's fetch, to the app's own server and to the provider.

use std::time::Duration;

use js_sys::futures::JsFuture;
use js_sys::{Promise, Reflect};
use leptos::prelude::window;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{self, AbortSignal, DomException, Headers, RequestCredentials, RequestInit, RequestMode};

use crate::clock;

/// How long a provider may take, in milliseconds. Other tabs wait for the lock during that time.
pub const PROVIDER_TIMEOUT: u32 = 10_000;

/// How long [`is_reachable`] waits, in milliseconds.
const PROBE_TIMEOUT: u32 = 3_000;

/// The longest `Retry-After` that is respected, in seconds.
pub const MAX_RETRY_AFTER: u64 = 3_600;

/// The longest time that a person waits for our own server before they see an error, in seconds.
const MAX_SERVER_DELAY: u64 = 20;

/// A request.
#[derive(Clone, Default)]
pub struct Request<'a> {
    /// The URL.
    pub url: &'a str,
    /// The method; GET if it is empty.
    pub method: &'a str,
    /// The headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: Option<&'a str>,
    /// The timeout in milliseconds.
    pub timeout: Option<u32>,
    /// Whether the request continues when the page is left.
    pub keepalive: bool,
}

/// A response.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header `Date`, which other origins seldom expose.
    pub date: Option<String>,
    /// The header `Retry-After` in seconds (RFC 9110 §10.2.3), which other origins must expose.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: String,
}

/// Why there is no usable response.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FetchError {
    /// The network failed, or the other side's CORS rules forbid the response. The browser does not say which.
    #[error("the identity provider could not be reached")]
    Unreachable,
    /// No response came in time.
    #[error("the identity provider could not be reached in time")]
    TimedOut,
    /// The response can't be read.
    #[error("the identity provider's answer could not be read")]
    Unreadable,
    /// The connection ended within the body of the response.
    #[error("the identity provider's answer broke off")]
    IncompleteBody {
        /// The status code.
        status: u16,
    },
    /// The other side has a temporary problem.
    #[error("the identity provider cannot answer at the moment")]
    Busy {
        /// The header `Retry-After` in seconds.
        retry_after: Option<u64>,
    },
    /// Nothing was sent: another person has signed in since the page was shown.
    #[error("someone else has signed in")]
    AnotherPerson,
}

/// Returns how long to wait before the next request to our own server, by its `Retry-After`.
#[must_use]
pub fn server_delay(retry_after: Option<u64>) -> Duration {
    Duration::from_secs(retry_after.unwrap_or(0).min(MAX_SERVER_DELAY))
}

/// Parses `Retry-After`, which is a number of seconds or a date, into seconds.
fn parse_retry_after(value: &str) -> Option<u64> {
    let seconds = value.trim().parse().ok().or_else(|| {
        let at = js_sys::Date::parse(value) / 1000.0;
        at.is_finite().then(|| (at as u64).saturating_sub(clock::now()))
    });
    seconds.map(|seconds: u64| seconds.min(MAX_RETRY_AFTER))
}

/// Sends `request`, without cookies to other origins, and reads the response.
///
/// # Errors
/// [`FetchError`] if there is no response, or it can't be read.
pub async fn send(request: Request<'_>) -> Result<Response, FetchError> {
    let response = start(&request).map_err(|_| FetchError::Unreachable)?;
    let response = JsFuture::from(response).await.map_err(|error| {
        let is_timeout = error.dyn_ref::<DomException>().is_some_and(|error| error.name() == "TimeoutError");
        if is_timeout { FetchError::TimedOut } else { FetchError::Unreachable }
    })?;
    let response: web_sys::Response = response.unchecked_into();
    let header = |name| response.headers().get(name).ok().flatten();
    let status = response.status();
    let body = response.text().map_err(|_| FetchError::Unreadable)?;
    let body = JsFuture::from(body).await.map_err(|_| FetchError::IncompleteBody { status })?;
    Ok(Response {
        status,
        retry_after: header("retry-after").and_then(|value| parse_retry_after(&value)),
        date: header("date"),
        body: body.as_string().unwrap_or_default(),
    })
}

/// Returns whether a server answers at `url`, even if this page may not read its response.
pub async fn is_reachable(url: &str) -> bool {
    let init = RequestInit::new();
    init.set_mode(RequestMode::NoCors);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PROBE_TIMEOUT)));
    let response = window().fetch_with_str_and_init(url, &init).unchecked_into::<Promise>();
    JsFuture::from(response).await.is_ok()
}

fn start(request: &Request<'_>) -> Result<Promise, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in request.headers {
        headers.set(name, value)?;
    }
    let init = RequestInit::new();
    if !request.method.is_empty() {
        init.set_method(request.method);
    }
    init.set_headers(&headers);
    init.set_credentials(RequestCredentials::SameOrigin);
    if request.keepalive {
        Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE)?;
    }
    if let Some(body) = request.body {
        init.set_body(&JsValue::from_str(body));
    }
    if let Some(timeout) = request.timeout {
        init.set_signal(Some(&AbortSignal::timeout_with_u32(timeout)));
    }
    Ok(window().fetch_with_str_and_init(request.url, &init).unchecked_into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_delay_follows_retry_after_up_to_a_limit() {
        for (retry_after, seconds) in [(None, 0), (Some(0), 0), (Some(12), 12), (Some(3_600), MAX_SERVER_DELAY)] {
            assert_eq!(server_delay(retry_after), Duration::from_secs(seconds), "{retry_after:?}");
        }
    }
}
