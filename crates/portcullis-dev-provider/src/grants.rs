//! Codes, tokens and sessions that the development provider has issued, each with an expiry.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use openidconnect::CsrfToken;
use portcullis::Scopes;

use crate::accounts::Account;

/// The lifetime of a code (RFC 6749 §4.1.2: at most ten minutes).
const CODE_LIFETIME: Duration = Duration::from_secs(60);
/// The lifetime of a refresh token.
const REFRESH_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The lifetime of a browser session.
const SESSION_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// What a user has granted.
#[derive(Clone)]
pub struct Grant {
    /// The account of the user.
    pub account: &'static Account,
    /// The granted scopes.
    pub scopes: Scopes,
    /// The nonce of the sign-in.
    pub nonce: Option<String>,
}

/// A grant behind a code, with the values that the client must prove.
#[derive(Clone)]
pub struct CodeGrant {
    /// The grant.
    pub grant: Grant,
    /// The redirect URI of the request. The token request must have the same (RFC 6749 §4.1.3).
    pub redirect_uri: String,
    /// The S256 challenge (RFC 7636 §4.2).
    pub challenge: String,
}

/// Values by secret name, each with its expiry.
struct Expiring<T>(Mutex<HashMap<String, (Instant, T)>>);

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Expiring<T> {
    fn keep(&self, name: String, value: T, lifetime: Duration) {
        let now = Instant::now();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (end, _)| *end > now);
        all.insert(name, (now + lifetime, value));
    }

    fn take(&self, name: &str) -> Option<T> {
        let (end, value) = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name)?;
        (end > Instant::now()).then_some(value)
    }

    fn get(&self, name: &str) -> Option<T> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(name).filter(|(end, _)| *end > Instant::now()).map(|(_, value)| value.clone())
    }
}

/// All grants and sessions.
#[derive(Default)]
pub struct Grants {
    codes: Expiring<CodeGrant>,
    refresh_tokens: Expiring<Grant>,
    access_tokens: Expiring<Grant>,
    sessions: Expiring<&'static Account>,
}

impl Grants {
    /// Issues a code for `grant`.
    pub fn new_code(&self, grant: CodeGrant) -> String {
        let code = CsrfToken::new_random().into_secret();
        self.codes.keep(code.clone(), grant, CODE_LIFETIME);
        code
    }

    /// Returns the grant of `code`. The code cannot be used again, even if the exchange fails.
    pub fn take_code(&self, code: &str) -> Option<CodeGrant> {
        self.codes.take(code)
    }

    /// Issues a refresh token for `grant`.
    pub fn new_refresh_token(&self, grant: Grant) -> String {
        let token = CsrfToken::new_random().into_secret();
        self.refresh_tokens.keep(token.clone(), grant, REFRESH_LIFETIME);
        token
    }

    /// Returns the grant of the refresh `token`. It cannot be used again: refresh tokens are rotated (RFC 9700
    /// §4.14.2).
    pub fn take_refresh_token(&self, token: &str) -> Option<Grant> {
        self.refresh_tokens.take(token)
    }

    /// Revokes `token`, of any type. The API still accepts an access token until it expires, because it is a JWT.
    pub fn revoke(&self, token: &str) {
        self.refresh_tokens.take(token);
        self.access_tokens.take(token);
    }

    /// Starts a session of `account`.
    pub fn new_session(&self, account: &'static Account) -> String {
        let session = CsrfToken::new_random().into_secret();
        self.sessions.keep(session.clone(), account, SESSION_LIFETIME);
        session
    }

    /// Returns the account of `session`.
    pub fn of_session(&self, session: &str) -> Option<&'static Account> {
        self.sessions.get(session)
    }

    /// Ends `session`.
    pub fn take_session(&self, session: &str) {
        self.sessions.take(session);
    }

    /// Stores the grant of `access_token`.
    pub fn keep_access_token(&self, access_token: String, grant: Grant, lifetime: Duration) {
        self.access_tokens.keep(access_token, grant, lifetime);
    }

    /// Returns the grant of `access_token`.
    pub fn of_access_token(&self, access_token: &str) -> Option<Grant> {
        self.access_tokens.get(access_token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_expired_code_is_removed() {
        let kept = Expiring::default();
        kept.keep("long".into(), 1, Duration::from_secs(60));
        kept.keep("over".into(), 2, Duration::ZERO);
        assert_eq!((kept.get("over"), kept.take("over")), (None, None));
        assert_eq!((kept.get("long"), kept.take("long"), kept.take("long")), (Some(1), Some(1), None));
        assert!(CODE_LIFETIME <= Duration::from_secs(60), "codes are short-lived");
    }
}
