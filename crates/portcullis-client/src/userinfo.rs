//! Who the person is, as the provider's userinfo endpoint says (OpenID Connect Core §5.3).

use std::cell::Cell;

use js_sys::{JSON, Object};
use leptos::logging::warn;
use leptos::wasm_bindgen::JsCast;
use portcullis::sign_in::{Provider, SignIn};

use crate::fetch::{self, Ask, PATIENCE};
use crate::tokens::{Claims, Tokens};

/// What the profile page shows of a person. No text in it is blank.
#[derive(Clone, PartialEq, Eq, Debug)]
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
    /// Reads the claims that `text` returns by their names; none without a subject. A blank text says nothing.
    fn read(text: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let text = |name| text(name).filter(|value| !value.trim().is_empty());
        Some(Self { sub: text("sub")?, name: text("name"), picture: text("picture"), email: text("email") })
    }

    /// What to call them: the name, else the e-mail address, else the subject.
    #[must_use]
    pub fn display_name(&self) -> String {
        self.name.as_ref().or(self.email.as_ref()).unwrap_or(&self.sub).clone()
    }

    /// What the sign-in itself said of the person whose `tokens` these are; none without an ID token.
    #[must_use]
    pub fn of(tokens: &Tokens) -> Option<Self> {
        let claims = Claims::of(tokens.id_token.as_deref()?)?;
        Self::read(|name| claims.text(name))
    }
}

/// Why the answer of the userinfo endpoint is ignored. The ID token's claims are shown then.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
enum EndpointError {
    /// No answer, or none that other origins may read.
    #[error("it could not be reached")]
    Unreachable,
    /// A provider whose access tokens are for our API alone (RFC 8707) refuses them at its own endpoint.
    #[error("it answered with status {0}")]
    Status(u16),
    /// `application/jwt` (OpenID Connect Core §5.3.2). The browser has no keys to verify it with, and what it says need not
    /// be believed: the ID token, which the server verified, names the person.
    #[error(
        "the answer is signed or encrypted (application/jwt), which is not supported; let the provider answer JSON"
    )]
    Signed,
    /// Neither JSON nor a JWT, or without a subject.
    #[error("the answer is no JSON object with a subject")]
    Unreadable,
}

thread_local! {
    /// What was last said in the console, so that it is said once.
    static LAST_WARNING: Cell<Option<EndpointError>> = const { Cell::new(None) };
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
    let SignIn::At(Provider { userinfo_endpoint: Some(endpoint), .. }) = how else { return Ok(shown(how, known)) };
    let answer = ask(endpoint, tokens).await;
    let error = answer.as_ref().err().copied();
    if let Some(why) = error.filter(|why| LAST_WARNING.get() != Some(*why)) {
        warn!("What the provider's userinfo endpoint says is left out: {why}. The ID token's claims are shown.");
    }
    LAST_WARNING.set(error);
    match answer {
        Ok(info) if info.sub == known.sub => Ok(shown(how, info)),
        Ok(_) => Err(UserInfoFault::AnotherPerson),
        Err(_) => Ok(shown(how, known)),
    }
}

/// What is shown of `info`.
fn shown(how: &SignIn, info: UserInfo) -> UserInfo {
    let picture = info.picture.filter(|picture| is_of_provider(how, picture));
    UserInfo { picture, ..info }
}

/// Whether `address` is at the provider itself: a picture from elsewhere would tell that place who looks at it.
fn is_of_provider(how: &SignIn, address: &str) -> bool {
    let SignIn::At(provider) = how else { return false };
    let own = [Some(&provider.issuer), provider.userinfo_endpoint.as_ref()];
    origin(address).is_some_and(|at| own.into_iter().flatten().any(|known| origin(known) == Some(at)))
}

/// Scheme and host of an absolute address, as they are written.
fn origin(address: &str) -> Option<&str> {
    let host = address.find("://")? + 3;
    let end = address[host..].find(['/', '?', '#', '\\']).map_or(address.len(), |end| host + end);
    (end > host).then(|| &address[..end])
}

async fn ask(endpoint: &str, tokens: &Tokens) -> Result<UserInfo, EndpointError> {
    let bearer = format!("Bearer {}", tokens.access_token);
    let headers = [("accept", "application/json"), ("authorization", bearer.as_str())];
    let ask = Ask { url: endpoint, headers: &headers, patience: Some(PATIENCE), ..Ask::default() };
    let answer = fetch::send(ask).await.map_err(|_| EndpointError::Unreachable)?;
    if answer.status != 200 {
        return Err(EndpointError::Status(answer.status));
    }
    // The body and not its type: providers send JSON as `text/plain`, too.
    if is_compact_jwt(&answer.body) {
        return Err(EndpointError::Signed);
    }
    // A byte order mark is nothing that `parse` takes, and `fetch` drops only the first.
    let object =
        JSON::parse(answer.body.trim_start_matches('\u{feff}')).ok().and_then(|json| json.dyn_into::<Object>().ok());
    let claims = Claims(object.ok_or(EndpointError::Unreadable)?.into());
    UserInfo::read(|name| claims.text(name)).ok_or(EndpointError::Unreadable)
}

/// Whether `body` is a JWT in its compact form: signed (three parts) or encrypted (five).
fn is_compact_jwt(body: &str) -> bool {
    let is_part = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let body = body.trim();
    body.starts_with("ey") && matches!(body.split('.').count(), 3 | 5) && body.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::{UserInfo, is_compact_jwt, origin};

    fn read(claims: &[(&str, &str)]) -> Option<UserInfo> {
        UserInfo::read(|name| claims.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn userinfo_blank_name_falls_back_to_email_then_subject() {
        let called = |claims: &[(&str, &str)]| read(claims).map(|info| info.display_name());
        let email = ("email", "ada@example.org");
        assert_eq!(called(&[("sub", "s"), ("name", "Ada"), email]).as_deref(), Some("Ada"));
        for blank in ["", " ", "\t\n"] {
            assert_eq!(called(&[("sub", "s"), ("name", blank), email]).as_deref(), Some("ada@example.org"));
            assert_eq!(called(&[("sub", "s"), ("name", blank), ("email", blank)]).as_deref(), Some("s"));
            assert_eq!(read(&[("sub", "s"), ("picture", blank)]).and_then(|info| info.picture), None);
            assert_eq!(read(&[("sub", blank), ("name", "Ada")]), None);
        }
    }

    #[test]
    fn userinfo_jwt_is_told_from_json() {
        for jwt in ["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln", " eyJh.a.b.c.d\n", "eyJhbGciOiJub25lIn0.e30."] {
            assert!(is_compact_jwt(jwt), "{jwt}");
        }
        for other in [r#"{"sub":"a.b.c"}"#, "eyJh.a", "a.b.c", "", "<html>a.b.c</html>"] {
            assert!(!is_compact_jwt(other), "{other}");
        }
    }

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
