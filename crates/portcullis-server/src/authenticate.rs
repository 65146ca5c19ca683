//! Connects the token verifier to the gate: it turns headers into a `Caller` or a public error, and logs rejections.

use std::sync::Arc;

use async_trait::async_trait;
use http::request::Parts;
use portcullis::{AppError, Caller, Code};
use portcullis_verifier::{AuthError, Verifier, bearer};

use crate::Authenticate;
use crate::security_log::Observed;

/// Identifies callers by their bearer tokens.
pub struct BearerTokens(pub Verifier);

#[async_trait]
impl Authenticate for BearerTokens {
    async fn authenticate(&self, request: &Parts) -> Result<Arc<Caller>, AppError> {
        let token = bearer::token(&request.headers, request.uri.query()).map_err(refusal)?;
        let caller = self.0.verify(token).await.map_err(refusal)?;
        Observed::note_caller(&request.extensions, &caller);
        Ok(caller)
    }
}

/// Returns the public error for `error`. The reason is logged, but never any part of the token.
pub fn refusal(error: AuthError) -> AppError {
    tracing::debug!(reason = %error, "refused");
    let message = error.to_string();
    match error {
        AuthError::CredentialsRequired => AppError::unauthorized(Code::CredentialsRequired, message),
        AuthError::BadScheme => AppError::unauthorized(Code::CredentialsBadScheme, message),
        AuthError::BadFormat => AppError::unauthorized(Code::CredentialsBadFormat, message),
        AuthError::Ambiguous => AppError::ambiguous_credentials(message),
        AuthError::KeysUnavailable => AppError::keys_unavailable(),
        AuthError::KeyNotYetKnown => AppError::key_not_yet_known(),
        _ => AppError::unauthorized(Code::InvalidToken, message),
    }
}
