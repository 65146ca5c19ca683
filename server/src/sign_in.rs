//! What the client is told of the provider: its discovery document, read in the background until it is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::session::{ClientBinding, Provider, SignIn, SignInConfig, TokenPlace};
use tokio::task::JoinHandle;

use crate::auth::discovery::{Discovery, Metadata};
use crate::auth::jwks::{FetchError, SPACING};
use crate::config::Trust;

/// How people sign in here, as far as it is known by now.
#[derive(Clone)]
pub struct SignInOffer(Arc<Inner>);

struct Inner {
    trust: Trust,
    token_place: TokenPlace,
    storage_prefix: String,
    discovery: Arc<Discovery>,
    /// Whether the last answer in the document's place cannot be this issuer's.
    is_misconfigured: Arc<AtomicBool>,
    task: Option<JoinHandle<()>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl SignInOffer {
    /// Starts to read the discovery document, if anyone can sign in at all.
    #[must_use]
    pub fn start(trust: Trust, token_place: TokenPlace, storage_prefix: String, discovery: Arc<Discovery>) -> Self {
        let is_misconfigured = Arc::<AtomicBool>::default();
        let reading = trust.client_id.is_some().then(|| read(discovery.clone(), is_misconfigured.clone()));
        let task = reading.map(tokio::spawn);
        Self(Arc::new(Inner { trust, token_place, storage_prefix, discovery, is_misconfigured, task }))
    }

    /// What the client is told now.
    #[must_use]
    pub fn now(&self) -> SignInConfig {
        let Inner { trust, token_place, storage_prefix, discovery, is_misconfigured, .. } = &*self.0;
        let sign_in = match (&trust.client_id, discovery.known()) {
            (None, _) => SignIn::NotConfigured,
            (Some(_), None) if is_misconfigured.load(Ordering::Relaxed) => SignIn::Misconfigured,
            (Some(_), None) => SignIn::Unavailable,
            (Some(client_id), Some(metadata)) => SignIn::At(provider(trust, *token_place, client_id, &metadata)),
        };
        let client = trust.client_id.clone();
        SignInConfig {
            sign_in,
            client: client.map(|client_id| ClientBinding { issuer: trust.issuer.issuer.to_string(), client_id }),
            token_place: *token_place,
            storage_prefix: storage_prefix.clone(),
        }
    }
}

async fn read(discovery: Arc<Discovery>, is_misconfigured: Arc<AtomicBool>) {
    while let Err(error) = discovery.metadata(Duration::MAX).await {
        // An answer that is another issuer's document, or none, stays so; a provider that is down comes back.
        let is_lasting = match &error {
            FetchError::Content { .. } | FetchError::Unsafe { .. } => true,
            FetchError::Status { status, .. } => (300..500).contains(status) && !matches!(status, 408 | 429),
            FetchError::Transport { .. } | FetchError::TooLarge { .. } => false,
        };
        is_misconfigured.store(is_lasting, Ordering::Relaxed);
        tracing::warn!(%error, "the provider's discovery document could not be read; trying again");
        tokio::time::sleep(SPACING).await;
    }
}

fn provider(trust: &Trust, token_place: TokenPlace, client_id: &str, metadata: &Metadata) -> Provider {
    Provider {
        issuer: trust.issuer.issuer.to_string(),
        authorization_endpoint: metadata.authorization_endpoint.clone(),
        token_endpoint: metadata.token_endpoint.clone(),
        userinfo_endpoint: metadata.userinfo_endpoint.clone(),
        end_session_endpoint: metadata.end_session_endpoint.clone(),
        revocation_endpoint: metadata.revocation_endpoint.clone(),
        iss_in_callback: metadata.authorization_response_iss_parameter_supported,
        client_id: client_id.to_owned(),
        scopes: trust.scopes.clone(),
        audience: trust.issuer.audience.to_string(),
        audience_parameter: trust.audience_parameter,
        token_place,
    }
}
