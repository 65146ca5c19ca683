//! HTTP over the browser's fetch, for our server and the provider alike: what we send and what we read of an answer.

use std::time::Duration;

use leptos::prelude::window;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{AbortSignal, DomException, Headers, RequestCredentials, RequestInit, RequestMode, Response};

use crate::clock;

/// How long a provider may take, in milliseconds: whoever waits holds the lock of all tabs.
pub const PATIENCE: u32 = 10_000;

/// How long to wait for a sign of life, in milliseconds.
const PROBE_PATIENCE: u32 = 3_000;

/// A request.
#[derive(Clone, Default)]
pub struct Ask<'a> {
    /// The address.
    pub url: &'a str,
    /// The method; GET if it is empty.
    pub method: &'a str,
    /// The headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: Option<&'a str>,
    /// After how many milliseconds to give up.
    pub patience: Option<u32>,
    /// Whether it goes on when the page is left.
    pub outlives_page: bool,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `Date`; other origins seldom let it be read.
    pub date: Option<String>,
    /// After how many seconds to ask again (`Retry-After`, RFC 9110 §10.2.3); other origins must expose it.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: String,
}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FetchError {
    /// The network, or the other side's CORS rules, which a browser does not tell apart.
    #[error("the identity provider could not be reached")]
    Unreachable,
    /// No answer came in time.
    #[error("the identity provider could not be reached in time")]
    TimedOut,
    /// An answer that cannot be read.
    #[error("the identity provider's answer could not be read")]
    Unreadable,
    /// The head of an answer came, and its body broke off.
    #[error("the identity provider's answer broke off")]
    BrokenOff {
        /// The status.
        status: u16,
    },
    /// The other side has trouble of its own, for now.
    #[error("the identity provider cannot answer at the moment")]
    Busy {
        /// After how many seconds it wants to be asked again, if it said so.
        retry_after: Option<u64>,
    },
    /// Nothing was sent: another person has signed in since the page was shown.
    #[error("someone else has signed in")]
    AnotherPerson,
}

/// How long the longest `Retry-After` is heeded, in seconds.
pub const MAX_RETRY_AFTER: u64 = 3_600;

/// How long a person waits for our own server at most before they are told, in seconds.
const MAX_SERVER_PAUSE: u64 = 20;

/// How long to wait before our own server is asked again, by its `Retry-After`.
#[must_use]
pub fn server_pause(retry_after: Option<u64>) -> Duration {
    Duration::from_secs(retry_after.unwrap_or(0).min(MAX_SERVER_PAUSE))
}

/// How many seconds `Retry-After` names: a number, or a date.
fn seconds_until(value: &str) -> Option<u64> {
    let seconds = value.trim().parse().ok().or_else(|| {
        let at = js_sys::Date::parse(value) / 1000.0;
        at.is_finite().then(|| (at as u64).saturating_sub(clock::now()))
    });
    seconds.map(|seconds: u64| seconds.min(MAX_RETRY_AFTER))
}

/// Sends `ask`, without cookies to other origins, and reads the answer.
///
/// # Errors
/// When there is no answer, or none that can be read.
pub async fn send(ask: Ask<'_>) -> Result<Answer, FetchError> {
    let response = begin(&ask).map_err(|_| FetchError::Unreachable)?;
    let response = js_sys::futures::JsFuture::from(response).await.map_err(|error| {
        let is_timeout = error.dyn_ref::<DomException>().is_some_and(|error| error.name() == "TimeoutError");
        if is_timeout { FetchError::TimedOut } else { FetchError::Unreachable }
    })?;
    let response: Response = response.unchecked_into();
    let header = |name| response.headers().get(name).ok().flatten();
    let status = response.status();
    let body = response.text().map_err(|_| FetchError::Unreadable)?;
    let body = js_sys::futures::JsFuture::from(body).await.map_err(|_| FetchError::BrokenOff { status })?;
    Ok(Answer {
        status,
        retry_after: header("retry-after").and_then(|value| seconds_until(&value)),
        date: header("date"),
        body: body.as_string().unwrap_or_default(),
    })
}

/// Whether something answers at `url`, whose answer this page need not be allowed to read.
pub async fn is_reachable(url: &str) -> bool {
    let init = RequestInit::new();
    init.set_mode(RequestMode::NoCors);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PROBE_PATIENCE)));
    let answer = window().fetch_with_str_and_init(url, &init).unchecked_into::<js_sys::Promise>();
    js_sys::futures::JsFuture::from(answer).await.is_ok()
}

fn begin(ask: &Ask<'_>) -> Result<js_sys::Promise, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in ask.headers {
        headers.set(name, value)?;
    }
    let init = RequestInit::new();
    if !ask.method.is_empty() {
        init.set_method(ask.method);
    }
    init.set_headers(&headers);
    init.set_credentials(RequestCredentials::SameOrigin);
    if ask.outlives_page {
        js_sys::Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE)?;
    }
    if let Some(body) = ask.body {
        init.set_body(&JsValue::from_str(body));
    }
    if let Some(patience) = ask.patience {
        init.set_signal(Some(&AbortSignal::timeout_with_u32(patience)));
    }
    Ok(window().fetch_with_str_and_init(ask.url, &init).unchecked_into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_pause_follows_retry_after_within_reason() {
        for (named, seconds) in [(None, 0), (Some(0), 0), (Some(12), 12), (Some(3_600), MAX_SERVER_PAUSE)] {
            assert_eq!(server_pause(named), Duration::from_secs(seconds), "{named:?}");
        }
    }
}
