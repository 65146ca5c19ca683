//! Who the person is, as the provider's userinfo endpoint says (OpenID Connect Core §5.3).

use std::cell::Cell;

use leptos::logging::warn;
use portcullis::sign_in::{Provider, SignIn};

use crate::embedded_config::embedded_config;
use crate::fetch::{self, PROVIDER_TIMEOUT, Request};
use crate::json::JsonObject;
use crate::tokens::Tokens;

/// What the profile page shows about a person. No text in it is blank.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserInfo {
    /// The subject: the person's ID at the provider.
    pub sub: String,
    /// The full name.
    pub name: Option<String>,
    /// The URL of a picture, at the provider itself.
    pub picture: Option<String>,
    /// The email address.
    pub email: Option<String>,
}

impl UserInfo {
    /// Creates it from claims, which `text` returns by name. Returns `None` without a subject. A blank text counts as
    /// missing.
    fn from_claims(text: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let text = |name| text(name).filter(|value| !value.trim().is_empty());
        Some(Self { sub: text("sub")?, name: text("name"), picture: text("picture"), email: text("email") })
    }

    /// Returns the name, or else the email address, or else the subject.
    #[must_use]
    pub fn display_name(&self) -> String {
        self.name.as_ref().or(self.email.as_ref()).unwrap_or(&self.sub).clone()
    }

    /// Returns what the ID token in `tokens` says about the person, or `None` without an ID token.
    #[must_use]
    pub fn from_id_token(tokens: &Tokens) -> Option<Self> {
        let claims = JsonObject::claims(tokens.id_token.as_deref()?)?;
        Self::from_claims(|name| claims.text(name))
    }
}

/// Why the response of the userinfo endpoint is ignored. The page shows the ID token's claims then.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
enum EndpointError {
    /// There is no response, or none that other origins may read.
    #[error("it could not be reached")]
    Unreachable,
    /// A provider whose access tokens are for our API only (RFC 8707) refuses them at its own endpoint.
    #[error("it answered with status {0}")]
    Status(u16),
    /// The response is `application/jwt` (OpenID Connect Core §5.3.2). The browser has no keys to verify it with, and
    /// does not need it: the ID token, which the server verified, names the person.
    #[error(
        "the answer is signed or encrypted (application/jwt), which is not supported; let the provider answer JSON"
    )]
    Signed,
    /// The response is neither JSON nor a JWT, or has no subject.
    #[error("the answer is no JSON object with a subject")]
    Unreadable,
}

thread_local! {
    /// The last warning in the console, so that it is not repeated.
    static LAST_WARNING: Cell<Option<EndpointError>> = const { Cell::new(None) };
}

/// Why there is no profile to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UserInfoError {
    /// There is no ID token, so nobody knows whose data the endpoint would return.
    #[error("The identity provider did not say who signed in, so no profile is shown.")]
    NoIdToken,
    /// The response is about someone else, and must not be used (OpenID Connect Core §5.3.2).
    #[error("The identity provider answered about another person, so nothing of it is shown.")]
    AnotherPerson,
}

/// Asks the provider about the person whose `tokens` these are. If the endpoint does not answer, returns what the ID
/// token says: a provider may have no such endpoint, or refuse access tokens that are for our API only (RFC 8707).
///
/// # Errors
/// [`UserInfoError`] if there is no ID token, or the endpoint names another subject.
pub async fn userinfo(tokens: &Tokens) -> Result<UserInfo, UserInfoError> {
    let sign_in = embedded_config();
    let known = UserInfo::from_id_token(tokens).ok_or(UserInfoError::NoIdToken)?;
    let SignIn::At(Provider { userinfo_endpoint: Some(endpoint), .. }) = &sign_in else {
        return Ok(without_foreign_picture(&sign_in, known));
    };
    let response = fetch_userinfo(endpoint, tokens).await;
    let error = response.as_ref().err().copied();
    if let Some(why) = error.filter(|why| LAST_WARNING.get() != Some(*why)) {
        warn!("What the provider's userinfo endpoint says is left out: {why}. The ID token's claims are shown.");
    }
    LAST_WARNING.set(error);
    match response {
        Ok(info) if info.sub == known.sub => Ok(without_foreign_picture(&sign_in, info)),
        Ok(_) => Err(UserInfoError::AnotherPerson),
        Err(_) => Ok(without_foreign_picture(&sign_in, known)),
    }
}

