//! A code for tokens (RFC 6749 §4.1.3), checked by our server before they are used.

use std::time::Duration;

use oauth2::{AuthorizationCode, PkceCodeVerifier};
use portcullis::Scopes;
use portcullis::sign_in::{AudienceParameter, Provider};

use super::{GrantFault, check, client, refused, timed};
use crate::fetch::{self, FetchError, PATIENCE, server_pause};
use crate::http;
use crate::id_token::Answers;
use crate::lock::pause;
use crate::random::random;
use crate::revocation;
use crate::token_answer::TokenAnswer;
use crate::token_store;
use crate::tokens::{Principal, Tokens};
use crate::whoami::{self, Whoami, WhoamiError};

/// How long a sign-in waits for a provider that asks to be asked later, in seconds, and how often.
const MAX_WAIT: u64 = 30;
const MAX_WAITS: u32 = 2;
/// The pauses between the tries to have a sign-in checked by our server, in milliseconds.
const CHECK_PAUSES: [u64; 2] = [500, 2_000];

/// Exchanges `code` for the tokens of the sign-in that started with `verifier` and `nonce` and asked for the scopes
/// `asked`, and has our server check them.
///
/// # Errors
/// Why there are none.
pub async fn exchange(
    provider: &Provider,
    code: String,
    verifier: String,
    nonce: &str,
    asked: Scopes,
) -> Result<Tokens, GrantFault> {
    let answer = send_code(provider, code, verifier).await?;
    let checked = check_sign_in(provider, &answer, nonce, asked).await;
    // Not while someone is signed in: a provider may end all that it has issued to them.
    if checked.is_err() && token_store::tokens().is_none() {
        revocation::revoke(answer.fresh_refresh_token());
    }
    checked
}

/// Sends the code. A provider that is busy has not looked at it, so it is sent again when the provider wants it.
async fn send_code(provider: &Provider, code: String, verifier: String) -> Result<TokenAnswer, GrantFault> {
    let client = client(provider).ok_or(GrantFault::Unreadable)?;
    let mut waits = 0;
    loop {
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.clone()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.clone()));
        if provider.audience_parameter == AudienceParameter::Resource {
            request = request.add_extra_param("resource", provider.audience.clone());
        }
        match request.request_async(&http::send).await.map_err(refused) {
            Err(GrantFault::Busy { retry_after: Some(wait) }) if wait <= MAX_WAIT && waits < MAX_WAITS => {
                waits += 1;
                pause(Duration::from_secs(wait.max(1))).await;
            }
            Err(GrantFault::Fetch(FetchError::Unreachable)) if fetch::is_reachable(&provider.token_endpoint).await => {
                return Err(GrantFault::NotReadable);
            }
            answer => return answer,
        }
    }
}

async fn check_sign_in(
    provider: &Provider,
    answer: &TokenAnswer,
    nonce: &str,
    asked: Scopes,
) -> Result<Tokens, GrantFault> {
    let access_token = answer.bearer().map_err(GrantFault::Answer)?;
    let id_subject = match answer.id_token() {
        Some(token) => Some(check(provider, token, Answers::Nonce(nonce))?),
        None if provider.scopes.iter().any(|scope| scope == "openid") => return Err(GrantFault::NoIdToken),
        None => None,
    };
    let Whoami { identity, refused_id_token } = ask_whoami(access_token, answer.id_token(), nonce).await?;
    if let Some(why) = refused_id_token {
        return Err(GrantFault::IdTokenRefused(why));
    }
    let principal = Principal {
        sign_in: random(),
        issuer: provider.issuer.clone(),
        client_id: provider.client_id.clone(),
        subject: identity.subject,
        id_subject,
        nonce: Some(nonce.to_owned()),
        asked,
    };
    let refresh_token = answer.fresh_refresh_token();
    let id_token = answer.id_token().map(str::to_owned);
    Ok(timed(
        answer,
        Tokens { id_token, refresh_token, scopes: identity.scopes, ..Tokens::of(access_token, principal) },
    ))
}

/// Asks our server about the tokens of a sign-in; more than once where it cannot answer at once, for the code is spent.
async fn ask_whoami(access_token: &str, id_token: Option<&str>, nonce: &str) -> Result<Whoami, GrantFault> {
    let mut pauses = CHECK_PAUSES.into_iter();
    loop {
        match whoami::ask(access_token, id_token, Some(nonce), PATIENCE).await {
            Ok(known) => return Ok(known),
            Err(error @ WhoamiError::NotAccepted) => return Err(GrantFault::Whoami(error)),
            // The server may not know the key yet that the provider has just made; it says when it will.
            Err(error @ WhoamiError::Unavailable { retry_after }) => match pauses.next() {
                Some(millis) => pause(Duration::from_millis(millis).max(server_pause(retry_after))).await,
                None => return Err(GrantFault::Whoami(error)),
            },
        }
    }
}
