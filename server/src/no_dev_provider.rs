//! Stands in for the development provider in a build without it: there is none, and there can be none.

use std::net::SocketAddr;

use portcullis::Access;
use portcullis_server::config::{Development, Trust};
use portcullis_verifier::supervise::TaskHealth;

/// Whether this build has a development provider.
pub const IS_BUILT_IN: bool = false;

/// Why it does not start: it does not exist. The configuration has said so before.
#[derive(Debug, thiserror::Error)]
#[error("this build has no development provider")]
pub struct StartError;

/// Fails: there is none to tell of.
///
/// # Errors
/// Always.
pub fn trust_at(_: SocketAddr) -> Result<Trust, StartError> {
    Err(StartError)
}

/// A provider that cannot exist.
#[derive(Debug)]
pub enum DevProvider {}

impl DevProvider {
    /// Fails.
    ///
    /// # Errors
    /// Always.
    #[expect(clippy::unused_async, reason = "the same shape as the real one")]
    pub async fn start(_: &Development, _: SocketAddr) -> Result<Self, StartError> {
        Err(StartError)
    }

    /// Nobody to trust.
    #[must_use]
    pub fn trust(&self) -> Trust {
        match *self {}
    }

    /// No task.
    #[must_use]
    pub fn task(&self) -> TaskHealth {
        match *self {}
    }

    /// No words.
    #[must_use]
    pub fn welcome(&self) -> String {
        match *self {}
    }
}

/// Nobody: there are no accounts.
#[must_use]
pub fn who_has(_: Access) -> Vec<&'static str> {
    Vec::new()
}

/// The command line of a provider that does not exist.
pub mod cli {
    use super::StartError;

    /// Fails.
    ///
    /// # Errors
    /// Always.
    #[expect(clippy::unused_async, reason = "the same shape as the real one")]
    pub async fn samples(_: &str) -> Result<Vec<(String, String)>, StartError> {
        Err(StartError)
    }

    /// None.
    #[must_use]
    pub fn requests_for_samples() -> usize {
        0
    }
}
