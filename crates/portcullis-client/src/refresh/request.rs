//! The refresh itself: a refresh token for new tokens of the same person (RFC 6749 §6).

use oauth2::RefreshToken;
use portcullis::sign_in::{AudienceParameter, Provider, SignIn};

use crate::embedded_config::embedded_config;
use crate::id_token::Flow;
use crate::oauth_http;
use crate::token_endpoint::{TokenError, check_id_token, client, with_expiry};
use crate::token_response::TokenResponse;
use crate::tokens::{Principal, Tokens, subject_of};
use crate::whoami::{self, Whoami};

/// How long our server may take, in milliseconds. Other tabs wait for the lock during that time.
const WHOAMI_TIMEOUT: u32 = 4_000;

fn provider() -> Result<Provider, TokenError> {
    match embedded_config() {
        SignIn::At(provider) => Ok(provider),
        SignIn::Unavailable | SignIn::Misconfigured | SignIn::NotConfigured => Err(TokenError::UnknownProvider),
    }
}

/// Sends the refresh token of `before`. Any success spends it (RFC 9700 §4.14.2): see [`with_rotated_token`].
///
/// # Errors
/// [`TokenError`] if there is no successful response.
pub async fn send(before: &Tokens) -> Result<TokenResponse, TokenError> {
    let provider = provider()?;
    let client = client(&provider).ok_or(TokenError::Unreadable)?;
    let token = RefreshToken::new(before.refresh_token.clone().ok_or(TokenError::NoRefreshToken)?);
    let mut request = client.exchange_refresh_token(&token);
    if provider.audience_parameter == AudienceParameter::Resource {
        request = request.add_extra_param("resource", provider.audience.clone());
    }
    Ok(request.request_async(&oauth_http::send).await?)
}

/// Returns `before` with the refresh token that is valid after `response`: the new one, or else the old one if the
/// response has a usable access token (RFC 6749 §6), or else none.
pub fn with_rotated_token(before: &Tokens, response: &TokenResponse) -> Tokens {
    let new = response.new_refresh_token();
    let refresh_token = new.or_else(|| response.bearer().ok().and(before.refresh_token.clone()));
    Tokens { refresh_token, ..before.clone() }
}

/// Checks that `response` belongs to the person of `before` (OpenID Connect Core §12), and returns the new tokens.
///
/// # Errors
/// [`TokenError`] if the response must not be used.
pub async fn check(before: &Tokens, response: &TokenResponse) -> Result<Tokens, TokenError> {
    let provider = provider()?;
    let access_token = response.bearer()?;
    let Principal { id_subject, nonce, subject, .. } = &*before.principal;
    // Without an ID token of the sign-in there is nothing to compare a new one with, so it is dropped.
    let id_token = response.id_token().zip(id_subject.as_deref());
    if let Some((token, subject)) = id_token {
        check_id_token(&provider, token, Flow::Refresh { subject, nonce: nonce.as_deref() })?;
    }
    match (subject_of(&before.access_token), subject_of(access_token)) {
        (Some(first), Some(now)) if first != now => return Err(TokenError::AnotherPerson),
        _ => {}
    }
    let mut fresh = with_expiry(response, Tokens { access_token: access_token.to_owned(), ..before.clone() });
    let id_token = id_token.map(|(token, _)| token);
    // If the server can't check the tokens now, the scopes and the ID token stay as they were.
    if let Ok(Whoami { identity, id_token_refusal }) = whoami::ask(access_token, id_token, None, WHOAMI_TIMEOUT).await {
        if subject.is_some() && identity.subject != *subject {
            return Err(TokenError::AnotherPerson);
        }
        if let Some(why) = id_token_refusal {
            return Err(TokenError::IdTokenRefused(why));
        }
        fresh.scopes = identity.scopes;
        fresh.id_token = id_token.map(str::to_owned).or(fresh.id_token);
    }
    Ok(fresh)
}
