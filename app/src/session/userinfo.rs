//! Who the person is, as the provider's userinfo endpoint says (OpenID Connect Core §5.3).

use serde::Deserialize;

use super::fetch::{self, Ask, PATIENCE};
use super::provider::{Provider, SignIn};
use super::tokens::{Claims, Tokens};

/// What the profile page shows of a person.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct UserInfo {
    /// The subject: the person's id at the provider.
    pub sub: String,
    /// The full name.
    pub name: Option<String>,
    /// Where a picture of them is: at the provider itself.
    pub picture: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

impl UserInfo {
    /// What to call them: the name, else the e-mail address, else the subject.
    #[must_use]
    pub fn display_name(&self) -> String {
        self.name.as_ref().or(self.email.as_ref()).unwrap_or(&self.sub).clone()
    }

    /// What the sign-in itself said of the person whose `tokens` these are; none without an ID token.
    #[must_use]
    pub fn of(tokens: &Tokens) -> Option<Self> {
        let claims = Claims::of(tokens.id_token.as_deref()?)?;
        let claim = |name| claims.text(name);
        Some(Self { sub: claim("sub")?, name: claim("name"), picture: claim("picture"), email: claim("email") })
    }
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
    let known = UserInfo::of(tokens).ok_or(UserInfoFault::Nobody)?;
    let info = match ask(how, tokens).await {
        None => known,
        Some(info) if info.sub == known.sub => info,
        Some(_) => return Err(UserInfoFault::AnotherPerson),
    };
    let picture = info.picture.filter(|picture| is_of_provider(how, picture));
    Ok(UserInfo { picture, ..info })
}

/// Whether `address` is at the provider itself: a picture from elsewhere would tell that place who looks at it.
fn is_of_provider(how: &SignIn, address: &str) -> bool {
    let SignIn::At(provider) = how else { return false };
    let own = [Some(&provider.issuer), provider.userinfo_endpoint.as_ref()];
    origin(address).is_some_and(|at| own.into_iter().flatten().any(|known| origin(known) == Some(at)))
}

/// Scheme and host of an absolute address, as they are written.
#[must_use]
pub fn origin(address: &str) -> Option<&str> {
    let host = address.find("://")? + 3;
    let end = address[host..].find(['/', '?', '#', '\\']).map_or(address.len(), |end| host + end);
    (end > host).then(|| &address[..end])
}

async fn ask(how: &SignIn, tokens: &Tokens) -> Option<UserInfo> {
    let SignIn::At(Provider { userinfo_endpoint: Some(endpoint), .. }) = how else { return None };
    let bearer = format!("Bearer {}", tokens.access_token);
    let headers = [("accept", "application/json"), ("authorization", bearer.as_str())];
    let ask = Ask { url: endpoint, headers: &headers, patience: Some(PATIENCE), ..Ask::default() };
    let answer = fetch::send(ask).await.ok().filter(|answer| answer.status == 200)?;
    serde_json::from_str(&answer.body).ok()
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_ends_where_the_path_begins() {
        for (address, expected) in [
            ("https://issuer.example/realms/x?a#b", Some("https://issuer.example")),
            ("http://127.0.0.1:3002", Some("http://127.0.0.1:3002")),
            ("https://issuer.example\\@evil.example/", Some("https://issuer.example")),
            ("https:///x", None),
            ("/x", None),
            ("data:image/png;base64,AA", None),
        ] {
            assert_eq!(origin(address), expected, "{address}");
        }
    }
}
