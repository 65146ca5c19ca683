//! Exchanging a code for tokens (RFC 6749 §4.1.3), which our server checks before they are used.

use std::time::Duration;

use oauth2::{AuthorizationCode, PkceCodeVerifier};
use portcullis::Scopes;
use portcullis::sign_in::{AudienceParameter, Provider};

use super::pending::PendingSignIn;
use crate::fetch::{self, FetchError, PROVIDER_TIMEOUT, server_delay};
use crate::id_token::Flow;
use crate::random::random;
use crate::sign_out::revoke_in_background;
use crate::time::sleep;
use crate::token_endpoint::{TokenError, check_id_token, client, with_expiry};
use crate::token_response::TokenResponse;
use crate::tokens::{Principal, Tokens};
use crate::whoami::{self, Whoami, WhoamiError};
use crate::{oauth_http, token_store};

/// The longest `Retry-After` of a provider that a sign-in waits for, in seconds.
const MAX_PROVIDER_DELAY: u64 = 30;
/// How many times a code is sent again.
const MAX_RETRIES: u32 = 2;
/// The delays between the requests to have our server check a sign-in, in milliseconds.
const CHECK_DELAYS: [u64; 2] = [500, 2_000];

/// Exchanges `code` for the tokens of the sign-in `pending`, which requested `scopes`, and has our server check them.
///
/// # Errors
/// [`TokenError`] if there are no tokens, or they must not be used.
pub async fn exchange_code(
    provider: &Provider,
    code: String,
    pending: &PendingSignIn,
    scopes: Scopes,
) -> Result<Tokens, TokenError> {
    let response = send_code(provider, code, pending).await?;
    let checked = check_tokens(provider, &response, pending, scopes).await;
    // Nothing is revoked while someone is signed in: a provider may revoke everything that it has issued to them.
    if checked.is_err() && token_store::tokens().is_none() {
        revoke_in_background(response.new_refresh_token());
    }
    checked
}

/// Sends the code. A busy provider has not used it, so it is sent again when the provider asks for that.
async fn send_code(provider: &Provider, code: String, pending: &PendingSignIn) -> Result<TokenResponse, TokenError> {
    let client = client(provider).ok_or(TokenError::Unreadable)?;
    let mut retries = 0;
    loop {
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.clone()))
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()));
        if provider.audience_parameter == AudienceParameter::Resource {
            request = request.add_extra_param("resource", provider.audience.clone());
        }
        match request.request_async(&oauth_http::send).await.map_err(TokenError::from) {
            Err(TokenError::Busy { retry_after: Some(delay) })
                if delay <= MAX_PROVIDER_DELAY && retries < MAX_RETRIES =>
            {
                retries += 1;
                sleep(Duration::from_secs(delay.max(1))).await;
            }
            Err(TokenError::Fetch(FetchError::Unreachable)) if fetch::is_reachable(&provider.token_endpoint).await => {
                return Err(TokenError::CorsForbidden);
            }
            result => return result,
        }
    }
}

async fn check_tokens(
    provider: &Provider,
    response: &TokenResponse,
    pending: &PendingSignIn,
    requested_scopes: Scopes,
) -> Result<Tokens, TokenError> {
    let access_token = response.bearer()?;
    let id_subject = match response.id_token() {
        Some(token) => Some(check_id_token(provider, token, Flow::SignIn { nonce: &pending.nonce })?),
        None if provider.scopes.iter().any(|scope| scope == "openid") => return Err(TokenError::NoIdToken),
        None => None,
    };
    let Whoami { identity, id_token_refusal } = ask_whoami(access_token, response.id_token(), &pending.nonce).await?;
    if let Some(why) = id_token_refusal {
        return Err(TokenError::IdTokenRefused(why));
    }
    let principal = Principal {
        sign_in: random(),
        issuer: provider.issuer.clone(),
        client_id: provider.client_id.clone(),
        subject: identity.subject,
        id_subject,
        nonce: Some(pending.nonce.clone()),
        requested_scopes,
    };
    let tokens = Tokens {
        id_token: response.id_token().map(str::to_owned),
        refresh_token: response.new_refresh_token(),
        scopes: identity.scopes,
        ..Tokens::new(access_token, principal)
    };
    Ok(with_expiry(response, tokens))
}

/// Asks our server about the tokens of a sign-in. Asks again if the server can't answer at once, since the code is
/// spent.
async fn ask_whoami(access_token: &str, id_token: Option<&str>, nonce: &str) -> Result<Whoami, WhoamiError> {
    let mut delays = CHECK_DELAYS.into_iter();
    loop {
        match whoami::ask(access_token, id_token, Some(nonce), PROVIDER_TIMEOUT).await {
            // The server may not know a new signing key yet, and says when it will.
            Err(error @ WhoamiError::Unavailable { retry_after }) => match delays.next() {
                Some(millis) => sleep(Duration::from_millis(millis).max(server_delay(retry_after))).await,
                None => return Err(error),
            },
            result => return result,
        }
    }
}
