//! The security log: one line at `info` for each request that gets a 401 or 403, and for each write.
//!
//! A line contains the method, the route pattern, the status, the error code, the issuer, a [`pseudonym`] of the
//! subject, the peer and the request id. It never contains a token, a header, a query, a path value or a body.

mod entry;
mod limit;
mod request_id;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest::{Context, SHA256};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use portcullis::{Caller, Code};

use crate::connection::Peer;
use entry::Entry;
use limit::Limits;
pub use limit::{LOG_LIMITS, LogLimit, SUMMARY_INTERVAL};
pub(crate) use request_id::new_request_id;
use request_id::request_id;
pub use request_id::{RequestId, X_REQUEST_ID};

/// The number of bytes of the hash that are logged.
const PSEUDONYM_BYTES: usize = 8;

/// The security log of one server. All its requests share the limits.
#[derive(Clone, Default)]
pub struct SecurityLog(Arc<Limits>);

/// Facts about a request that inner layers add for its log line.
#[derive(Clone, Default)]
pub struct Observed(Arc<Facts>);

#[derive(Default)]
struct Facts {
    caller: OnceLock<Arc<Caller>>,
    is_write: AtomicBool,
}

impl Observed {
    /// Records the caller of the request with these `extensions`. It is used only for the log, and grants nothing.
    pub fn note_caller(extensions: &http::Extensions, caller: &Arc<Caller>) {
        if let Some(observed) = extensions.get::<Self>() {
            let _ = observed.0.caller.set(caller.clone());
        }
    }

    /// Records that the request with these `extensions` was admitted to an endpoint that writes.
    pub fn note_write(extensions: &http::Extensions) {
        if let Some(observed) = extensions.get::<Self>() {
            observed.0.is_write.store(true, Ordering::Relaxed);
        }
    }

    fn caller(&self) -> Option<&Caller> {
        self.0.caller.get().map(|caller| &**caller)
    }

    fn is_write(&self) -> bool {
        self.0.is_write.load(Ordering::Relaxed)
    }
}

/// Writes the log line of a request, and adds the request id to its response.
pub async fn observe(State(log): State<SecurityLog>, mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let observed = Observed::default();
    request.extensions_mut().insert(observed.clone());
    request.extensions_mut().insert(RequestId(id.clone()));
    let entry = Entry {
        log,
        method: request.method().clone(),
        route: request.extensions().get::<MatchedPath>().cloned(),
        peer: request.extensions().get::<Peer>().copied(),
        id: id.clone(),
        observed,
        is_written: false,
    };
    let mut response = next.run(request).await;
    entry.finish(response.status(), response.extensions().get::<Code>().cloned());
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}

/// Returns the pseudonym of a user for the log: the first 16 hexadecimal digits of the SHA-256 of issuer, a zero byte
/// and subject. It is the same in every line, on every server and after every restart.
#[must_use]
pub fn pseudonym(issuer: &str, subject: &str) -> String {
    let mut hash = Context::new(&SHA256);
    hash.update(issuer.as_bytes());
    hash.update(&[0]);
    hash.update(subject.as_bytes());
    hash.finish().as_ref().iter().take(PSEUDONYM_BYTES).map(|byte| format!("{byte:02x}")).collect()
}
