//! `AppError`: the one public error of both sides, in the body that users of Express know.
//!
//! It never carries an internal detail: what went wrong inside is logged where it is turned into this.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

pub use crate::fields::FieldErrors;
use crate::policy::Scope;

/// Text that is a constant on the side that makes the error and owned on the side that reads it.
type Text = Cow<'static, str>;

/// What a refused or failed request gets as its JSON body.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AppError {
    /// The family of the error, for example `UnauthorizedError`.
    pub name: Text,
    /// One sentence for a person.
    pub message: Text,
    /// The reason, for a program.
    pub code: Code,
    /// The HTTP status.
    pub status: u16,
    /// The details that belong to the reason.
    pub inner: Inner,
}

/// The details of an [`AppError`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Inner {
    /// The message again, as Express's errors have it.
    pub message: Text,
    /// With [`Code::InsufficientScope`]: the scopes that the caller lacks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_scopes: Vec<Text>,
    /// With [`Code::InvalidRequest`] and [`Code::Conflict`]: what is wrong with which field of a form.
    #[serde(default, skip_serializing_if = "FieldErrors::is_empty")]
    pub fields: FieldErrors,
}

/// The machine-readable reason of an [`AppError`]; on the wire in snake case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// 401: no `Authorization` header, or an empty one.
    CredentialsRequired,
    /// 401: two words, but the first is not `Bearer`.
    CredentialsBadScheme,
    /// 401: not two words.
    CredentialsBadFormat,
    /// 401: a token that is not accepted.
    InvalidToken,
    /// 403: a good token without a scope that is needed.
    InsufficientScope,
    /// 403: a good token that names no user, for what must belong to one.
    SubjectRequired,
    /// 400: an id, a parameter or a body that cannot be read.
    InvalidRequest,
    /// 404: nothing by that id or path.
    NotFound,
    /// 405: the path is served, but not by this method.
    MethodNotAllowed,
    /// 408: the body of the request did not come to its end in time.
    RequestTimeout,
    /// 409: a value that must be unique is taken.
    Conflict,
    /// 412: the thing is not what the caller expects it to be (RFC 9110 §15.5.13).
    PreconditionFailed,
    /// 413: the body is larger than the server takes, or something on the way to the server does not take as much.
    TooLarge,
    /// 422: an idempotency key was used before, for something else.
    IdempotencyConflict,
    /// 422: a rule of the database's owner does not allow it.
    RejectedByDatabase,
    /// 428: a change must say what it expects to change (RFC 6585 §3).
    PreconditionRequired,
    /// 501: the body is in a transfer coding that the server does not know (RFC 9112 §6.1).
    NotImplemented,
    /// 503: the server did not finish in time. What the request asked for may have happened.
    DeadlineExceeded,
    /// 503: the server has as many connections as it takes.
    TooManyConnections,
    /// 503: the server cannot read a file that is there.
    FileUnavailable,
    /// 503: the provider's signing keys are unavailable.
    KeysUnavailable,
    /// 503: the key that signed the token may be a new one, and the provider is asked for it in a moment.
    KeyNotYetKnown,
    /// 503: the store is down.
    StoreUnavailable,
    /// In the client alone: the server could not be reached.
    Unreachable,
    /// In the client alone: a proxy or gateway limits the requests (429).
    TooManyRequests,
    /// In the client alone: a proxy or firewall blocked the request.
    BlockedByProxy,
    /// In the client alone: nothing was sent, since another person has signed in in another tab.
    AnotherPerson,
    /// 500, and whatever a newer server may say.
    #[serde(other)]
    Internal,
}

impl AppError {
    fn new(status: u16, name: &'static str, code: Code, message: impl Into<Text>) -> Self {
        let message = message.into();
        let inner = Inner { message: message.clone(), ..Inner::default() };
        Self { name: name.into(), message, code, status, inner }
    }

    /// 400, 414 or 431: it is no request, or its head is too large.
    #[must_use]
    pub fn malformed_request(status: u16) -> Self {
        match status {
            414 => Self::new(414, "UriTooLongError", Code::TooLarge, "The request target is too long"),
            431 => {
                let message = "The head of the request is too large";
                Self::new(431, "RequestHeaderFieldsTooLargeError", Code::TooLarge, message)
            }
            _ => Self::invalid_request("The request is not valid HTTP/1.1"),
        }
    }

