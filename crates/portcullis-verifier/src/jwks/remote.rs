//! Fetches keys from the provider's key set URL.

use std::sync::Arc;

use async_trait::async_trait;
use jsonwebtoken::Algorithm;
use url::Url;

use super::fetch::{FetchError, Http};
use super::key::KeySet;
use super::refresh_task::REFRESH_INTERVAL;
use crate::discovery::Discovery;

/// A source of keys.
#[async_trait]
pub trait KeySource: Send + Sync + 'static {
    /// Fetches all keys.
    ///
    /// # Errors
    /// [`FetchError`] if the fetch fails. The cached keys stay in use.
    async fn fetch(&self) -> Result<KeySet, FetchError>;

    /// Returns the issuer of the keys, for the log.
    fn issuer(&self) -> &str {
        ""
    }
}

/// The keys of a provider, at a configured URL or at the `jwks_uri` of its discovery document.
pub struct RemoteKeys {
    /// The configured URL.
    pub jwks_uri: Option<Url>,
    /// The discovery document, used if no URL is configured.
    pub discovery: Arc<Discovery>,
    /// The HTTP client.
    pub http: Http,
    /// The allowed algorithms.
    pub algorithms: Vec<Algorithm>,
}

impl RemoteKeys {
    async fn fetch_from(&self, address: &Url) -> Result<KeySet, FetchError> {
        let document = self.http.get(address).await?;
        KeySet::read(&document.body, &self.algorithms)
            .map_err(|error| document.unfit(format!("not a JWK Set: {error}")))
    }
}

#[async_trait]
impl KeySource for RemoteKeys {
    async fn fetch(&self) -> Result<KeySet, FetchError> {
        if let Some(address) = &self.jwks_uri {
            return self.fetch_from(address).await;
        }
        let address = self.discovery.jwks_uri(REFRESH_INTERVAL).await?;
        match self.fetch_from(&address).await {
            Ok(keys) => Ok(keys),
            // The keys may have moved. The next attempt uses the new document.
            Err(error) => self.discovery.refresh().await.and(Err(error)),
        }
    }

    fn issuer(&self) -> &str {
        self.discovery.issuer()
    }
}
