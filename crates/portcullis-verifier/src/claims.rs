//! The claims of an access token and the rules for them (RFC 7519 §4.1, RFC 9068 §2.2). Pure.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::AuthError;
use super::audiences::Audiences;
use super::header::{ACCESS_TOKEN_TYPES, STRICT_TYPE};
use super::json::{Object, Value};
use super::rights::{Rights, SCOPE_CLAIMS};

/// How far the clocks of the provider and of this server may be apart unless the operator says otherwise, in seconds.
///
/// Servers keep their clocks by NTP: seconds are generous, and every second is one that an expired token lives.
pub const DEFAULT_LEEWAY: f64 = 5.0;
/// The largest leeway that can be set, in seconds. Clocks that are further apart must be corrected, not tolerated.
pub const MAX_LEEWAY: f64 = 60.0;

/// What tokens must say.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The issuer, compared byte by byte (RFC 9207 §2.4, RFC 3986 §6.2.1).
    pub issuer: Arc<str>,
    /// Whom tokens may be meant for.
    pub audiences: Audiences,
    /// The client that people sign in with at this issuer, where that is known: the audience of its ID tokens.
    pub client_id: Option<Arc<str>>,
    /// Whether tokens must keep to the letter of RFC 9068 §2: its type, and every claim that it requires.
    pub strict: bool,
    /// How far the clocks may be apart, in seconds: at most [`MAX_LEEWAY`].
    pub leeway: f64,
    /// Which claims carry rights.
    pub rights: Arc<Rights>,
    /// The scopes that mean something here; all others are dropped. `None` keeps every scope.
    pub known_scopes: Option<Arc<BTreeSet<String>>>,
}

impl Rules {
    /// The rules for tokens of `issuer` for `audience`, with the default for everything else.
    #[must_use]
    pub fn new(issuer: impl Into<Arc<str>>, audience: &str) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: audience.into(),
            client_id: None,
            strict: false,
            leeway: DEFAULT_LEEWAY,
            rights: Arc::default(),
            known_scopes: None,
        }
    }

    /// Returns the scopes that a token with the claims `token` grants: of the known ones, each once. A token may name
    /// thousands of others, and what is kept of it must not be the sender's choice.
    pub fn scopes<'a>(&'a self, token: &'a Object<'_>) -> Vec<&'a str> {
        let mut granted = self.rights.scopes(token);
        if let Some(known) = &self.known_scopes {
            granted.retain(|scope| known.contains(*scope));
            granted.sort_unstable();
            granted.dedup();
        }
        granted
    }
}

/// Claims that stand in ID tokens only (OpenID Connect Core §3.1.3.6 and §3.3.2.11, FAPI 1.0 §5.2.2.1).
pub const ID_TOKEN_HASHES: [&str; 3] = ["at_hash", "c_hash", "s_hash"];

/// The claims of a token.
pub struct Claims<'a>(pub &'a Object<'a>);

impl Claims<'_> {
    /// Checks the claims by `rules` at `now` (seconds since 1970), and tells when they expire. `is_access_token`:
    /// the header's `typ` does.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self, rules: &Rules, now: f64, is_access_token: bool) -> Result<f64, AuthError> {
        if !is_access_token {
            if self.is_id_token(rules.client_id.as_deref()) {
                return Err(AuthError::IdToken);
            }
            if rules.strict {
                return Err(AuthError::Type(STRICT_TYPE));
            }
            if !self.may_be_access_token() {
                return Err(AuthError::Type(ACCESS_TOKEN_TYPES));
            }
        }
        if self.time("nbf")?.is_some_and(|nbf| nbf > now + rules.leeway) {
            return Err(AuthError::NotActive);
        }
        let expires = self.time("exp")?.ok_or(AuthError::Claim("exp"))?;
        if expires + rules.leeway <= now {
            return Err(AuthError::Expired);
        }
        let issued = self.time("iat")?;
        rules.audiences.check(self)?;
        if self.text("iss")? != Some(&*rules.issuer) {
            return Err(AuthError::Issuer(rules.issuer.clone()));
        }
        let subject = self.text("sub")?;
        if rules.strict {
            for (name, there) in [
                ("sub", subject.is_some_and(is_something)),
                ("client_id", self.text("client_id")?.is_some_and(is_something)),
                ("iat", issued.is_some()),
                ("jti", self.text("jti")?.is_some_and(is_something)),
            ] {
                if !there {
                    return Err(AuthError::Claim(name));
                }
            }
        }
        // Bound to a key of the sender (RFC 7800 §3.1, RFC 8705 §3, RFC 9449 §6): as a plain bearer token it proves
        // nothing, since whoever sends it may have stolen it.
        if self.0.get("cnf").is_some() {
            return Err(AuthError::SenderConstrained);
        }
        Ok(expires)
    }

    /// A time (RFC 7519 §2, NumericDate): a number of seconds since 1970, never text.
    pub fn time(&self, name: &'static str) -> Result<Option<f64>, AuthError> {
        self.0.get(name).map(|value| value.as_number().ok_or(AuthError::Claim(name))).transpose()
    }

    /// A claim that must be text where it stands.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, AuthError> {
        self.0.get(name).map(|value| value.as_text().ok_or(AuthError::Claim(name))).transpose()
    }

    /// The texts of a claim that is one or a list of them.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let all = match self.0.get(name) {
            Some(Value::List(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        all.iter().filter_map(Value::as_text)
    }

    /// Whether these are the claims of an ID token. The audience tells one apart in most set-ups; where client and API
    /// share an audience, these do: the hashes, the types that Keycloak and Cognito name, and a nonce where nothing
    /// speaks for an access token. An ID token with none of these cannot be told apart by what it says; only
    /// `AUTH_STRICT` refuses it. `client_id`: the client that people sign in with, where that is known.
    pub fn is_id_token(&self, client_id: Option<&str>) -> bool {
        let says = |name: &str, value: &str| self.0.get(name).and_then(Value::as_text) == Some(value);
        says("typ", "ID")
            || says("token_use", "id")
            || ID_TOKEN_HASHES.into_iter().any(|name| self.0.get(name).is_some())
            || (self.0.get("nonce").is_some() && !self.may_have_nonce(client_id))
    }

    /// Whether a nonce may stand here though this is an access token: authentik, Dex and old Keycloaks copy it there.
    /// Such a token lists scopes, or is meant for an API and not for the client that the nonce is of.
    fn may_have_nonce(&self, client_id: Option<&str>) -> bool {
        let is_for_another = |client: &str| self.audiences().all(|audience| audience != client);
        self.0.get("typ").and_then(Value::as_text) == Some("Bearer")
            || SCOPE_CLAIMS.into_iter().any(|name| self.texts(name).any(is_something))
            || client_id.is_some_and(is_for_another)
    }

    /// Whether a token that does not say what it is may be an access token: Keycloak names the type of each token
    /// it signs in a claim, and `events` stands in logout and security event tokens (RFC 8417 §2.2).
    fn may_be_access_token(&self) -> bool {
        let named = self.0.get("typ").map(Value::as_text);
        self.0.get("events").is_none() && named.is_none_or(|typ| matches!(typ, Some("Bearer" | "at+jwt")))
    }

    /// The subject, where the token has one.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.get("sub").and_then(Value::as_text)
    }

    /// Whom the token is meant for: the texts of `aud`.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.texts("aud")
    }
}

fn is_something(text: &str) -> bool {
    !text.trim().is_empty()
}

#[cfg(test)]
mod tests;
