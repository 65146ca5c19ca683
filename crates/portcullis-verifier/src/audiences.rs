//! The audiences that access tokens may name (RFC 7519 §4.1.3, RFC 9068 §2.2). Pure.

use std::sync::Arc;

use super::AuthError;
use super::claims::Claims;
use super::json::Value;

/// The audiences that one issuer's access tokens may name, and the clients whose tokens need none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audiences {
    names: Arc<[Arc<str>]>,
    clients: Arc<[Arc<str>]>,
    /// All accepted values, for error messages.
    expected: Arc<str>,
}

impl Audiences {
    /// Accepts the audiences `names`. A token without `aud` is accepted from one of `clients` only.
    #[must_use]
    pub fn new(names: &[&str], clients: &[&str]) -> Self {
        let clients_shown = clients.iter().map(|client| format!("client_id={client}"));
        let expected: Vec<String> = names.iter().map(|name| (*name).to_owned()).chain(clients_shown).collect();
        Self {
            names: names.iter().map(|name| (*name).into()).collect(),
            clients: clients.iter().map(|client| (*client).into()).collect(),
            expected: expected.join(" or ").into(),
        }
    }

    /// Returns the audience to request at sign-in, or `None` if only clients are accepted.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.names.first().map(|name| &**name)
    }

    /// Returns the audiences, without the clients.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// Returns whether tokens of the client `id` can be accepted at all: for an audience, or without one.
    #[must_use]
    pub fn accepts_client(&self, id: &str) -> bool {
        !self.names.is_empty() || self.clients.iter().any(|known| &**known == id)
    }

    /// Returns all accepted values, for error messages.
    #[must_use]
    pub fn expected(&self) -> &Arc<str> {
        &self.expected
    }

    /// Checks the audience of the token.
    ///
    /// # Errors
    /// [`AuthError::Audience`] if it is not accepted, [`AuthError::Claim`] if a token without `aud` does not say that it
    /// is an access token.
    pub(super) fn check(&self, claims: &Claims<'_>) -> Result<(), AuthError> {
        let error = || AuthError::Audience(self.expected.clone());
        match claims.0.get("aud") {
            // Cognito's access tokens name the client, and `token_use` tells them from its ID tokens.
            None if !self.clients.is_empty() => {
                if claims.text("token_use")? != Some("access") {
                    return Err(AuthError::Claim("token_use"));
                }
                let client = claims.text("client_id")?;
                if self.clients.iter().any(|known| Some(&**known) == client) { Ok(()) } else { Err(error()) }
            }
            // A list must contain strings only.
            Some(Value::List(list)) if list.iter().any(|value| value.as_text().is_none()) => Err(error()),
            _ if claims.audiences().any(|audience| self.names().any(|name| name == audience)) => Ok(()),
            _ => Err(error()),
        }
    }
}

impl From<&str> for Audiences {
    fn from(audience: &str) -> Self {
        Self::new(&[audience], &[])
    }
}
