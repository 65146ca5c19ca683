//! The rules for every request: one valid `Host`, a path, and a body that the server can read (RFC 9112). A violation
//! is rejected before the gate, the handler and the read of the body.

use std::error::Error;
use std::net::Ipv6Addr;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Version};
use http_body_util::LengthLimitError;
use portcullis::{AppError, HEALTH, READINESS};

use crate::connection::BeyondCap;

/// The maximum size of a request body, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Rejects a request that violates a rule, and closes its connection: the data after it may not be what it seems.
pub async fn check(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match validate(&parts).or_else(|| check_connection_cap(&parts)) {
        Some(error) => close_with(error),
        None => next.run(Request::from_parts(parts, body)).await,
    }
}

/// Returns `error` as the last response of its connection.
pub fn close_with(error: AppError) -> Response {
    let mut response = error.into_response();
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Reads a body, which may have no `Content-Length`.
///
/// # Errors
/// 413 if it has more than [`MAX_BODY_BYTES`], 400 if it is incomplete.
pub async fn read_body(body: Body) -> Result<Bytes, AppError> {
    axum::body::to_bytes(body, MAX_BODY_BYTES).await.map_err(|error| {
        let is_too_large = error.source().is_some_and(|source| source.is::<LengthLimitError>());
        if is_too_large {
            AppError::too_large(MAX_BODY_BYTES)
        } else {
            AppError::invalid_request("The body was cut off")
        }
    })
}

/// Returns the error for a request that violates a rule.
fn validate(parts: &Parts) -> Option<AppError> {
    if !has_host(parts.version, &parts.headers) {
        return Some(AppError::invalid_request("The request must have exactly one valid Host header"));
    }
    // CONNECT has an authority as its target, and so may other methods (RFC 9112 §3.2.3). Only OPTIONS may have `*`.
    let path = parts.uri.path();
    let is_server_wide = parts.method == Method::OPTIONS && path == "*";
    if !path.starts_with('/') && !is_server_wide {
        return Some(AppError::invalid_request("The request target must be a path"));
    }
    transfer_coding(&parts.headers).or_else(|| announced_length(&parts.headers))
}

/// Rejects a request on a connection over the limit, unless it is a health check: a busy server is not broken.
fn check_connection_cap(parts: &Parts) -> Option<AppError> {
    let BeyondCap { has_room } = *parts.extensions.get()?;
    let is_health_check = [HEALTH.path, READINESS.path].contains(&parts.uri.path());
    (!has_room || !is_health_check).then(AppError::too_many_connections)
}

/// Returns whether the request has a valid `Host` (RFC 9112 §3.2). HTTP/1.0 needs none.
fn has_host(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version < Version::HTTP_11,
        (Some(host), None) => host.to_str().is_ok_and(is_host),
        _ => false,
    }
}

/// Returns whether `value` is a host with an optional port (RFC 3986 §3.2.2, RFC 9110 §4.2.1).
fn is_host(value: &str) -> bool {
    let (host, port) = match value.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => (address.parse::<Ipv6Addr>().is_ok(), port),
        None => {
            let (name, port) = value.split_at(value.find(':').unwrap_or(value.len()));
            (is_reg_name(name), port)
        }
    };
    let is_port = |digits: &str| {
        digits.is_empty() || digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
    };
    host && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

/// Returns whether `name` is a registered name and not empty (RFC 3986 §3.2.2). This includes IPv4 addresses.
fn is_reg_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte);
    let mut parts = name.split('%');
    let is_start_plain = parts.next().is_some_and(|start| start.bytes().all(is_plain));
    let are_escapes_valid = parts.all(|part| {
        part.as_bytes().split_at_checked(2).is_some_and(|(digits, rest)| {
            digits.iter().all(u8::is_ascii_hexdigit) && rest.iter().all(|byte| is_plain(*byte))
        })
    });
    !name.is_empty() && is_start_plain && are_escapes_valid
}

/// Rejects a body with a transfer coding other than a single chunked. Hyper already rejects one that does not end with
/// chunked.
fn transfer_coding(headers: &HeaderMap) -> Option<AppError> {
    let codings =
        headers.get_all(TRANSFER_ENCODING).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let codings: Vec<_> = codings.map(<[u8]>::trim_ascii).filter(|coding| !coding.is_empty()).collect();
    let is_chunked = |coding: &&[u8]| coding.eq_ignore_ascii_case(b"chunked");
    match codings.as_slice() {
        [] => None,
        [only] if is_chunked(only) => None,
        all if all.iter().all(is_chunked) => {
            Some(AppError::invalid_request("The Transfer-Encoding names chunked more than once"))
        }
        _ => Some(AppError::unknown_transfer_coding()),
    }
}

/// Rejects a body that is announced as too large, before the client is asked to send it (RFC 9110 §10.1.1).
fn announced_length(headers: &HeaderMap) -> Option<AppError> {
    let length = headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse::<u64>();
    // A number that does not fit into a u64 is too large.
    let is_within = length.is_ok_and(|length| length <= MAX_BODY_BYTES as u64);
    (!is_within).then(|| AppError::too_large(MAX_BODY_BYTES))
}

#[cfg(test)]
mod tests;