    /// 401: the caller is not known.
    #[must_use]
    pub fn unauthorized(code: Code, message: impl Into<Text>) -> Self {
        Self::new(401, "UnauthorizedError", code, message)
    }

    /// 400: the credentials were sent in more than one way (RFC 6750 §3.1).
    #[must_use]
    pub fn ambiguous_credentials(message: impl Into<Text>) -> Self {
        Self::new(400, "UnauthorizedError", Code::InvalidRequest, message)
    }

    /// 403: the caller is known and lacks `missing`.
    #[must_use]
    pub fn insufficient_scope(missing: &[Scope]) -> Self {
        let mut error = Self::new(403, "ForbiddenError", Code::InsufficientScope, "Insufficient scope");
        error.inner.missing_scopes = missing.iter().map(|scope| scope.0.into()).collect();
        error
    }

    /// 403: the access token names no user. RFC 9068 §2.2 requires `sub`, but not every provider sends it.
    #[must_use]
    pub fn subject_required() -> Self {
        let message = "The access token names no user (it has no sub claim), so nothing can be created in its name";
        Self::new(403, "ForbiddenError", Code::SubjectRequired, message)
    }

    /// The names of the scopes that the caller lacks.
    #[must_use]
    pub fn missing_scopes(&self) -> Vec<String> {
        self.inner.missing_scopes.iter().map(ToString::to_string).collect()
    }

    /// 400: the request cannot be read; `message` says why.
    #[must_use]
    pub fn invalid_request(message: impl Into<Text>) -> Self {
        Self::new(400, "BadRequestError", Code::InvalidRequest, message)
    }

    /// 400: some fields are wrong; each message is fit to stand beside its field.
    #[must_use]
    pub fn invalid_fields(fields: FieldErrors) -> Self {
        let mut error = Self::invalid_request("Some fields are not right");
        error.inner.fields = fields;
        error
    }

