//! The tokens of a session, and whose they are.

use std::fmt;
use std::sync::Arc;

use portcullis::Scopes;

use crate::json::JsonObject;

/// What a sign-in or a refresh returned.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The bearer token for our server.
    pub access_token: String,
    /// Says who signed in, for this client only. Missing if `openid` was not requested.
    pub id_token: Option<String>,
    /// Gets a new access token, if the provider issues one.
    pub refresh_token: Option<String>,
    /// When the access token expires, in seconds since 1970 by our server's clock.
    pub expires_at: u64,
    /// When the access token should be refreshed, by the same clock.
    pub refresh_at: u64,
    /// The scopes that our server reads from the access token.
    pub scopes: Scopes,
    /// Whose tokens they are. Refreshes keep it.
    pub principal: Arc<Principal>,
}

/// The person and the sign-in that tokens belong to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Principal {
    /// A random ID of the sign-in. Refreshes keep it.
    pub sign_in: String,
    /// The provider that issued the tokens.
    pub issuer: String,
    /// The client that they were issued to.
    pub client_id: String,
    /// The `sub` of the access token, as our server reads it. It may differ from that of the ID token.
    pub subject: Option<String>,
    /// The `sub` of the ID token of the sign-in.
    pub id_subject: Option<String>,
    /// The `nonce` of the sign-in, for the ID tokens of refreshes (OpenID Connect Core §12.2).
    pub nonce: Option<String>,
    /// The scopes that the sign-in requested, by the provider's names.
    pub requested_scopes: Scopes,
}

impl Principal {
    /// Returns whether a token names a subject. Without one, no later sign-in is known to be the same person's.
    #[must_use]
    pub fn is_named(&self) -> bool {
        [&self.subject, &self.id_subject].into_iter().flatten().any(|subject| !subject.is_empty())
    }

    /// Returns a key that is equal only for the same person. A subject means nothing without its issuer. If no token
    /// names a subject, each sign-in counts as another person.
    #[must_use]
    pub fn person_key(&self) -> String {
        let subject = |subject: &Option<String>| subject.clone().unwrap_or_default();
        let (subject, id_subject) = (subject(&self.subject), subject(&self.id_subject));
        let sign_in = if subject.is_empty() && id_subject.is_empty() { self.sign_in.as_str() } else { "" };
        // No subject that a header or a URL can carry holds a line break, so no two people share a key.
        [self.issuer.as_str(), subject.as_str(), id_subject.as_str(), sign_in].join("\n")
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl Tokens {
    /// Creates tokens that hold only the `access_token` of `principal`, already expired.
    #[must_use]
    pub fn new(access_token: &str, principal: Principal) -> Self {
        Self {
            access_token: access_token.to_owned(),
            id_token: None,
            refresh_token: None,
            expires_at: 0,
            refresh_at: 0,
            scopes: Scopes::default(),
            principal: Arc::new(principal),
        }
    }

    /// Returns how many seconds the access token is still valid.
    #[must_use]
    pub fn seconds_left(&self, now: u64) -> u64 {
        self.expires_at.saturating_sub(now)
    }

    /// Returns [`Principal::person_key`] of the person whose tokens these are.
    #[must_use]
    pub fn person_key(&self) -> String {
        self.principal.person_key()
    }
}

/// Returns the issuer and subject in `token`, if it is a JWT that names both.
pub fn subject_of(token: &str) -> Option<String> {
    let claims = JsonObject::claims(token)?;
    Some(claims.text("iss")? + " " + &claims.text("sub")?)
}

/// Returns after how many seconds to refresh a token that lives for `lifetime` seconds: at three quarters, or a minute
/// before it expires if that is sooner, but not in its first half.
#[must_use]
pub fn refresh_delay(lifetime: u64) -> u64 {
    let a_minute_before = lifetime.saturating_sub(60).max(lifetime / 2);
    a_minute_before.min(lifetime - lifetime / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_refreshed_well_before_it_expires() {
        for (lifetime, after) in
            [(0, 0), (10, 5), (60, 30), (120, 60), (200, 140), (300, 225), (900, 675), (3600, 2700)]
        {
            assert_eq!(refresh_delay(lifetime), after, "{lifetime}");
        }
    }

    fn principal(subject: Option<&str>, id_subject: Option<&str>, sign_in: &str) -> Principal {
        Principal {
            sign_in: sign_in.into(),
            issuer: "https://issuer.example".into(),
            subject: subject.map(Into::into),
            id_subject: id_subject.map(Into::into),
            ..Principal::default()
        }
    }

    #[test]
    fn principal_same_subjects_is_one_person() {
        let first = principal(Some("api-1"), Some("ada"), "a");
        assert_eq!(first.person_key(), principal(Some("api-1"), Some("ada"), "b").person_key());
        for other in [
            principal(Some("api-2"), Some("ada"), "a"),
            principal(Some("api-1"), Some("eve"), "a"),
            principal(None, Some("ada"), "a"),
            Principal { issuer: "https://other.example".into(), ..first.clone() },
        ] {
            assert_ne!(first.person_key(), other.person_key(), "{other:?}");
        }
    }

    #[test]
    fn principal_without_subject_is_one_sign_in() {
        assert_eq!(principal(None, None, "a").person_key(), principal(None, None, "a").person_key());
        assert_ne!(principal(None, None, "a").person_key(), principal(None, None, "b").person_key());
    }
}
