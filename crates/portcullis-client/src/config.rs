//! What an app tells its session.

use std::sync::OnceLock;

use portcullis::HEALTH;

/// The paths of an app that its session needs to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionConfig {
    /// The home page: where people go after a sign-out, and after a sign-in whose destination is unknown.
    pub home: &'static str,
    /// The page that the identity provider sends people back to. Its URL is the redirect URI to register.
    pub callback: &'static str,
    /// A path of the app's own server that answers without a token, with the header `Date`.
    pub clock: &'static str,
}

/// The configuration until an app provides its session.
static DEFAULT: SessionConfig = SessionConfig { home: "/", callback: "/callback", clock: HEALTH.path };

static CONFIG: OnceLock<&'static SessionConfig> = OnceLock::new();

/// Sets the configuration of the app. Only the first call counts: a process serves one app.
pub fn set(config: &'static SessionConfig) {
    let _ = CONFIG.set(config);
}

/// Returns the configuration of the app.
pub fn get() -> &'static SessionConfig {
    CONFIG.get().unwrap_or(&&DEFAULT)
}
