//! Ties the token check to the gate: headers in, `Caller` or the public error out. Refusals are logged here.

use app::error::{AppError, Code};
use app::policy::Caller;
use app::ssr::permit::Authenticate;
use async_trait::async_trait;
use http::HeaderMap;

use crate::auth::{AuthError, Verifier, bearer};

/// Knows callers by their bearer tokens.
pub struct BearerTokens(pub Verifier);

#[async_trait]
impl Authenticate for BearerTokens {
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, AppError> {
        let verified = async { self.0.verify(bearer::token(headers)?).await }.await.map_err(refusal)?;
        Ok(Caller {
            issuer: verified.issuer.to_string(),
            subject: verified.subject,
            scopes: verified.scopes.iter().collect(),
        })
    }
}

/// The public error of a refusal. The reason is logged, and nothing of the token.
fn refusal(error: AuthError) -> AppError {
    tracing::debug!(reason = %error, "refused");
    let message = error.to_string();
    match error {
        AuthError::CredentialsRequired => AppError::unauthorized(Code::CredentialsRequired, message),
        AuthError::BadScheme => AppError::unauthorized(Code::CredentialsBadScheme, message),
        AuthError::BadFormat => AppError::unauthorized(Code::CredentialsBadFormat, message),
        AuthError::Ambiguous => AppError::ambiguous_credentials(message),
        AuthError::KeysUnavailable => AppError::keys_unavailable(),
        _ => AppError::unauthorized(Code::InvalidToken, message),
    }
}
