//! The interface of a development provider. A build without one has no implementation of this trait.

use std::any::Any;
use std::net::SocketAddr;

use async_trait::async_trait;
use portcullis::Access;
use portcullis_verifier::supervise::TaskHealth;

use crate::config::{AuthConfig, Development};
use crate::listen::ListenError;

/// An identity provider for development, on loopback only.
#[async_trait]
pub trait DevelopmentProvider: Send + Sync {
    /// Starts the provider with the settings `at`, for the app at `site`.
    ///
    /// # Errors
    /// [`DevelopmentProviderError`] if its address is not available, or it has no key.
    async fn start(
        &self,
        at: &Development,
        site: SocketAddr,
    ) -> Result<RunningDevelopmentProvider, DevelopmentProviderError>;

    /// Returns the configuration of an app that trusts a provider at `addr`.
    fn auth_at(&self, addr: SocketAddr) -> AuthConfig;

    /// Returns the first names of the accounts that have `access`.
    fn accounts_with(&self, access: Access) -> Vec<&'static str>;

    /// Signs in at the running provider `issuer` as `account`. Returns an access token with `scopes`, or with all
    /// scopes of the account.
    ///
    /// # Errors
    /// [`DevelopmentProviderError`] if the account does not exist or lacks a scope, or if the provider does not
    /// respond.
    async fn access_token(
        &self,
        issuer: &str,
        account: &str,
        scopes: Option<&str>,
    ) -> Result<String, DevelopmentProviderError>;

    /// Returns sample tokens of the running provider `issuer` for the audit, each with its name.
    ///
    /// # Errors
    /// [`DevelopmentProviderError`] if no development provider responds there.
    async fn sample_tokens(&self, issuer: &str) -> Result<Vec<(String, String)>, DevelopmentProviderError>;

    /// Returns the maximum number of requests that [`DevelopmentProvider::sample_tokens`] sends.
    fn max_sample_requests(&self) -> usize;
}

/// A running development provider. It ends when this value is dropped.
pub struct RunningDevelopmentProvider {
    /// The configuration of an app that trusts it.
    pub auth: AuthConfig,
    /// The health of its task.
    pub task: TaskHealth,
    /// A message for developers: the address and the accounts.
    pub welcome: String,
    /// Stops the provider when dropped.
    pub guard: Box<dyn Any + Send + Sync>,
}

/// The reason why an operation of a development provider failed.
#[derive(Debug, thiserror::Error)]
pub enum DevelopmentProviderError {
    /// Its address is not available.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Another reason, for the developer.
    #[error("{0}")]
    Other(String),
}
