//! Who the person is, as the provider's userinfo endpoint says (OpenID Connect Core §5.3).

use oauth2::http::{Method, header};
use serde::Deserialize;

use super::id_token;
use super::provider::{Provider, SignIn};
use super::tokens::Tokens;

/// What the profile page shows of a person.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct UserInfo {
    /// The subject: the person's id at the provider.
    pub sub: String,
    /// The full name.
    pub name: Option<String>,
    /// Where a picture of them is.
    pub picture: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

/// Why there is nothing to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UserInfoFault {
    /// There is no ID token, so nobody knows whose data the endpoint would give.
    #[error("The identity provider did not say who signed in, so no profile is shown.")]
    Nobody,
    /// The answer is about someone else (OpenID Connect Core §5.3.2 forbids to use it).
    #[error("The identity provider answered about another person, so nothing of it is shown.")]
    AnotherPerson,
}

/// Asks the provider about the person whose `tokens` these are.
///
/// A provider whose access tokens are for our API alone (RFC 8707) refuses them at its own userinfo endpoint, and
/// another may have no such endpoint or be away: then what the ID token says of the person is all that is known.
///
/// # Errors
/// When there is no ID token, or the endpoint speaks of another subject than it names.
pub async fn userinfo(how: &SignIn, tokens: &Tokens) -> Result<UserInfo, UserInfoFault> {
    let id_token = tokens.id_token.as_deref().ok_or(UserInfoFault::Nobody)?;
    let known: UserInfo = id_token::claims(id_token).map_err(|_| UserInfoFault::Nobody)?;
    match ask(how, tokens).await {
        None => Ok(known),
        Some(info) if info.sub == known.sub => Ok(info),
        Some(_) => Err(UserInfoFault::AnotherPerson),
    }
}

async fn ask(how: &SignIn, tokens: &Tokens) -> Option<UserInfo> {
    let SignIn::At(Provider { userinfo_endpoint: Some(endpoint), .. }) = how else { return None };
    let request = oauth2::http::Request::builder()
        .method(Method::GET)
        .uri(endpoint)
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", tokens.access_token))
        .body(Vec::new())
        .ok()?;
    let response = super::http::send(request).await.ok()?;
    if !response.status().is_success() {
        return None;
    }
    serde_json::from_slice(response.body()).ok()
}
