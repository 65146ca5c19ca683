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
    /// The provider has no such endpoint, or is not known.
    #[error("The identity provider does not offer profile data.")]
    NotOffered,
    /// It did not answer, or refused.
    #[error("The identity provider did not give the profile data. Try again later.")]
    NotGiven,
    /// The answer is about someone else (OpenID Connect Core §5.3.2 forbids to use it).
    #[error("The identity provider answered about another person, so nothing of it is shown.")]
    AnotherPerson,
}

/// Asks the provider about the person whose `tokens` these are.
///
/// # Errors
/// When it does not say, or says it of another subject than the ID token names.
pub async fn userinfo(how: &SignIn, tokens: &Tokens) -> Result<UserInfo, UserInfoFault> {
    let endpoint = match how {
        SignIn::At(Provider { userinfo_endpoint: Some(endpoint), .. }) => endpoint,
        _ => return Err(UserInfoFault::NotOffered),
    };
    let request = oauth2::http::Request::builder()
        .method(Method::GET)
        .uri(endpoint)
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", tokens.access_token))
        .body(Vec::new())
        .map_err(|_| UserInfoFault::NotOffered)?;
    let response = super::http::send(request).await.map_err(|_| UserInfoFault::NotGiven)?;
    if !response.status().is_success() {
        return Err(UserInfoFault::NotGiven);
    }
    let info: UserInfo = serde_json::from_slice(response.body()).map_err(|_| UserInfoFault::NotGiven)?;
    let subject = tokens.id_token.as_deref().and_then(id_token::subject);
    if subject.as_deref() == Some(info.sub.as_str()) { Ok(info) } else { Err(UserInfoFault::AnotherPerson) }
}
