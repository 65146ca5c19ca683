//! The claims of an access token and the rules for them (RFC 7519 §4.1, RFC 9068 §2.2). Pure.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::AuthError;
use super::audiences::Audiences;
use super::header::{ACCESS_TOKEN_TYPES, STRICT_TYPE};
use super::json::{Object, Value};
use super::rights::{Rights, SCOPE_CLAIMS};

/// The default difference that is allowed between the clocks of the provider and of this server, in seconds.
///
/// NTP keeps clocks much closer, and an expired token stays valid for this time.
pub const DEFAULT_LEEWAY: f64 = 5.0;
/// The largest leeway that can be configured, in seconds. A larger difference must be fixed, not tolerated.
pub const MAX_LEEWAY: f64 = 60.0;

/// The rules for the claims of one issuer.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The issuer, compared byte by byte (RFC 9207 §2.4, RFC 3986 §6.2.1).
    pub issuer: Arc<str>,
    /// The accepted audiences.
    pub audiences: Audiences,
    /// The client that users sign in with at this issuer, if known: the audience of its ID tokens.
    pub client_id: Option<Arc<str>>,
    /// Whether tokens must follow RFC 9068 §2 exactly: its type, and every claim that it requires.
    pub strict: bool,
    /// The allowed difference between clocks, in seconds: at most [`MAX_LEEWAY`].
    pub leeway: f64,
    /// Which claims carry rights.
    pub rights: Arc<Rights>,
    /// The scopes of this server. All others are dropped. `None` keeps every scope.
    pub known_scopes: Option<Arc<BTreeSet<String>>>,
}

impl Rules {
    /// Creates the rules for tokens of `issuer` for `audience`, with defaults for everything else.
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

    /// Returns the known scopes that the claims `token` grant, each once. A token may contain thousands of others, and
    /// its sender must not decide how much memory the server uses for it.
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

/// Claims of ID tokens only (OpenID Connect Core §3.1.3.6 and §3.3.2.11, FAPI 1.0 §5.2.2.1).
pub const ID_TOKEN_HASHES: [&str; 3] = ["at_hash", "c_hash", "s_hash"];

/// The claims of a token.
pub struct Claims<'a>(pub &'a Object<'a>);

impl Claims<'_> {
    /// Checks the claims by `rules` at `now` (seconds since 1970), and returns when they expire (seconds since 1970).
    /// `is_access_token`: the `typ` of the header says so.
    ///
    /// # Errors
    /// In this order: [`AuthError::IdToken`], [`AuthError::Type`], [`AuthError::NotActive`], [`AuthError::Expired`],
    /// [`AuthError::Audience`], [`AuthError::Issuer`], [`AuthError::Claim`], [`AuthError::SenderConstrained`].
    /// [`AuthError::Claim`] also replaces the error of a claim that has the wrong type.
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
        // The token is bound to a key of its sender (RFC 7800 §3.1, RFC 8705 §3, RFC 9449 §6). Without a proof of
        // possession of that key it may be stolen.
        if self.0.get("cnf").is_some() {
            return Err(AuthError::SenderConstrained);
        }
        Ok(expires)
    }

    /// Returns a time (NumericDate, RFC 7519 §2), in seconds since 1970.
    ///
    /// # Errors
    /// [`AuthError::Claim`] if it is not a number.
    pub fn time(&self, name: &'static str) -> Result<Option<f64>, AuthError> {
        self.0.get(name).map(|value| value.as_number().ok_or(AuthError::Claim(name))).transpose()
    }

    /// Returns a claim that must be a string if it is present.
    ///
    /// # Errors
    /// [`AuthError::Claim`] if it is not a string.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, AuthError> {
        self.0.get(name).map(|value| value.as_text().ok_or(AuthError::Claim(name))).transpose()
    }

    /// Returns the strings of a claim that is a string or a list.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let all = match self.0.get(name) {
            Some(Value::List(list)) => list.as_slice(),
            Some(single) => std::slice::from_ref(single),
            None => &[],
        };
        all.iter().filter_map(Value::as_text)
    }

    /// Returns whether these are the claims of an ID token.
    ///
    /// Usually the audience differs. If client and API share an audience, these claims decide: the hashes, the types
    /// that Keycloak and Cognito set, and a nonce without any sign of an access token. An ID token without all of these
    /// looks like an access token, and only `AUTH_STRICT` rejects it. `client_id`: the client that users sign in with,
    /// if known.
    pub fn is_id_token(&self, client_id: Option<&str>) -> bool {
        let says = |name: &str, value: &str| self.0.get(name).and_then(Value::as_text) == Some(value);
        says("typ", "ID")
            || says("token_use", "id")
            || ID_TOKEN_HASHES.into_iter().any(|name| self.0.get(name).is_some())
            || (self.0.get("nonce").is_some() && !self.may_have_nonce(client_id))
    }

    /// Returns whether an access token may have this nonce: authentik, Dex and old versions of Keycloak copy it there.
    /// Such a token lists scopes, or its audience is an API and not the client.
    fn may_have_nonce(&self, client_id: Option<&str>) -> bool {
        let is_for_another = |client: &str| self.audiences().all(|audience| audience != client);
        self.0.get("typ").and_then(Value::as_text) == Some("Bearer")
            || SCOPE_CLAIMS.into_iter().any(|name| self.texts(name).any(is_something))
            || client_id.is_some_and(is_for_another)
    }

    /// Returns whether a token without an explicit type in its header may be an access token. Keycloak sets the type as
    /// a claim, and logout and security event tokens have `events` (RFC 8417 §2.2).
    fn may_be_access_token(&self) -> bool {
        let named = self.0.get("typ").map(Value::as_text);
        self.0.get("events").is_none() && named.is_none_or(|typ| matches!(typ, Some("Bearer" | "at+jwt")))
    }

    /// Returns the subject, if the token has one.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.get("sub").and_then(Value::as_text)
    }

    /// Returns the audiences: the strings of `aud`.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.texts("aud")
    }
}

fn is_something(text: &str) -> bool {
    !text.trim().is_empty()
}

#[cfg(test)]
mod tests;
