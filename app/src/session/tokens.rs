//! The tokens of a session and their place in localStorage.

use gloo_storage::{LocalStorage, Storage};

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
            access_token: LocalStorage::get(ACCESS_TOKEN).ok()?,
            id_token: LocalStorage::get(ID_TOKEN).ok(),
            refresh_token: LocalStorage::get(REFRESH_TOKEN).ok(),
            expires_at: LocalStorage::get(EXPIRES_AT).ok()?,
            scopes: Scopes::parse(&LocalStorage::get::<String>(SCOPES).ok()?),
        };
        (tokens.seconds_left(now) > 0).then_some(tokens)
    }

    /// Keeps these tokens in place of any others.
    pub fn save(&self) {
        Self::clear();
        // A browser that refuses leaves the person signed out, which `Session::accept` then shows.
        let _ = LocalStorage::set(ACCESS_TOKEN, &self.access_token);
        let _ = LocalStorage::set(EXPIRES_AT, self.expires_at);
        let _ = LocalStorage::set(SCOPES, self.scopes.to_string());
        if let Some(id_token) = &self.id_token {
            let _ = LocalStorage::set(ID_TOKEN, id_token);
        }
        if let Some(refresh_token) = &self.refresh_token {
            let _ = LocalStorage::set(REFRESH_TOKEN, refresh_token);
        }
    }

    /// Removes everything that [`Tokens::save`] keeps, and nothing else.
    pub fn clear() {
        for key in [ACCESS_TOKEN, ID_TOKEN, REFRESH_TOKEN, EXPIRES_AT, SCOPES] {
            LocalStorage::delete(key);
        }
    }

    /// How long the access token is still good for.
    #[must_use]
    pub fn seconds_left(&self, now: u64) -> u64 {
        self.expires_at.saturating_sub(now)
    }

    /// The access token that is kept, whatever else is.
    pub(super) fn access_token() -> Option<String> {
        LocalStorage::get(ACCESS_TOKEN).ok()
    }
}
