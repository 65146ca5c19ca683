//! The errors of the framework, one constructor for each cause.

use super::{AppError, Code, Text};
use crate::{FieldErrors, Scope};

impl AppError {
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

    /// In the client: no response came.
    #[must_use]
    pub fn unreachable() -> Self {
        let message = "The server could not be reached. Check the connection and try again";
        Self::new(0, "NetworkError", Code::Unreachable, message)
    }

    /// In the client: another person has signed in in another tab.
    #[must_use]
    pub fn another_person() -> Self {
        let message = "Someone else has signed in in another tab, so nothing was sent";
        Self::new(0, "SessionChangedError", Code::AnotherPerson, message)
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

    /// 500: a fault of ours.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(500, "InternalServerError", Code::Internal, "Internal server error")
    }
}

impl From<FieldErrors> for AppError {
    fn from(fields: FieldErrors) -> Self {
        Self::invalid_fields(fields)
    }
}
