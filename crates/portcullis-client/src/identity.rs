//! The server function that tells a page who the caller is.
//!
//! The page does not decode access tokens: they are meant for the API, and providers differ in what they put there
//! (docs/decisions/0016).

use leptos::prelude::*;
use portcullis::sign_in::{Identity, ReadIdentity};
use portcullis::{AppError, DeclaredRight, Endpoint, Resource};
use server_fn::ServerFn;

use crate::Rpc;

/// The endpoint of [`identify`].
pub(crate) const IDENTIFY: Endpoint<ReadIdentity> = Endpoint::server_fn(Identify::PATH);

/// The declaration of [`identify`], for the registry of an app.
pub static RESOURCE: Resource = Resource {
    name: "session",
    rights: &[DeclaredRight::of::<ReadIdentity>()],
    endpoints: &[&[IDENTIFY.declared()]],
    pages: &[],
};

/// Returns what the gate knows about the caller, and verifies the ID token of the same sign-in.
///
/// A refused ID token is part of the answer and not an error: the access token was accepted.
///
/// # Errors
/// 401 if the caller is not authorized, 503 if the provider's signing keys are not available.
#[server(prefix = "/rpc", endpoint = "session/identify", protocol = Rpc)]
pub async fn identify(
    /// The ID token that came with the access token; an empty one counts as not sent.
    id_token: Option<String>,
    /// The `nonce` that the ID token must repeat; missing or empty if it does not have to repeat one.
    nonce: Option<String>,
) -> Result<Identity, AppError> {
    use portcullis::sign_in::IdTokenCheck;
    use portcullis_server::application::{id_tokens, permit};
    let permit = permit::<ReadIdentity>()?;
    let caller = permit.caller();
    let id_token = match &id_token {
        None => IdTokenCheck::NotSent,
        Some(id_token) => id_tokens()?.check(&permit, id_token, nonce.as_deref()).await?,
    };
    let subject = caller.known_subject().map(str::to_owned);
    Ok(Identity { issuer: caller.issuer.to_string(), subject, scopes: caller.scopes.clone(), id_token })
}
