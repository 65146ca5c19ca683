//! The errors of Portcullis, with one constructor per cause.

use super::{AppError, Code, Text};
use crate::{FieldErrors, Scope};

impl AppError {
    /// Returns a 400, 414 or 431: the request is not valid HTTP, or its head is too large.
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

    /// Returns the error of the client if there was no response.
    #[must_use]
    pub fn unreachable() -> Self {
        let message = "The server could not be reached. Check the connection and try again";
        Self::new(0, "NetworkError", Code::Unreachable, message)
    }

    /// Returns the error of the client if another user has signed in in another tab.
    #[must_use]
    pub fn another_person() -> Self {
        let message = "Someone else has signed in in another tab, so nothing was sent";
        Self::new(0, "SessionChangedError", Code::AnotherPerson, message)
    }

    /// Returns a 401: the caller is not authenticated.
    #[must_use]
    pub fn unauthorized(code: Code, message: impl Into<Text>) -> Self {
        Self::new(401, "UnauthorizedError", code, message)
    }

    /// Returns a 400: the credentials were sent in more than one way (RFC 6750 §3.1).
    #[must_use]
    pub fn ambiguous_credentials(message: impl Into<Text>) -> Self {
        Self::new(400, "UnauthorizedError", Code::InvalidRequest, message)
    }

    /// Returns a 403: the caller lacks the scopes `missing`.
    #[must_use]
    pub fn insufficient_scope(missing: &[Scope]) -> Self {
        let mut error = Self::new(403, "ForbiddenError", Code::InsufficientScope, "Insufficient scope");
        error.inner.missing_scopes = missing.iter().map(|scope| scope.0.into()).collect();
        error
    }

    /// Returns a 403: the access token has no subject. RFC 9068 §2.2 requires `sub`, but not every provider sends it.
    #[must_use]
    pub fn subject_required() -> Self {
        let message = "The access token names no user (it has no sub claim), so nothing can be created in its name";
        Self::new(403, "ForbiddenError", Code::SubjectRequired, message)
    }

    /// Returns a 400: the request is not valid, for the reason in `message`.
    #[must_use]
    pub fn invalid_request(message: impl Into<Text>) -> Self {
        Self::new(400, "BadRequestError", Code::InvalidRequest, message)
    }

    /// Returns a 400: some fields are not valid. Forms show each message next to its field.
    #[must_use]
    pub fn invalid_fields(fields: FieldErrors) -> Self {
        let mut error = Self::invalid_request("Some fields are not right");
        error.inner.fields = fields;
        error
    }

    /// Returns a 404: `what` does not exist.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(404, "NotFoundError", Code::NotFound, format!("{what} not found"))
    }

    /// Returns a 405: the path does not have this method.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(405, "MethodNotAllowedError", Code::MethodNotAllowed, "Method not allowed")
    }

    /// Returns a 408: the body of the request did not arrive in time.
    #[must_use]
    pub fn request_timeout() -> Self {
        Self::new(408, "RequestTimeoutError", Code::RequestTimeout, "The request took too long")
    }

    /// Returns a 413: the body has more than `limit` bytes.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        let message = format!("The body is larger than {} KiB", limit / 1024);
        Self::new(413, "ContentTooLargeError", Code::TooLarge, message)
    }

    /// Returns a 501: the body has a transfer coding other than chunked.
    #[must_use]
    pub fn unknown_transfer_coding() -> Self {
        let message = "Unsupported Transfer-Encoding. Use chunked";
        Self::new(501, "NotImplementedError", Code::NotImplemented, message)
    }

    /// Returns a 503: the server did not finish in time.
    #[must_use]
    pub fn deadline_exceeded() -> Self {
        let message = "The request timed out, but it may still complete. Check the result before you retry";
        Self::new(503, "ServiceUnavailableError", Code::DeadlineExceeded, message)
    }

    /// Returns a 503: there are too many connections.
    #[must_use]
    pub fn too_many_connections() -> Self {
        let message = "The server has too many connections. Try again later";
        Self::new(503, "ServiceUnavailableError", Code::TooManyConnections, message)
    }

    /// Returns a 503: a file cannot be read now.
    #[must_use]
    pub fn file_unavailable() -> Self {
        let message = "The file can't be read at the moment. Try again later";
        Self::new(503, "ServiceUnavailableError", Code::FileUnavailable, message)
    }

    /// Returns a 409: `what` has a value that must be unique and is taken. `field` is the name of the field, if known.
    #[must_use]
    pub fn conflict(what: &str, field: Option<&'static str>) -> Self {
        let message = format!("Another {} already has this value", what.to_lowercase());
        let mut error = Self::new(409, "ConflictError", Code::Conflict, message);
        if let Some(field) = field {
            error.inner.fields.add(field, "This value is already in use. Choose another");
        }
        error
    }

    /// Returns a 422: a validation rule of the database does not allow `what`.
    #[must_use]
    pub fn rejected_by_database(what: &str) -> Self {
        let message = format!("The database's rules do not allow this {}", what.to_lowercase());
        Self::new(422, "UnprocessableEntityError", Code::RejectedByDatabase, message)
    }

    /// Returns a 412: `what` is not in the state that the caller expects.
    #[must_use]
    pub fn precondition_failed(what: &str) -> Self {
        let message = format!("{what} has been changed meanwhile");
        Self::new(412, "PreconditionFailedError", Code::PreconditionFailed, message)
    }

    /// Returns a 412: the request has only weak entity-tags, but a change needs a strong one (RFC 9110 §13.1.1).
    #[must_use]
    pub fn weak_precondition() -> Self {
        let message = "If-Match contains only weak ETags, which never match. Send the ETag without W/; a proxy that \
                       compresses may have added it";
        Self::new(412, "PreconditionFailedError", Code::PreconditionFailed, message)
    }

    /// Returns a 422: the idempotency key was used before, for another request.
    #[must_use]
    pub fn idempotency_conflict() -> Self {
        let message = "The Idempotency-Key was used before, with another body";
        Self::new(422, "UnprocessableEntityError", Code::IdempotencyConflict, message)
    }

    /// Returns a 428: a change must say which version it expects, or that any is fine (RFC 6585 §3).
    #[must_use]
    pub fn precondition_required() -> Self {
        let message = "If-Match is required: send the ETag of what you have read, or * for whatever is there";
        Self::new(428, "PreconditionRequiredError", Code::PreconditionRequired, message)
    }

    /// Returns a 503: no token can be verified now.
    #[must_use]
    pub fn keys_unavailable() -> Self {
        let message = "The identity provider's signing keys are not available. Try again later";
        Self::new(503, "ServiceUnavailableError", Code::KeysUnavailable, message)
    }

    /// Returns a 503: the key that signed the token is not known yet, and the server is about to fetch it.
    #[must_use]
    pub fn key_not_yet_known() -> Self {
        let message = "The signing key of this token is not known yet. Try again in a moment";
        Self::new(503, "ServiceUnavailableError", Code::KeyNotYetKnown, message)
    }

    /// Returns a 503: the store is not available now.
    #[must_use]
    pub fn store_unavailable() -> Self {
        let message = "The store is not available. Try again later";
        Self::new(503, "ServiceUnavailableError", Code::StoreUnavailable, message)
    }

    /// Returns a 500: an internal error.
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
