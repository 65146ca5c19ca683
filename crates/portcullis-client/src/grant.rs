//! The token endpoint (RFC 6749 §3.2): a code or a refresh token for fresh tokens.

mod exchange;
mod refresh;

use leptos::prelude::location;
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::{
    AuthUrl, Client, ClientId, EndpointNotSet, EndpointSet, RedirectUrl, RequestTokenError, StandardRevocableToken,
    TokenResponse, TokenUrl,
};
use serde::Deserialize;

pub use exchange::exchange;
pub use refresh::{refresh, refreshed, rotated};

use crate::fetch::FetchError;
use crate::id_token::{self, Answers, Expected, IdTokenFault};
use crate::provider_error::ProviderError;
use crate::token_answer::{TokenAnswer, TokenAnswerError};
use crate::tokens::{Tokens, renewed_after};
use crate::whoami::WhoamiError;
use crate::{clock, config};
use portcullis::sign_in::Provider;

/// How long an access token is taken to live when nobody says, in seconds.
const LIFETIME_UNSAID: u64 = 300;
/// The longest life that is believed, in seconds: a year. Some providers write the largest number for "never".
const MAX_LIFETIME: u64 = 365 * 24 * 60 * 60;

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
    #[error("the code is not valid any more; the identity provider reported {0}")]
    Invalid(ProviderError),
    /// Another refusal; trying again does not help.
    #[error("the identity provider refused it and reported {0}")]
    Refused(ProviderError),
    /// There is no refresh token to send.
    #[error("there is no refresh token")]
    NoRefreshToken,
    /// The provider can be reached and does not let pages of this site read what it answers (Fetch, "CORS protocol").
    #[error(
        "the identity provider doesn't let this site read its answers. If you run this app, allow its origin for this client at the provider (CORS); \"server doctor\" names it"
    )]
    NotReadable,
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
            .set_redirect_uri(RedirectUrl::new(format!("{origin}{}", config::get().callback)).ok()?),
    )
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
    let lifetime = said.or_else(|| lifetime(&tokens.access_token)).unwrap_or(LIFETIME_UNSAID).min(MAX_LIFETIME);
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
            BasicErrorResponseType::InvalidGrant => GrantFault::Invalid(reported(&answer)),
            BasicErrorResponseType::Extension(name)
                if matches!(name.as_str(), "temporarily_unavailable" | "server_error" | "slow_down") =>
            {
                GrantFault::Busy { retry_after: None }
            }
            _ => GrantFault::Refused(reported(&answer)),
        },
        RequestTokenError::Request(FetchError::Busy { retry_after }) => GrantFault::Busy { retry_after },
        RequestTokenError::Request(FetchError::Unreadable) | RequestTokenError::Other(_) => GrantFault::Unreadable,
        RequestTokenError::Request(error) => GrantFault::Fetch(error),
        // `http::send` lets no refusal pass that cannot be read, so this was a success.
        RequestTokenError::Parse(..) => GrantFault::Answer(TokenAnswerError::NoAccessToken),
    }
}

fn reported(answer: &BasicErrorResponse) -> ProviderError {
    ProviderError::new(answer.error().as_ref(), answer.error_description().map(String::as_str))
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
