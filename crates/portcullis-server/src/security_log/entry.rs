//! The log line of one request: written when the response is ready, or when the request is aborted.

use axum::extract::MatchedPath;
use http::{HeaderValue, Method, StatusCode};
use portcullis::Code;

use super::limit::Event;
use super::{Observed, SecurityLog, pseudonym};
use crate::connection::Peer;

/// The facts of a request in progress.
pub(super) struct Entry {
    pub(super) log: SecurityLog,
    pub(super) method: Method,
    pub(super) route: Option<MatchedPath>,
    pub(super) peer: Option<Peer>,
    pub(super) id: HeaderValue,
    pub(super) observed: Observed,
    pub(super) is_written: bool,
}

impl Entry {
    /// Writes the line, if the request needs one and the limits allow it.
    pub(super) fn finish(mut self, status: StatusCode, code: Option<Code>) {
        self.write(Some(status), code);
    }

    fn write(&mut self, status: Option<StatusCode>, code: Option<Code>) {
        self.is_written = true;
        let event = match status {
            Some(StatusCode::UNAUTHORIZED) => Event::Unauthorized,
            Some(StatusCode::FORBIDDEN) => Event::Forbidden,
            _ if self.observed.is_write() => Event::Write,
            _ => return,
        };
        if !self.log.0.admit(event) {
            return;
        }
        let caller = self.observed.caller();
        let subject = caller.and_then(|caller| Some(pseudonym(&caller.issuer, caller.known_subject()?)));
        let code = code.and_then(|code| serde_json::to_value(code).ok());
        tracing::info!(
            target: super::limit::TARGET,
            event = event.name(),
            method = method_name(&self.method),
            route = self.route.as_ref().map(MatchedPath::as_str),
            status = status.map(|status| status.as_u16()),
            code = code.as_ref().and_then(serde_json::Value::as_str),
            issuer = caller.map(|caller| &*caller.issuer),
            subject = subject.as_deref(),
            peer = self.peer.map(|Peer(addr)| tracing::field::display(addr)),
            request_id = self.id.to_str().ok(),
            "security event"
        );
    }
}

impl Drop for Entry {
    /// A client that disconnects before the response must not hide its write. Such a line has no status.
    fn drop(&mut self) {
        if !self.is_written {
            self.write(None, None);
        }
    }
}

/// Returns the name of a method of RFC 9110 or PATCH. Any other name is text of the client, and is not logged.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        _ => "other",
    }
}