    /// 404: `what` does not exist.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(404, "NotFoundError", Code::NotFound, format!("{what} not found"))
    }

    /// 405: the path has no such method.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(405, "MethodNotAllowedError", Code::MethodNotAllowed, "Method not allowed")
    }

    /// 408: the body of the request did not come in time.
    #[must_use]
    pub fn request_timeout() -> Self {
        Self::new(408, "RequestTimeoutError", Code::RequestTimeout, "The request took too long")
    }

    /// 413: the body has more than `limit` bytes.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        let message = format!("The body is larger than {} KiB", limit / 1024);
        Self::new(413, "ContentTooLargeError", Code::TooLarge, message)
    }

    /// 501: the body is in a transfer coding other than chunked.
    #[must_use]
    pub fn unknown_transfer_coding() -> Self {
        let message = "Unsupported Transfer-Encoding. Use chunked";
        Self::new(501, "NotImplementedError", Code::NotImplemented, message)
    }

    /// 503: the server did not finish in time.
    #[must_use]
    pub fn deadline_exceeded() -> Self {
        let message = "The request timed out, but it may still complete. Check the result before you retry";
        Self::new(503, "ServiceUnavailableError", Code::DeadlineExceeded, message)
    }

    /// 503: there are too many connections.
    #[must_use]
    pub fn too_many_connections() -> Self {
        let message = "The server has too many connections. Try again later";
        Self::new(503, "ServiceUnavailableError", Code::TooManyConnections, message)
    }

    /// 503: a file cannot be read now.
    #[must_use]
    pub fn file_unavailable() -> Self {
        let message = "The file can't be read at the moment. Try again later";
        Self::new(503, "ServiceUnavailableError", Code::FileUnavailable, message)
    }

    /// Returns whether the server may have done what was asked, although this is all that is known of it.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(self.code, Code::Unreachable | Code::DeadlineExceeded)
    }

    /// 409: `what` has a value that must be unique and is taken; `field` is the one, if it is known.
    #[must_use]
    pub fn conflict(what: &str, field: Option<&'static str>) -> Self {
        let message = format!("Another {} already has this value", what.to_lowercase());
        let mut error = Self::new(409, "ConflictError", Code::Conflict, message);
        if let Some(field) = field {
            error.inner.fields.add(field, "This value is already in use. Choose another");
        }
        error
    }

    /// 422: a rule of the database's owner does not allow `what`.
    #[must_use]
    pub fn rejected_by_database(what: &str) -> Self {
        let message = format!("The database's rules do not allow this {}", what.to_lowercase());
        Self::new(422, "UnprocessableEntityError", Code::RejectedByDatabase, message)
    }

    /// 412: `what` is not what the caller expects it to be.
    #[must_use]
    pub fn precondition_failed(what: &str) -> Self {
        let message = format!("{what} has been changed meanwhile");
        Self::new(412, "PreconditionFailedError", Code::PreconditionFailed, message)
    }

    /// 412: the request contains only weak entity-tags, and a change compares strongly (RFC 9110 §13.1.1).
    #[must_use]
    pub fn weak_precondition() -> Self {
        let message = "If-Match contains only weak ETags, which never match. Send the ETag without W/; a proxy that \
                       compresses may have added it";
        Self::new(412, "PreconditionFailedError", Code::PreconditionFailed, message)
    }

    /// 422: the idempotency key was used before, for something else.
    #[must_use]
    pub fn idempotency_conflict() -> Self {
        let message = "The Idempotency-Key was used before, with another body";
        Self::new(422, "UnprocessableEntityError", Code::IdempotencyConflict, message)
    }

    /// 428: the request does not say what it expects to change, nor that it does not care (RFC 6585 §3).
    #[must_use]
    pub fn precondition_required() -> Self {
        let message = "If-Match is required: send the ETag of what you have read, or * for whatever is there";
        Self::new(428, "PreconditionRequiredError", Code::PreconditionRequired, message)
    }

    /// 503: no token can be checked now.
    #[must_use]
    pub fn keys_unavailable() -> Self {
        let message = "The identity provider's signing keys are not available. Try again later";
        Self::new(503, "ServiceUnavailableError", Code::KeysUnavailable, message)
    }

    /// 503: the key that signed the token is not known yet; the provider is asked for it in a moment.
    #[must_use]
    pub fn key_not_yet_known() -> Self {
        let message = "The signing key of this token is not known yet. Try again in a moment";
        Self::new(503, "ServiceUnavailableError", Code::KeyNotYetKnown, message)
    }

    /// 503: the items cannot be reached now.
    #[must_use]
    pub fn store_unavailable() -> Self {
        let message = "The store is not available. Try again later";
        Self::new(503, "ServiceUnavailableError", Code::StoreUnavailable, message)
    }

    /// Converts a response that did not come from this server, but from a proxy, a gateway or a captive portal. The server
    /// may have done what it was asked all the same.
    #[must_use]
    pub fn from_proxy_status(status: u16) -> Self {
        let (name, code, message) = match status {
            429 => {
                let message = "Too many requests were sent. Wait a moment and try again";
                ("TooManyRequestsError", Code::TooManyRequests, message)
            }
            413 => ("TooLargeError", Code::TooLarge, "This is too large to send. Make it shorter and try again"),
            502..=504 => {
                let message = "The server can't be reached at the moment. Try again in a little while";
                ("NetworkError", Code::Unreachable, message)
            }
            400..500 => {
                let message =
                    "A proxy or firewall blocked the request. Try again, or contact your network administrator";
                ("BlockedByProxyError", Code::BlockedByProxy, message)
            }
            _ => {
                let message = "The answer didn't come from this app's server. Check the connection and try again";
                ("NetworkError", Code::Unreachable, message)
            }
        };
        Self::new(status, name, code, message)
    }

    /// 500: a fault of ours.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(500, "InternalServerError", Code::Internal, "Internal server error")
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AppError {}

