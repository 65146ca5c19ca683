//! Stands in for the development provider in a build without it: there is none, and there can be none.

use std::net::SocketAddr;

use crate::config::{ConfigError, Trust};
use crate::startup::StartupError;

/// Whether this build has a development provider.
pub const IS_BUILT_IN: bool = false;

/// A provider that cannot exist.
#[derive(Debug)]
pub enum DevProvider {}

impl DevProvider {
    /// Fails.
    ///
    /// # Errors
    /// Always.
    #[expect(clippy::unused_async, reason = "the same shape as the real one")]
    pub async fn start(_: SocketAddr, _: SocketAddr) -> Result<Self, StartupError> {
        let expected = "expected your provider's issuer URL; this build has no development provider".into();
        Err(ConfigError { variable: "AUTH_ISSUER", found: "missing".into(), expected }.into())
    }

    /// Nobody to trust.
    #[must_use]
    pub fn trust(&self) -> Trust {
        match *self {}
    }

    /// No words.
    #[must_use]
    pub fn welcome(&self) -> String {
        match *self {}
    }
}
