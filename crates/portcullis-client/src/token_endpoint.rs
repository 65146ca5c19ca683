//! The token endpoint (RFC 6749 §3.2): what exchanging a code and refreshing have in common.

use leptos::prelude::location;
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::{
    AuthUrl, Client, ClientId, EndpointNotSet, EndpointSet, RedirectUrl, RequestTokenError, StandardRevocableToken,
    TokenResponse as _, TokenUrl,
};
use portcullis::sign_in::Provider;
use serde::Deserialize;

use crate::fetch::FetchError;
use crate::id_token::{self, Expected, Flow, IdTokenError};
use crate::jwt::jwt_payload;
use crate::provider_error::ProviderError;
use crate::token_response::{TokenResponse, TokenResponseError};
use crate::tokens::{Tokens, refresh_delay};
use crate::whoami::WhoamiError;
use crate::{clock, config};

/// The lifetime of an access token if neither the provider nor the token names one, in seconds.
const DEFAULT_LIFETIME: u64 = 300;
/// The longest lifetime that is accepted, in seconds: a year. Some providers write the largest number for "never".
const MAX_LIFETIME: u64 = 365 * 24 * 60 * 60;

/// The `oauth2` crate's client, with both endpoints set.
pub type OidcClient = Client<
    BasicErrorResponse,
    TokenResponse,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Why a code or a refresh token did not lead to usable tokens.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenError {
    /// The code or the refresh token is no longer valid.
    #[error("the code is not valid any more; the identity provider reported {0}")]
    InvalidGrant(ProviderError),
    /// The provider refused it for another reason. Trying again does not help.
    #[error("the identity provider refused it and reported {0}")]
    Refused(ProviderError),
    /// There is no refresh token to send.
    #[error("there is no refresh token")]
    NoRefreshToken,
    /// The provider does not let pages of this site read its responses (Fetch, "CORS protocol").
    #[error(
        "the identity provider doesn't let this site read its answers. If you run this app, allow its origin for this client at the provider (CORS); \"server doctor\" names it"
    )]
    CorsForbidden,
    /// The page was loaded before the server had read the provider's discovery document.
    #[error("the identity provider was not known when the page was loaded")]
    UnknownProvider,
    /// The provider has a temporary problem.
    #[error("the identity provider cannot answer at the moment")]
    Busy {
        /// The header `Retry-After` in seconds.
        retry_after: Option<u64>,
    },
    /// There is no response.
    #[error(transparent)]
    Fetch(FetchError),
    /// The provider refused it, in a response that can't be read.
    #[error("the identity provider's answer could not be read")]
    Unreadable,
    /// A success without usable tokens. The code or the refresh token is spent.
    #[error(transparent)]
    Response(#[from] TokenResponseError),
    /// `openid` was requested, and there is no ID token.
    #[error("the identity provider did not say who signed in")]
    NoIdToken,
    /// The ID token is not valid.
    #[error(transparent)]
    IdToken(#[from] IdTokenError),
    /// Our server refuses the ID token, for this reason.
    #[error("the ID token was refused: {0}")]
    IdTokenRefused(String),
    /// The access token belongs to another person than the one who signed in.
    #[error("the access token is another person's")]
    AnotherPerson,
    /// Our server refuses the access token, or could not check it.
    #[error(transparent)]
    Whoami(#[from] WhoamiError),
}

impl From<RequestTokenError<FetchError, BasicErrorResponse>> for TokenError {
    fn from(error: RequestTokenError<FetchError, BasicErrorResponse>) -> Self {
        let reported = |response: &BasicErrorResponse| {
            ProviderError::new(response.error().as_ref(), response.error_description().map(String::as_str))
        };
        match error {
            RequestTokenError::ServerResponse(response) => match response.error() {
                BasicErrorResponseType::InvalidGrant => Self::InvalidGrant(reported(&response)),
                BasicErrorResponseType::Extension(name)
                    if matches!(name.as_str(), "temporarily_unavailable" | "server_error" | "slow_down") =>
                {
                    Self::Busy { retry_after: None }
                }
                _ => Self::Refused(reported(&response)),
            },
            RequestTokenError::Request(FetchError::Busy { retry_after }) => Self::Busy { retry_after },
            RequestTokenError::Request(FetchError::Unreadable) | RequestTokenError::Other(_) => Self::Unreadable,
            RequestTokenError::Request(error) => Self::Fetch(error),
            // `oauth_http::send` passes on no refusal that can't be read, so this was a success.
            RequestTokenError::Parse(..) => Self::Response(TokenResponseError::NoAccessToken),
        }
    }
}

/// Returns the client of `provider`, or `None` if one of its endpoints is not a URL.
pub fn client(provider: &Provider) -> Option<OidcClient> {
    let origin = location().origin().ok()?;
    Some(
        Client::new(ClientId::new(provider.client_id.clone()))
            .set_auth_uri(AuthUrl::new(provider.authorization_endpoint.clone()).ok()?)
            .set_token_uri(TokenUrl::new(provider.token_endpoint.clone()).ok()?)
            .set_redirect_uri(RedirectUrl::new(format!("{origin}{}", config::get().callback)).ok()?),
    )
}

/// Checks the ID token `token` of `provider` and returns its subject.
///
/// # Errors
/// [`IdTokenError`] for the first check that fails.
pub fn check_id_token(provider: &Provider, token: &str, flow: Flow<'_>) -> Result<String, IdTokenError> {
    let expected = Expected { issuer: &provider.issuer, client_id: &provider.client_id, now: clock::now(), flow };
    id_token::check(token, &expected)
}

/// Returns `tokens` with the times at which the access token in `response` expires and is refreshed.
pub fn with_expiry(response: &TokenResponse, tokens: Tokens) -> Tokens {
    let now = clock::now();
    // The lifetime counts from the arrival of the response, so the provider's clock may be wrong.
    let expires_in = response.expires_in().map(|lifetime| lifetime.as_secs());
    let lifetime =
        expires_in.or_else(|| jwt_lifetime(&tokens.access_token)).unwrap_or(DEFAULT_LIFETIME).min(MAX_LIFETIME);
    Tokens {
        expires_at: now.saturating_add(lifetime),
        refresh_at: now.saturating_add(refresh_delay(lifetime)),
        ..tokens
    }
}

/// Returns the lifetime of `token` in seconds by its own times, if it is a JWT that has them.
fn jwt_lifetime(token: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Times {
        exp: f64,
        iat: f64,
    }
    let times: Times = serde_json::from_str(&jwt_payload(token)?).ok()?;
    Some((times.exp - times.iat).max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn lifetime_is_read_from_the_times_of_a_jwt() {
        let jwt = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        assert_eq!(jwt_lifetime(&jwt(r#"{"iat": 1000, "exp": 1900.5}"#)), Some(900));
        assert_eq!(jwt_lifetime(&jwt(r#"{"iat": 2000, "exp": 1000}"#)), Some(0));
        assert_eq!(jwt_lifetime(&jwt(r#"{"exp": 1000}"#)), None);
        assert_eq!(jwt_lifetime("opaque"), None);
    }
}
