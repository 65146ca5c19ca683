//! The token endpoint (RFC 6749 §3.2): a code or a refresh token for fresh tokens.

use leptos::prelude::location;
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AuthUrl, AuthorizationCode, Client, ClientId, EndpointNotSet, EndpointSet, ExtraTokenFields, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, StandardRevocableToken, StandardTokenResponse, TokenResponse,
    TokenUrl,
};
use serde::{Deserialize, Serialize};

use super::clock;
use super::fetch::FetchError;
use super::id_token::{self, Answers, Expected, IdTokenFault};
use super::provider::{AudienceParameter, Provider, SignIn, given_with_the_page};
use super::tokens::{Tokens, person_of, renewed_after};
use crate::pages::CALLBACK_PAGE;
use crate::policy::Scopes;

/// How long an access token is taken to live when nobody says, in seconds.
const LIFETIME_UNSAID: u64 = 300;

/// The part of a token answer that OpenID Connect adds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IdTokenField {
    id_token: Option<String>,
}
impl ExtraTokenFields for IdTokenField {}

type Answer = StandardTokenResponse<IdTokenField, BasicTokenType>;

/// The `oauth2` crate's client, with both endpoints set.
pub type OidcClient = Client<
    BasicErrorResponse,
    Answer,
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
    Busy,
    /// No answer.
    #[error("{0}")]
    Fetch(FetchError),
    /// An answer that holds no tokens.
    #[error("the identity provider's answer could not be read")]
    Unreadable,
    /// `openid` was asked for and no ID token came.
    #[error("the identity provider did not say who signed in")]
    NoIdToken,
    /// The ID token is not in order.
    #[error("{0}")]
    IdToken(IdTokenFault),
    /// The access token is another person's than before.
    #[error("the access token is another person's")]
    AnotherPerson,
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

/// Exchanges `code` for the tokens of the sign-in that was begun with `verifier` and `nonce` and asked for `scopes`.
///
/// # Errors
/// Why there are none.
pub async fn exchange(
    provider: &Provider,
    code: String,
    verifier: String,
    nonce: &str,
    scopes: Scopes,
) -> Result<Tokens, GrantFault> {
    let client = client(provider).ok_or(GrantFault::Unreadable)?;
    let mut request =
        client.exchange_code(AuthorizationCode::new(code)).set_pkce_verifier(PkceCodeVerifier::new(verifier));
    if provider.audience_parameter == AudienceParameter::Resource {
        request = request.add_extra_param("resource", provider.audience.clone());
    }
    let answer = request.request_async(&super::http::send).await.map_err(refused)?;
    let id_token = answer.extra_fields().id_token.clone();
    match &id_token {
        Some(token) => _ = check(provider, token, Answers::Nonce(nonce))?,
        None if provider.scopes.iter().any(|scope| scope == "openid") => return Err(GrantFault::NoIdToken),
        None => {}
    }
    Ok(tokens(&answer, id_token, None, scopes))
}

/// Exchanges the refresh token of `before` for tokens of the same person (OpenID Connect Core §12).
///
/// # Errors
/// Why there are none.
pub async fn refresh(before: &Tokens) -> Result<Tokens, GrantFault> {
    let SignIn::At(provider) = given_with_the_page() else { return Err(GrantFault::NoProvider) };
    let client = client(&provider).ok_or(GrantFault::Unreadable)?;
    // A refresh token is for the provider that gave it: another, which the site uses by now, must not see it.
    if before.id_token.as_deref().is_some_and(|token| !id_token::is_of(token, &provider.issuer)) {
        return Err(GrantFault::Invalid);
    }
    let token = RefreshToken::new(before.refresh_token.clone().ok_or(GrantFault::Invalid)?);
    let mut request = client.exchange_refresh_token(&token);
    if provider.audience_parameter == AudienceParameter::Resource {
        request = request.add_extra_param("resource", provider.audience.clone());
    }
    let answer = request.request_async(&super::http::send).await.map_err(refused)?;
    let id_token = answer.extra_fields().id_token.clone();
    match (&id_token, &before.id_token) {
        (Some(token), Some(first)) => _ = check(&provider, token, Answers::Renewal(first))?,
        // It would tell of somebody whom nothing here can be compared with.
        (Some(_), None) => return Err(GrantFault::AnotherPerson),
        (None, _) => {}
    }
    match (person_of(&before.access_token), person_of(answer.access_token().secret())) {
        (Some(first), Some(now)) if first != now => return Err(GrantFault::AnotherPerson),
        _ => {}
    }
    let id_token = id_token.or_else(|| before.id_token.clone());
    Ok(tokens(&answer, id_token, before.refresh_token.clone(), before.scopes.clone()))
}

fn check(provider: &Provider, token: &str, answers: Answers<'_>) -> Result<String, GrantFault> {
    let expected = Expected { issuer: &provider.issuer, client_id: &provider.client_id, now: clock::now(), answers };
    id_token::check(token, &expected).map_err(GrantFault::IdToken)
}

/// What `answer` brings. What it does not say stays as it was (RFC 6749 §5.1, §6).
fn tokens(answer: &Answer, id_token: Option<String>, refresh_token: Option<String>, scopes: Scopes) -> Tokens {
    let now = clock::now();
    let access_token = answer.access_token().secret().clone();
    // From the moment it came: whether the provider's clock is right does not matter.
    let said = answer.expires_in().map(|lifetime| lifetime.as_secs());
    let lifetime = said.or_else(|| lifetime(&access_token)).unwrap_or(LIFETIME_UNSAID);
    Tokens {
        access_token,
        id_token,
        refresh_token: answer.refresh_token().map(|token| token.secret().clone()).or(refresh_token),
        expires_at: now.saturating_add(lifetime),
        renew_at: now.saturating_add(renewed_after(lifetime)),
        scopes: answer.scopes().map_or(scopes, |granted| granted.iter().map(|scope| scope.as_str()).collect()),
    }
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
                GrantFault::Busy
            }
            other => GrantFault::Refused(other.to_string()),
        },
        RequestTokenError::Request(FetchError::Busy) => GrantFault::Busy,
        RequestTokenError::Request(error) => GrantFault::Fetch(error),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => GrantFault::Unreadable,
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
