//! Responses that Hyper creates itself: to invalid HTTP, and to a head that is too large. They have no body and none of
//! our headers, so they are replaced when they are written.

use std::fmt::Write;

use http::StatusCode;
use portcullis::AppError;

use crate::headers::{ALWAYS, NO_PAGE};
use crate::security_log;

/// Returns the replacement for `written`, if that is the start of an error response of Hyper.
pub(super) fn replacement(written: &[u8]) -> Option<Vec<u8>> {
    let status = StatusCode::from_bytes(written.strip_prefix(b"HTTP/1.1 ")?.get(..3)?).ok()?;
    if !status.is_client_error() {
        return None;
    }
    let body = serde_json::to_string(&AppError::malformed_request(status.as_u16())).ok()?;
    let reason = status.canonical_reason().unwrap_or_default();
    let mut text = format!("HTTP/1.1 {} {reason}\r\n", status.as_str());
    let length = body.len().to_string();
    // The request id of the client is not available.
    let id = security_log::new_request_id();
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    let own = [
        ("content-type", "application/json"),
        ("content-length", &length),
        ("connection", "close"),
        ("date", &date),
        ("cache-control", "no-store"),
        ("content-security-policy", NO_PAGE),
        ("x-request-id", id.to_str().unwrap_or_default()),
    ];
    let always = ALWAYS.iter().map(|(name, value)| (name.as_str(), *value));
    for (name, value) in own.into_iter().chain(always) {
        // Writing to a string never fails.
        let _ = write!(text, "{name}: {value}\r\n");
    }
    Some(format!("{text}\r\n{body}").into_bytes())
}
