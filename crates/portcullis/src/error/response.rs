//! An [`AppError`] as an HTTP response: status, body and the headers that belong to it.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::{AppError, Code, ErrorResponse, RETRY_AFTER_SECONDS};

impl AppError {
    /// Returns the challenge of a rejection (RFC 6750 §3): without an error if there were no credentials, and with the
    /// required scope if it is missing.
    fn challenge(&self) -> Option<String> {
        let about_credentials = self.name == "UnauthorizedError" || self.name == "ForbiddenError";
        let (error, scope) = match self.code {
            _ if !about_credentials => return None,
            // Credentials with another scheme are not bearer credentials (RFC 6750 §3.1), and no error of §3.1 fits a
            // valid token without a subject.
            Code::CredentialsRequired | Code::CredentialsBadScheme | Code::SubjectRequired => {
                return Some("Bearer".to_owned());
            }
            // A malformed token is an invalid one.
            Code::InvalidToken | Code::CredentialsBadFormat => ("invalid_token", None),
            Code::InsufficientScope => ("insufficient_scope", Some(self.inner.missing_scopes.join(" "))),
            _ => ("invalid_request", None),
        };
        let scope = scope.map(|scope| format!(r#", scope="{scope}""#)).unwrap_or_default();
        Some(format!(r#"Bearer error="{error}", error_description="{}"{scope}"#, quotable(&self.message)))
    }
}

/// Returns `text` without characters that `error_description` must not contain: only printable ASCII without `"` and
/// `\` is allowed (RFC 6750 §3).
fn quotable(text: &str) -> String {
    text.chars().map(|c| if matches!(c, ' '..='~') && c != '"' && c != '\\' { c } else { '\'' }).collect()
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let challenge = self.challenge().and_then(|value| HeaderValue::from_str(&value).ok());
        let code = self.code.clone();
        let mut response = (status, Json(self)).into_response();
        // For the security log.
        response.extensions_mut().insert(code);
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = challenge {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
        }
        response
    }
}

impl ErrorResponse for Response {
    fn from_error(error: AppError) -> Self {
        error.into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scope;

    fn header(error: AppError, name: header::HeaderName) -> Option<String> {
        let response = error.into_response();
        response.headers().get(name).map(|value| value.to_str().expect("ASCII").to_owned())
    }

    #[test]
    fn challenge_without_credentials_is_bare() {
        for code in [Code::CredentialsRequired, Code::CredentialsBadScheme] {
            let error = AppError::unauthorized(code, "No authorization token was found");
            assert_eq!(header(error, header::WWW_AUTHENTICATE).as_deref(), Some("Bearer"));
        }
    }

    #[test]
    fn missing_subject_is_no_fault_of_the_token() {
        let error = AppError::subject_required();
        assert_eq!((error.status, &*error.name), (403, "ForbiddenError"));
        assert_eq!(header(error, header::WWW_AUTHENTICATE).as_deref(), Some("Bearer"));
    }

    #[test]
    fn challenge_of_a_bad_token_has_the_reason_in_a_valid_header() {
        let error = AppError::unauthorized(Code::InvalidToken, "expected: \"a\\b\"\r\nX: é");
        let challenge = header(error, header::WWW_AUTHENTICATE).expect("a challenge");
        assert_eq!(challenge, r#"Bearer error="invalid_token", error_description="expected: 'a'b'''X: '""#);
    }

    #[test]
    fn challenge_names_the_missing_scope() {
        let error = AppError::insufficient_scope(&[Scope("read:items"), Scope("write:items")]);
        let challenge = header(error, header::WWW_AUTHENTICATE).expect("a challenge");
        assert!(challenge.contains(r#"error="insufficient_scope""#), "{challenge}");
        assert!(challenge.ends_with(r#"scope="read:items write:items""#), "{challenge}");
    }

    #[test]
    fn challenge_is_sent_for_errors_of_credentials_only() {
        let ambiguous = header(AppError::ambiguous_credentials("Twice"), header::WWW_AUTHENTICATE);
        assert_eq!(ambiguous.as_deref(), Some(r#"Bearer error="invalid_request", error_description="Twice""#));
        assert_eq!(header(AppError::invalid_request("A bad id"), header::WWW_AUTHENTICATE), None);
    }

    #[test]
    fn response_of_an_error_is_no_store_and_503_has_retry_after() {
        assert_eq!(header(AppError::not_found("Item"), header::CACHE_CONTROL).as_deref(), Some("no-store"));
        assert_eq!(header(AppError::not_found("Item"), header::WWW_AUTHENTICATE), None);
        assert_eq!(header(AppError::keys_unavailable(), header::RETRY_AFTER).as_deref(), Some("12"));
        assert_eq!(header(AppError::store_unavailable(), header::RETRY_AFTER).as_deref(), Some("12"));
    }
}
