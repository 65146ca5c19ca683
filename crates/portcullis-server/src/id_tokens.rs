//! The port to the check of ID tokens, for the server function that tells a page who its caller is.

use std::sync::Arc;

use async_trait::async_trait;
use leptos::prelude::use_context;
use portcullis::AppError;
use portcullis::sign_in::{IdTokenCheck, ReadIdentity};

use crate::Permit;

/// Verifies ID tokens of the provider that people sign in with.
#[async_trait]
pub trait CheckIdToken: Send + Sync {
    /// Verifies `id_token`, which came with the access token of the permit's caller; with a `nonce`, it must repeat it.
    ///
    /// # Errors
    /// 503 if the provider's signing keys are not available. A bad ID token is [`IdTokenCheck::Refused`].
    async fn check(
        &self,
        permit: &Permit<ReadIdentity>,
        id_token: &str,
        nonce: Option<&str>,
    ) -> Result<IdTokenCheck, AppError>;
}

/// The check of the server that runs the current server function.
///
/// # Errors
/// 500 outside a server function.
pub fn id_tokens() -> Result<Arc<dyn CheckIdToken>, AppError> {
    use_context().ok_or_else(|| {
        tracing::error!("no check of ID tokens was provided to server functions");
        AppError::internal()
    })
}
