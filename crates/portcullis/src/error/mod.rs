//! The public error on both sides, in the format of Express errors (docs/decisions/0005).

mod causes;
mod code;
#[cfg(feature = "axum")]
mod response;
mod server_fn;

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

pub use self::code::Code;
pub use self::server_fn::ErrorResponse;
use crate::FieldErrors;

/// How long a client should wait after a 503, in seconds: the time until the keys are fetched again.
pub const RETRY_AFTER_SECONDS: u64 = 12;

/// A string that is a constant where the error is created, and owned where it is read.
type Text = Cow<'static, str>;

/// The JSON body of a rejected or failed request.
///
/// It never contains internal details: the cause is logged when it is converted to this error. An app can add its own
/// codes:
///
/// ```
/// use portcullis::{AppError, Code};
///
/// let error = AppError::new(402, "PaymentRequiredError", Code::Custom("quota_exceeded".into()), "The quota is used up");
/// assert_eq!(error.code.as_str(), "quota_exceeded");
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct AppError {
    /// The family of the error, for example `UnauthorizedError`.
    pub name: Text,
    /// One sentence for users.
    pub message: Text,
    /// The reason, for programs.
    pub code: Code,
    /// The HTTP status; 0 in the client if there was no response.
    pub status: u16,
    /// Details of the reason.
    pub inner: Inner,
}

/// Details of an [`AppError`]. The body contains the message here too, as in Express errors.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Inner {
    /// With [`Code::InsufficientScope`]: the missing scopes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_scopes: Vec<Text>,
    /// With [`Code::InvalidRequest`] and [`Code::Conflict`]: the invalid fields of a form.
    #[serde(default, skip_serializing_if = "FieldErrors::is_empty")]
    pub fields: FieldErrors,
}

impl AppError {
    /// Returns an error with the HTTP status `status`.
    #[must_use]
    pub fn new(status: u16, name: &'static str, code: Code, message: impl Into<Text>) -> Self {
        Self { name: name.into(), message: message.into(), code, status, inner: Inner::default() }
    }

    /// Returns the names of the missing scopes.
    #[must_use]
    pub fn missing_scopes(&self) -> Vec<String> {
        self.inner.missing_scopes.iter().map(ToString::to_string).collect()
    }

    /// Returns whether the request may have succeeded despite this error.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(self.code, Code::Unreachable | Code::DeadlineExceeded)
    }
}

impl Serialize for AppError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Body<'e> {
            name: &'e str,
            message: &'e str,
            code: &'e Code,
            status: u16,
            inner: InnerBody<'e>,
        }
        #[derive(Serialize)]
        struct InnerBody<'e> {
            message: &'e str,
            #[serde(flatten)]
            details: &'e Inner,
        }
        let Self { name, message, code, status, inner } = self;
        Body { name, message, code, status: *status, inner: InnerBody { message, details: inner } }
            .serialize(serializer)
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AppError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scope;

    #[test]
    fn error_body_is_the_one_that_express_sends() {
        let error = AppError::unauthorized(Code::CredentialsRequired, "No authorization token was found");
        assert_eq!(
            serde_json::to_string(&error).expect("an error is plain JSON"),
            r#"{"name":"UnauthorizedError","message":"No authorization token was found","code":"credentials_required","status":401,"inner":{"message":"No authorization token was found"}}"#
        );
    }

    #[test]
    fn error_keeps_missing_scopes_in_inner_over_the_wire() {
        let error = AppError::insufficient_scope(&[Scope("read:items")]);
        let body = serde_json::to_value(&error).expect("an error is plain JSON");
        assert_eq!(body["name"], "ForbiddenError");
        assert_eq!(body["inner"]["missing_scopes"], serde_json::json!(["read:items"]));
        assert_eq!(serde_json::from_value::<AppError>(body).expect("the client reads it"), error);
    }

    #[test]
    fn error_keeps_field_errors_in_inner_over_the_wire() {
        let mut fields = FieldErrors::default();
        fields.add("price", "The price cannot be below zero");
        let error = AppError::invalid_fields(fields);
        let body = serde_json::to_value(&error).expect("an error is plain JSON");
        assert_eq!((&body["status"], &body["code"]), (&400.into(), &"invalid_request".into()));
        assert_eq!(body["inner"]["fields"], serde_json::json!({"price": "The price cannot be below zero"}));
        assert_eq!(serde_json::from_value::<AppError>(body).expect("the client reads it"), error);
    }

    #[test]
    fn outcome_is_unknown_after_a_lost_or_late_answer() {
        assert!(AppError::from_proxy_status(502).is_outcome_unknown());
        assert!(AppError::deadline_exceeded().is_outcome_unknown());
        for known in [AppError::request_timeout(), AppError::store_unavailable(), AppError::too_many_connections()] {
            assert!(!known.is_outcome_unknown(), "{known}");
        }
    }
}
