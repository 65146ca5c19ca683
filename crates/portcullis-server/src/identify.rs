//! Ties the check of ID tokens to the endpoint that tells a page who its caller is. Refusals are logged here.

use async_trait::async_trait;
use portcullis::AppError;
use portcullis::sign_in::{IdTokenCheck, ReadIdentity};
use portcullis_verifier::{IdTokenError, IdTokenVerifier};

use crate::{CheckIdToken, Permit};

/// Verifies ID tokens of our own client; none where nobody can sign in, because `AUTH_CLIENT_ID` is not set.
pub struct IdTokens(pub Option<IdTokenVerifier>);

#[async_trait]
impl CheckIdToken for IdTokens {
    async fn check(
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
                // Only a caller whose access token is good gets here, so this is worth a look of the operator.
                tracing::warn!(reason = %error, "an ID token was refused");
                Ok(IdTokenCheck::Refused(error.to_string()))
            }
        }
    }
}
