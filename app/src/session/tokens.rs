//! The tokens of a session.

use js_sys::{JSON, Reflect};
use leptos::prelude::window;
use leptos::wasm_bindgen::JsValue;

use crate::policy::Scopes;

/// What a sign-in or a renewal brought.
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
    /// What was granted.
    pub scopes: Scopes,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// The claims of a token that is a JWT, as the browser reads them: serde's JSON is not in the first download.
pub struct Claims(JsValue);

impl Claims {
    /// Reads `token`, and checks nothing of it.
    pub fn of(token: &str) -> Option<Self> {
        let payload = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
        // Each character of what `atob` gives stands for one byte.
        let bytes = window().atob(&payload).ok()?.chars().map(|byte| byte as u8).collect();
        JSON::parse(&String::from_utf8(bytes).ok()?).ok().map(Self)
    }

    /// The claim `name`, if it is there and a text.
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
    /// How long the access token is still good for, in seconds.
    #[must_use]
    pub fn seconds_left(&self, now: u64) -> u64 {
        self.expires_at.saturating_sub(now)
    }

    /// Whose tokens these are, by the ID token, else by an access token that is a JWT.
    #[must_use]
    pub fn whose(&self) -> Option<String> {
        person_of(self.id_token.as_deref().unwrap_or(&self.access_token))
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
}
