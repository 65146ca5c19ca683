//! The token endpoint (RFC 6749 §3.2): a code or a refresh token for fresh tokens.

use std::time::Duration;

use leptos::prelude::location;
use leptos::task::spawn_local;
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::{
    AuthUrl, AuthorizationCode, Client, ClientId, EndpointNotSet, EndpointSet, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, StandardRevocableToken, TokenResponse, TokenUrl,
};
use serde::Deserialize;

use super::clock;
use super::fetch::{FetchError, PATIENCE};
use super::id_token::{self, Answers, Expected, IdTokenFault};
use super::lock::pause;
use super::provider::{AudienceParameter, Provider, SignIn, given_with_the_page};
use super::random::random;
use super::revocation;
use super::token_answer::{TokenAnswer, TokenAnswerError};
use super::tokens::{Principal, Tokens, person_of, renewed_after};
use super::whoami::{self, Whoami, WhoamiError};
use crate::pages::CALLBACK_PAGE;
use crate::policy::Scopes;

/// How long an access token is taken to live when nobody says, in seconds.
const LIFETIME_UNSAID: u64 = 300;
/// How long a sign-in waits for a provider that asks to be asked later, in seconds, and how often.
const MAX_WAIT: u64 = 30;
const MAX_WAITS: u32 = 2;
/// The pauses between the tries to have a sign-in checked by our server, in milliseconds.
const CHECK_PAUSES: [u64; 2] = [1_000, 3_000];
/// How long our server may take during a refresh, in milliseconds: other tabs wait for the lock.
const REFRESH_PATIENCE: u32 = 4_000;

/// The `oauth2` crate's client, with both endpoints set.
pub type OidcClient = Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Why the token endpoint gave nothing that can be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GrantFault {
    /// The code or the refresh token is not good any more.
    #[error("the code is not valid any more")]
    Invalid,
    /// Another refusal; trying again does not help.
    #[error("the identity provider refused ({0})")]
    Refused(String),
    /// The page does not know the provider: the server had not read its discovery document yet.
    #[error("the identity provider was not known when the page was loaded")]
    NoProvider,
    /// The provider has a problem of its own, for now.
    #[error("the identity provider cannot answer at the moment")]
    Busy {
        /// After how many seconds it wants to be asked again, if it said so.
        retry_after: Option<u64>,
    },
    /// No answer.
    #[error("{0}")]
    Fetch(FetchError),
    /// A refusal that cannot be read.
    #[error("the identity provider's answer could not be read")]
    Unreadable,
    /// A success without tokens that can be used. What was sent is spent.
    #[error("{0}")]
    Answer(TokenAnswerError),
    /// `openid` was asked for and no ID token came.
    #[error("the identity provider did not say who signed in")]
    NoIdToken,
    /// The ID token is not in order.
    #[error("{0}")]
    IdToken(IdTokenFault),
    /// Our server does not believe the ID token; its reason.
    #[error("the ID token was refused: {0}")]
    IdTokenRefused(String),
    /// The access token is another person's than before.
    #[error("the access token is another person's")]
    AnotherPerson,
    /// Our server refuses the access token, or could not check the sign-in.
    #[error("{0}")]
    Whoami(WhoamiError),
}

/// The client of `provider`; none where one of its addresses is none.
pub fn client(provider: &Provider) -> Option<OidcClient> {
    let origin = location().origin().ok()?;
    Some(
        Client::new(ClientId::new(provider.client_id.clone()))
            .set_auth_uri(AuthUrl::new(provider.authorization_endpoint.clone()).ok()?)
            .set_token_uri(TokenUrl::new(provider.token_endpoint.clone()).ok()?)
            .set_redirect_uri(RedirectUrl::new(format!("{origin}{}", CALLBACK_PAGE.path)).ok()?),
    )
}

/// Exchanges `code` for the tokens of the sign-in that was begun with `verifier` and `nonce` and asked for the scopes
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
    if checked.is_err() {
        revoke(&answer);
    }
    checked
}

/// Revokes the refresh token of an answer that nobody will use.
pub fn revoke(answer: &TokenAnswer) {
    if let Some(token) = answer.refresh_token() {
        let token = token.secret().clone();
        spawn_local(async move { _ = revocation::send(&token).await });
    }
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
        match request.request_async(&super::http::send).await.map_err(refused) {
            Err(GrantFault::Busy { retry_after: Some(wait) }) if wait <= MAX_WAIT && waits < MAX_WAITS => {
                waits += 1;
                pause(Duration::from_secs(wait.max(1))).await;
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
    let refresh_token = answer.refresh_token().map(|token| token.secret().clone());
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
            Err(error @ WhoamiError::Unavailable) => match pauses.next() {
                Some(millis) => pause(Duration::from_millis(millis)).await,
                None => return Err(GrantFault::Whoami(error)),
            },
        }
    }
}

/// Sends the refresh token of `before`. With any answer it is spent (RFC 9700 §4.14.2): see [`rotated`].
///
/// # Errors
/// Why there is no answer.
pub async fn refresh(before: &Tokens) -> Result<TokenAnswer, GrantFault> {
    let SignIn::At(provider) = given_with_the_page() else { return Err(GrantFault::NoProvider) };
    let client = client(&provider).ok_or(GrantFault::Unreadable)?;
    let token = RefreshToken::new(before.refresh_token.clone().ok_or(GrantFault::Invalid)?);
    let mut request = client.exchange_refresh_token(&token);
    if provider.audience_parameter == AudienceParameter::Resource {
        request = request.add_extra_param("resource", provider.audience.clone());
    }
    request.request_async(&super::http::send).await.map_err(refused)
}

