//! The tokens of a session and their place in localStorage.

use super::storage::{Kept, StorageFault};
use crate::policy::Scopes;

const ACCESS_TOKEN: &str = "access_token";
const ID_TOKEN: &str = "id_token";
const REFRESH_TOKEN: &str = "refresh_token";
const EXPIRES_AT: &str = "expires_at";
const SCOPES: &str = "scopes";

/// What a sign-in brought.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The bearer token for our server.
    pub access_token: String,
    /// Who signed in, for this client alone; missing where `openid` was not asked for.
    pub id_token: Option<String>,
    /// For a new access token, where the provider gives one.
    pub refresh_token: Option<String>,
    /// When the access token expires, in seconds since 1970.
    pub expires_at: u64,
    /// What was granted.
    pub scopes: Scopes,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl Tokens {
    /// Reads the tokens that are kept, if they are whole and not expired at `now` (seconds since 1970).
    #[must_use]
    pub fn load(now: u64) -> Option<Self> {
        let tokens = Self {
            access_token: Self::access_token()?,
            id_token: Kept::Everywhere.text(ID_TOKEN),
            refresh_token: Kept::Everywhere.text(REFRESH_TOKEN),
            expires_at: Kept::Everywhere.number(EXPIRES_AT)?,
            scopes: Scopes::parse(&Kept::Everywhere.text(SCOPES)?),
        };
        (tokens.seconds_left(now) > 0).then_some(tokens)
    }

    /// Keeps these tokens in place of any others: all of them or none.
    ///
    /// # Errors
    /// When the browser does not keep them.
    pub fn save(&self) -> Result<(), StorageFault> {
        Self::clear();
        let keep = || {
            Kept::Everywhere.set(ACCESS_TOKEN, &self.access_token)?;
            Kept::Everywhere.set(EXPIRES_AT, &self.expires_at)?;
            Kept::Everywhere.set(SCOPES, &self.scopes.to_string())?;
            if let Some(id_token) = &self.id_token {
                Kept::Everywhere.set(ID_TOKEN, id_token)?;
            }
            match &self.refresh_token {
                Some(refresh_token) => Kept::Everywhere.set(REFRESH_TOKEN, refresh_token),
                None => Ok(()),
            }
        };
        keep().inspect_err(|_| Self::clear())
    }

    /// Removes everything that [`Tokens::save`] keeps, and nothing else.
    pub fn clear() {
        for key in [ACCESS_TOKEN, ID_TOKEN, REFRESH_TOKEN, EXPIRES_AT, SCOPES] {
            Kept::Everywhere.delete(key);
        }
    }

    /// How long the access token is still good for.
    #[must_use]
    pub fn seconds_left(&self, now: u64) -> u64 {
        self.expires_at.saturating_sub(now)
    }

    /// The access token that is kept, whatever else is. One that could not stand in a header is none
    /// (RFC 6750 §2.1): it would make fetch throw.
    pub(super) fn access_token() -> Option<String> {
        let token = Kept::Everywhere.text(ACCESS_TOKEN)?;
        (!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())).then_some(token)
    }
}