impl From<FieldErrors> for AppError {
    fn from(fields: FieldErrors) -> Self {
        Self::invalid_fields(fields)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::invalid_request("The arguments could not be read")
            }
            // On the server it is the request that could not be read; in the client, our own answer.
            ServerFnErrorErr::Deserialization(_) if cfg!(feature = "ssr") => {
                Self::invalid_request("The body could not be read")
            }
            ServerFnErrorErr::Request(_) => {
                let message = "The server could not be reached. Check the connection and try again";
                Self::new(0, "NetworkError", Code::Unreachable, message)
            }
            // Only the client of server functions makes this one, of the status.
            ServerFnErrorErr::Response(status) if cfg!(not(feature = "ssr")) => {
                Self::from_proxy_status(status.parse().unwrap_or_default())
            }
            // A success that is not what the server function gives.
            ServerFnErrorErr::Deserialization(_) => Self::from_proxy_status(200),
            // Only the client of server functions makes this one.
            ServerFnErrorErr::MiddlewareError(_) if cfg!(not(feature = "ssr")) => {
                let message = "Someone else has signed in in another tab, so nothing was sent";
                Self::new(0, "SessionChangedError", Code::AnotherPerson, message)
            }
            _ => Self::internal(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_the_one_that_express_sends() {
        let error = AppError::unauthorized(Code::CredentialsRequired, "No authorization token was found");
        assert_eq!(
            serde_json::to_string(&error).expect("an error is plain JSON"),
            r#"{"name":"UnauthorizedError","message":"No authorization token was found","code":"credentials_required","status":401,"inner":{"message":"No authorization token was found"}}"#
        );
    }

    #[test]
    fn missing_scopes_stand_in_inner_and_survive_the_wire() {
        let error = AppError::insufficient_scope(&[Scope("read:items")]);
        let body = serde_json::to_value(&error).expect("an error is plain JSON");
        assert_eq!(body["name"], "ForbiddenError");
        assert_eq!(body["inner"]["missing_scopes"], serde_json::json!(["read:items"]));
        assert_eq!(serde_json::from_value::<AppError>(body).expect("the client reads it"), error);
    }

    #[test]
    fn errors_of_fields_stand_in_inner_and_survive_the_wire() {
        let mut fields = FieldErrors::default();
        fields.add("price", "The price cannot be below zero");
        let error = AppError::invalid_fields(fields);
        let body = serde_json::to_value(&error).expect("an error is plain JSON");
        assert_eq!((&body["status"], &body["code"]), (&400.into(), &"invalid_request".into()));
        assert_eq!(body["inner"]["fields"], serde_json::json!({"price": "The price cannot be below zero"}));
        assert_eq!(serde_json::from_value::<AppError>(body).expect("the client reads it"), error);
    }

    #[test]
    fn proxy_answers_are_told_by_what_helps() {
        for (status, code, words) in [
            (429, Code::TooManyRequests, "Too many requests"),
            (413, Code::TooLarge, "too large"),
            (502, Code::Unreachable, "can't be reached at the moment. Try again"),
            (503, Code::Unreachable, "can't be reached at the moment. Try again"),
            (504, Code::Unreachable, "can't be reached at the moment. Try again"),
            (403, Code::BlockedByProxy, "A proxy or firewall blocked the request"),
            (500, Code::Unreachable, "didn't come from this app's server"),
            (200, Code::Unreachable, "didn't come from this app's server"),
        ] {
            let error = AppError::from_proxy_status(status);
            assert_eq!((error.status, error.code), (status, code));
            assert!(error.message.contains(words) && !error.message.contains("Internal"), "{status}: {error}");
        }
    }

    #[test]
    fn outcome_is_unknown_after_a_lost_or_late_answer() {
        assert!(AppError::from_proxy_status(502).is_outcome_unknown());
        assert!(AppError::deadline_exceeded().is_outcome_unknown());
        for known in [AppError::request_timeout(), AppError::store_unavailable(), AppError::too_many_connections()] {
            assert!(!known.is_outcome_unknown(), "{known}");
        }
    }

    #[test]
    fn a_code_of_a_newer_server_is_still_an_error() {
        let code: Code = serde_json::from_str(r#""brand_new""#).expect("unknown codes are read");
        assert_eq!(code, Code::Internal);
    }
}
