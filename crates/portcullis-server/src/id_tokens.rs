//! Verifies the ID token that a page sends with its access token.

use portcullis::AppError;
use portcullis::sign_in::{IdTokenCheck, ReadIdentity};
use portcullis_verifier::{IdTokenError, IdTokenVerifier};

use crate::Permit;

/// Verifies ID tokens of our own client. It is `None` if sign-in is not configured (`AUTH_CLIENT_ID`).
pub struct IdTokens(pub Option<IdTokenVerifier>);

impl IdTokens {
    /// Verifies `id_token`, which was sent with the access token of the permit's caller. With a `nonce`, the ID token
    /// must contain it. A rejected ID token is [`IdTokenCheck::Refused`], and is logged.
    ///
    /// # Errors
    /// 503 if the provider's signing keys are not available.
    pub async fn check(
        &self,
        permit: &Permit<ReadIdentity>,
        id_token: &str,
        nonce: Option<&str>,
    ) -> Result<IdTokenCheck, AppError> {
        let Some(verifier) = &self.0 else {
            return Ok(IdTokenCheck::Refused(
                "This server has no AUTH_CLIENT_ID, so no ID token is meant for it".into(),
            ));
        };
        match verifier.verify(id_token, &permit.caller().issuer, nonce).await {
            Ok(()) => Ok(IdTokenCheck::Verified),
            Err(IdTokenError::KeysUnavailable) => Err(AppError::keys_unavailable()),
            Err(IdTokenError::KeyNotYetKnown) => Err(AppError::key_not_yet_known()),
            Err(error) => {
                // Only a caller with a valid access token gets here, so this deserves the operator's attention.
                tracing::warn!(reason = %error, "an ID token was refused");
                Ok(IdTokenCheck::Refused(error.to_string()))
            }
        }
    }
}