/// Returns `before` with the refresh token that is good after `answer`: the new one; without one, the old one if the
/// answer is in order otherwise (RFC 6749 §6), else none.
pub fn rotated(before: &Tokens, answer: &TokenAnswer) -> Tokens {
    let fresh = answer.refresh_token().map(|token| token.secret().clone());
    let refresh_token = fresh.or_else(|| answer.bearer().ok().and(before.refresh_token.clone()));
    Tokens { refresh_token, ..before.clone() }
}

/// Returns `before` with what the refresh has brought: tokens of the same person (OpenID Connect Core §12).
///
/// # Errors
/// Why the answer is not used.
pub async fn refreshed(before: &Tokens, answer: &TokenAnswer) -> Result<Tokens, GrantFault> {
    let SignIn::At(provider) = given_with_the_page() else { return Err(GrantFault::NoProvider) };
    let access_token = answer.bearer().map_err(GrantFault::Answer)?;
    let Principal { id_subject, nonce, subject, .. } = &before.principal;
    // An ID token that cannot be compared with the sign-in's own is left out.
    let id_token = answer.id_token().zip(id_subject.as_deref());
    if let Some((token, subject)) = id_token {
        check(&provider, token, Answers::Refresh { subject, nonce: nonce.as_deref() })?;
    }
    match (person_of(&before.access_token), person_of(access_token)) {
        (Some(first), Some(now)) if first != now => return Err(GrantFault::AnotherPerson),
        _ => {}
    }
    let mut fresh = timed(answer, Tokens { access_token: access_token.to_owned(), ..before.clone() });
    let id_token = id_token.map(|(token, _)| token);
    // What the server cannot check now stays as it was: the scopes, and the ID token of before.
    if let Ok(Whoami { identity, refused_id_token }) = whoami::ask(access_token, id_token, None, REFRESH_PATIENCE).await
    {
        if subject.is_some() && identity.subject != *subject {
            return Err(GrantFault::AnotherPerson);
        }
        if let Some(why) = refused_id_token {
            return Err(GrantFault::IdTokenRefused(why));
        }
        fresh.scopes = identity.scopes;
        fresh.id_token = id_token.map(str::to_owned).or(fresh.id_token);
    }
    Ok(fresh)
}

fn check(provider: &Provider, token: &str, answers: Answers<'_>) -> Result<String, GrantFault> {
    let expected = Expected { issuer: &provider.issuer, client_id: &provider.client_id, now: clock::now(), answers };
    id_token::check(token, &expected).map_err(GrantFault::IdToken)
}

/// Returns `tokens` with the times of the access token of `answer`.
fn timed(answer: &TokenAnswer, tokens: Tokens) -> Tokens {
    let now = clock::now();
    // From the moment it came: whether the provider's clock is right does not matter.
    let said = answer.expires_in().map(|lifetime| lifetime.as_secs());
    let lifetime = said.or_else(|| lifetime(&tokens.access_token)).unwrap_or(LIFETIME_UNSAID);
    Tokens { expires_at: now.saturating_add(lifetime), renew_at: now.saturating_add(renewed_after(lifetime)), ..tokens }
}

/// How long the access token `token` lives by its own times, where it is a JWT that has them.
fn lifetime(token: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Times {
        exp: f64,
        iat: f64,
    }
    let times: Times = id_token::claims(token).ok()?;
    Some((times.exp - times.iat).max(0.0) as u64)
}

fn refused(error: RequestTokenError<FetchError, BasicErrorResponse>) -> GrantFault {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            BasicErrorResponseType::InvalidGrant => GrantFault::Invalid,
            BasicErrorResponseType::Extension(name)
                if matches!(name.as_str(), "temporarily_unavailable" | "server_error" | "slow_down") =>
            {
                GrantFault::Busy { retry_after: None }
            }
            other => GrantFault::Refused(other.to_string()),
        },
        RequestTokenError::Request(FetchError::Busy { retry_after }) => GrantFault::Busy { retry_after },
        RequestTokenError::Request(FetchError::Unreadable) | RequestTokenError::Other(_) => GrantFault::Unreadable,
        RequestTokenError::Request(error) => GrantFault::Fetch(error),
        // `http::send` lets no refusal pass that cannot be read, so this was a success.
        RequestTokenError::Parse(..) => GrantFault::Answer(TokenAnswerError::NoAccessToken),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_read_from_the_times_of_a_jwt() {
        use base64::Engine;
        let jwt =
            |claims: &str| format!("e30.{}.c2ln", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims));
        assert_eq!(lifetime(&jwt(r#"{"iat": 1000, "exp": 1900.5}"#)), Some(900));
        assert_eq!(lifetime(&jwt(r#"{"iat": 2000, "exp": 1000}"#)), Some(0));
        assert_eq!(lifetime(&jwt(r#"{"exp": 1000}"#)), None);
        assert_eq!(lifetime("opaque"), None);
    }
}
