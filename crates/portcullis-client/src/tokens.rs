//! The tokens of a session, and whose they are.

use std::sync::Arc;

use js_sys::{JSON, Reflect};
use leptos::prelude::window;
use leptos::wasm_bindgen::JsValue;
use portcullis::Scopes;

/// What a sign-in or a refresh brought.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The bearer token for our server.
    pub access_token: String,
    /// Who signed in, for this client alone; missing where `openid` was not asked for.
    pub id_token: Option<String>,
    /// For a new access token, where the provider gives one.
    pub refresh_token: Option<String>,
    /// When the access token expires, in seconds since 1970 by our server's clock.
    pub expires_at: u64,
    /// When it should be renewed, by the same clock.
    pub renew_at: u64,
    /// The scopes that our server reads from the access token.
    pub scopes: Scopes,
    /// Whose they are; the same through all refreshes.
    pub principal: Arc<Principal>,
}

/// Whose tokens these are, and which sign-in they come from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Principal {
    /// A random name of the sign-in. Every refresh keeps it.
    pub sign_in: String,
    /// The provider that issued the tokens.
    pub issuer: String,
    /// The client that they were issued to.
    pub client_id: String,
    /// The `sub` of the access token, as our server reads it; it may differ from that of the ID token.
    pub subject: Option<String>,
    /// The `sub` of the ID token of the sign-in.
    pub id_subject: Option<String>,
    /// The `nonce` of the sign-in, for the ID tokens of refreshes (OpenID Connect Core §12.2).
    pub nonce: Option<String>,
    /// The scopes that the sign-in asked the provider for, by the provider's names.
    pub asked: Scopes,
}

impl Principal {
    /// Whether a token names a subject. Without one, no later sign-in is known to be the same person's.
    #[must_use]
    pub fn is_named(&self) -> bool {
        [&self.subject, &self.id_subject].into_iter().flatten().any(|subject| !subject.is_empty())
    }

    /// Whose tokens these are, to compare: a subject means nothing without its issuer. Where no token names a subject,
    /// only the sign-in itself tells people apart.
    #[must_use]
    pub fn name(&self) -> String {
        let subject = |subject: &Option<String>| subject.clone().unwrap_or_default();
        let (subject, id_subject) = (subject(&self.subject), subject(&self.id_subject));
        let sign_in = if subject.is_empty() && id_subject.is_empty() { self.sign_in.as_str() } else { "" };
        // A line break stands in no subject that a header or a URL could carry, so no two people share a name.
        [self.issuer.as_str(), subject.as_str(), id_subject.as_str(), sign_in].join("\n")
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// The claims of a token that is a JWT, as the browser reads them: serde's JSON is not in the first download.
pub struct Claims(pub JsValue);

impl Claims {
    /// Reads `token`, and checks nothing of it.
    pub fn of(token: &str) -> Option<Self> {
        let payload = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
        // Each character of what `atob` gives stands for one byte.
        let bytes = window().atob(&payload).ok()?.chars().map(|byte| byte as u8).collect();
        JSON::parse(&String::from_utf8(bytes).ok()?).ok().map(Self)
    }

    /// The member `name`, if it is there and a text.
    pub fn text(&self, name: &str) -> Option<String> {
        Reflect::get(&self.0, &name.into()).ok()?.as_string()
    }
}

/// Of whom the token speaks, to compare: a subject means nothing without its issuer.
pub fn person_of(token: &str) -> Option<String> {
    let claims = Claims::of(token)?;
    Some(claims.text("iss")? + " " + &claims.text("sub")?)
}

impl Tokens {
    /// Returns `access_token` of `principal`, without anything else and already expired.
    #[must_use]
    pub fn of(access_token: &str, principal: Principal) -> Self {
        Self {
            access_token: access_token.to_owned(),
            id_token: None,
            refresh_token: None,
            expires_at: 0,
            renew_at: 0,
            scopes: Scopes::default(),
            principal: Arc::new(principal),
        }
    }

    /// How long the access token is still good for, in seconds.
    #[must_use]
    pub fn seconds_left(&self, now: u64) -> u64 {
        self.expires_at.saturating_sub(now)
    }

    /// Whose tokens these are, to compare.
    #[must_use]
    pub fn whose(&self) -> String {
        self.principal.name()
    }
}

/// After how many seconds to renew a token that lives for `lifetime`: at three quarters, or a minute before its end
/// where that is sooner, but not before half of it is over.
#[must_use]
pub fn renewed_after(lifetime: u64) -> u64 {
    let a_minute_before = lifetime.saturating_sub(60).max(lifetime / 2);
    a_minute_before.min(lifetime - lifetime / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_well_before_its_end() {
        for (lifetime, after) in
            [(0, 0), (10, 5), (60, 30), (120, 60), (200, 140), (300, 225), (900, 675), (3600, 2700)]
        {
            assert_eq!(renewed_after(lifetime), after, "{lifetime}");
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
        assert_eq!(first.name(), principal(Some("api-1"), Some("ada"), "b").name());
        for other in [
            principal(Some("api-2"), Some("ada"), "a"),
            principal(Some("api-1"), Some("eve"), "a"),
            principal(None, Some("ada"), "a"),
            Principal { issuer: "https://other.example".into(), ..first.clone() },
        ] {
            assert_ne!(first.name(), other.name(), "{other:?}");
        }
    }

    #[test]
    fn principal_without_subject_is_one_sign_in() {
        assert_eq!(principal(None, None, "a").name(), principal(None, None, "a").name());
        assert_ne!(principal(None, None, "a").name(), principal(None, None, "b").name());
    }
}