/// Returns `info` without a picture that is not at the provider: it would tell another site who looks at it.
fn without_foreign_picture(sign_in: &SignIn, info: UserInfo) -> UserInfo {
    let picture = info.picture.filter(|picture| is_at_provider(sign_in, picture));
    UserInfo { picture, ..info }
}

fn is_at_provider(sign_in: &SignIn, url: &str) -> bool {
    let SignIn::At(provider) = sign_in else { return false };
    let own = [Some(&provider.issuer), provider.userinfo_endpoint.as_ref()];
    origin(url).is_some_and(|at| own.into_iter().flatten().any(|known| origin(known) == Some(at)))
}

/// Returns scheme and host of an absolute URL, as they are written.
fn origin(url: &str) -> Option<&str> {
    let host = url.find("://")? + 3;
    let end = url[host..].find(['/', '?', '#', '\\']).map_or(url.len(), |end| host + end);
    (end > host).then(|| &url[..end])
}

async fn fetch_userinfo(endpoint: &str, tokens: &Tokens) -> Result<UserInfo, EndpointError> {
    let bearer = format!("Bearer {}", tokens.access_token);
    let headers = [("accept", "application/json"), ("authorization", bearer.as_str())];
    let request = Request { url: endpoint, headers: &headers, timeout: Some(PROVIDER_TIMEOUT), ..Request::default() };
    let response = fetch::send(request).await.map_err(|_| EndpointError::Unreachable)?;
    if response.status != 200 {
        return Err(EndpointError::Status(response.status));
    }
    // Decided by the body and not by its type: some providers send JSON as `text/plain`.
    if is_compact_jwt(&response.body) {
        return Err(EndpointError::Signed);
    }
    // fetch drops only the first byte order mark, and JSON has none.
    let claims = JsonObject::parse(response.body.trim_start_matches('\u{feff}')).ok_or(EndpointError::Unreadable)?;
    UserInfo::from_claims(|name| claims.text(name)).ok_or(EndpointError::Unreadable)
}

/// Returns whether `body` is a compact JWT: signed (three parts) or encrypted (five).
fn is_compact_jwt(body: &str) -> bool {
    let is_part = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let body = body.trim();
    body.starts_with("ey") && matches!(body.split('.').count(), 3 | 5) && body.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::{UserInfo, is_compact_jwt, origin};

    fn read(claims: &[(&str, &str)]) -> Option<UserInfo> {
        UserInfo::from_claims(|name| {
            claims.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn userinfo_blank_name_falls_back_to_email_then_subject() {
        let display_name = |claims: &[(&str, &str)]| read(claims).map(|info| info.display_name());
        let email = ("email", "ada@example.org");
        assert_eq!(display_name(&[("sub", "s"), ("name", "Ada"), email]).as_deref(), Some("Ada"));
        for blank in ["", " ", "\t\n"] {
            assert_eq!(display_name(&[("sub", "s"), ("name", blank), email]).as_deref(), Some("ada@example.org"));
            assert_eq!(display_name(&[("sub", "s"), ("name", blank), ("email", blank)]).as_deref(), Some("s"));
            assert_eq!(read(&[("sub", "s"), ("picture", blank)]).and_then(|info| info.picture), None);
            assert_eq!(read(&[("sub", blank), ("name", "Ada")]), None);
        }
    }

    #[test]
    fn userinfo_jwt_is_distinguished_from_json() {
        for jwt in ["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln", " eyJh.a.b.c.d\n", "eyJhbGciOiJub25lIn0.e30."] {
            assert!(is_compact_jwt(jwt), "{jwt}");
        }
        for other in [r#"{"sub":"a.b.c"}"#, "eyJh.a", "a.b.c", "", "<html>a.b.c</html>"] {
            assert!(!is_compact_jwt(other), "{other}");
        }
    }

    #[test]
    fn origin_ends_where_the_path_starts() {
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
