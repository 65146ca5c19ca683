//! The machine-readable reason of an error.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Declares the variants of [`Code`] with their names on the wire.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// The machine-readable reason of an [`AppError`](crate::AppError).
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $variant,)*
            /// A reason that an app adds, or that a newer server sends.
            Custom(Cow<'static, str>),
        }

        impl Code {
            /// Returns the name on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Custom(name) => name,
                }
            }
        }

        impl From<String> for Code {
            fn from(name: String) -> Self {
                match name.as_str() {
                    $($name => Self::$variant,)*
                    _ => Self::Custom(name.into()),
                }
            }
        }
    };
}

codes! {
    /// 401: no `Authorization` header, or an empty one.
    CredentialsRequired => "credentials_required",
    /// 401: the scheme is not `Bearer`.
    CredentialsBadScheme => "credentials_bad_scheme",
    /// 401: the header is not a scheme and a token.
    CredentialsBadFormat => "credentials_bad_format",
    /// 401: the token is not accepted.
    InvalidToken => "invalid_token",
    /// 403: the token lacks a required scope.
    InsufficientScope => "insufficient_scope",
    /// 403: the token names no user, and the request creates something that must belong to one.
    SubjectRequired => "subject_required",
    /// 400: an id, a parameter or the body is invalid.
    InvalidRequest => "invalid_request",
    /// 404: nothing exists at this id or path.
    NotFound => "not_found",
    /// 405: the path does not have this method.
    MethodNotAllowed => "method_not_allowed",
    /// 408: the body did not arrive in time.
    RequestTimeout => "request_timeout",
    /// 409: a value that must be unique is taken.
    Conflict => "conflict",
    /// 412: the record is not what the caller expects (RFC 9110 §15.5.13).
    PreconditionFailed => "precondition_failed",
    /// 413: the body is larger than the server or a proxy accepts.
    TooLarge => "too_large",
    /// 422: the idempotency key was used before, for another request.
    IdempotencyConflict => "idempotency_conflict",
    /// 422: a validation rule of the database rejects the record.
    RejectedByDatabase => "rejected_by_database",
    /// 428: a change must say what it expects to change (RFC 6585 §3).
    PreconditionRequired => "precondition_required",
    /// 501: the transfer coding of the body is not supported (RFC 9112 §6.1).
    NotImplemented => "not_implemented",
    /// 503: the server did not finish in time. The request may have succeeded.
    DeadlineExceeded => "deadline_exceeded",
    /// 503: the server has as many connections as it accepts.
    TooManyConnections => "too_many_connections",
    /// 503: an existing file cannot be read now.
    FileUnavailable => "file_unavailable",
    /// 503: the signing keys of the provider are unavailable.
    KeysUnavailable => "keys_unavailable",
    /// 503: the token may be signed by a new key, which the server fetches in a moment.
    KeyNotYetKnown => "key_not_yet_known",
    /// 503: the store is unavailable.
    StoreUnavailable => "store_unavailable",
    /// Only in the client: the server could not be reached.
    Unreachable => "unreachable",
    /// Only in the client: a proxy or gateway limits the requests (429).
    TooManyRequests => "too_many_requests",
    /// Only in the client: a proxy or firewall blocked the request.
    BlockedByProxy => "blocked_by_proxy",
    /// Only in the client: nothing was sent, because someone else has signed in in another tab.
    AnotherPerson => "another_person",
    /// 500: the server failed.
    Internal => "internal",
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_an_app_or_a_newer_server_survives() {
        let code: Code = serde_json::from_str(r#""quota_exceeded""#).expect("any text is a code");
        assert_eq!(code, Code::Custom("quota_exceeded".into()));
        assert_eq!(serde_json::to_string(&code).expect("a string"), r#""quota_exceeded""#);
        let known: Code = serde_json::from_str(r#""key_not_yet_known""#).expect("a code");
        assert_eq!(known, Code::KeyNotYetKnown);
    }
}
