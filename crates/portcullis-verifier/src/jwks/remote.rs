//! Where keys are fetched from: the provider's JWKS address.

use std::sync::Arc;

use async_trait::async_trait;
use jsonwebtoken::Algorithm;
use url::Url;

use super::fetch::{FetchError, Http};
use super::key::KeySet;
use super::refresh_task::REFRESH_INTERVAL;
use crate::discovery::Discovery;

/// Where keys are fetched from.
#[async_trait]
pub trait KeySource: Send + Sync + 'static {
    /// Fetches all keys.
    ///
    /// # Errors
    /// Why there are none; the keys that are known stay in use.
    async fn fetch(&self) -> Result<KeySet, FetchError>;

    /// Whose keys they are, for the log.
    fn issuer(&self) -> &str {
        ""
    }
}

/// The keys at the provider's JWKS address: a given one, or the one that its discovery document names.
pub struct RemoteKeys {
    /// The given address.
    pub jwks_uri: Option<Url>,
    /// Where the address stands otherwise.
    pub discovery: Arc<Discovery>,
    /// The client to fetch with.
    pub http: Http,
    /// The algorithms that keys may be for.
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
            // The keys may have moved: the next attempt goes where the document says then.
            Err(error) => self.discovery.refresh().await.and(Err(error)),
        }
    }

    fn issuer(&self) -> &str {
        self.discovery.issuer()
    }
}
