//! The sign-in configuration of the client. A background task reads the discovery document for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use portcullis::sign_in::{ClientBinding, Provider, SignIn, SignInConfig, TokenPlace};
use portcullis_verifier::discovery::Discovery;
use portcullis_verifier::jwks::{MIN_REFRESH_INTERVAL, REFRESH_INTERVAL};
use portcullis_verifier::metadata::ProviderMetadata;
use portcullis_verifier::supervise::{Supervised, TaskHealth};

use crate::config::AuthConfig;

/// The sign-in configuration, as far as it is known.
#[derive(Clone)]
pub struct SignInOffer(Arc<Inner>);

struct Inner {
    auth: AuthConfig,
    token_place: TokenPlace,
    storage_prefix: String,
    discovery: Arc<Discovery>,
    /// Whether the last failed response can only mean a wrong configuration.
    is_misconfigured: Arc<AtomicBool>,
    task: Option<Supervised>,
}

impl SignInOffer {
    /// Starts to read the discovery document, if sign-in is configured.
    #[must_use]
    pub fn start(auth: AuthConfig, token_place: TokenPlace, storage_prefix: String, discovery: Arc<Discovery>) -> Self {
        let is_misconfigured = Arc::<AtomicBool>::default();
        let task = auth.client_id.is_some().then(|| {
            let (discovery, is_misconfigured) = (discovery.clone(), is_misconfigured.clone());
            Supervised::start("sign-in discovery", move || read(discovery.clone(), is_misconfigured.clone()))
        });
        Self(Arc::new(Inner { auth, token_place, storage_prefix, discovery, is_misconfigured, task }))
    }

    /// Returns the health of the task that reads the document, or `None` without sign-in.
    #[must_use]
    pub fn discovery_task(&self) -> Option<TaskHealth> {
        self.0.task.as_ref().map(Supervised::health)
    }

    /// Returns the current configuration for the client.
    #[must_use]
    pub fn now(&self) -> SignInConfig {
        let Inner { auth, token_place, storage_prefix, discovery, is_misconfigured, .. } = &*self.0;
        let sign_in = match (&auth.client_id, discovery.known()) {
            (None, _) => SignIn::NotConfigured,
            (Some(client_id), Some(metadata)) => provider(auth, *token_place, client_id, &metadata),
            (Some(_), None) if is_misconfigured.load(Ordering::Relaxed) => SignIn::Misconfigured,
            (Some(_), None) => SignIn::Unavailable,
        };
        let client = auth.client_id.clone();
        SignInConfig {
            sign_in,
            client: client.map(|client_id| ClientBinding { issuer: auth.issuer.issuer.to_string(), client_id }),
            token_place: *token_place,
            storage_prefix: storage_prefix.clone(),
        }
    }
}

async fn read(discovery: Arc<Discovery>, is_misconfigured: Arc<AtomicBool>) {
    let mut missing_before = Vec::new();
    loop {
        let pause = match discovery.metadata(REFRESH_INTERVAL).await {
            Ok(metadata) => {
                let missing: Vec<_> = metadata.missing_sign_in_endpoints().collect();
                if missing != missing_before {
                    // Unusable members were already logged when the document was read.
                    let is_left_out = |name: &str| metadata.left_out.iter().any(|(known, _)| *known == name);
                    for name in missing.iter().filter(|name| !is_left_out(name)) {
                        tracing::warn!("sign-in is unavailable: discovery document: {}", metadata.why_missing(name));
                    }
                }
                missing_before = missing;
                if missing_before.is_empty() { REFRESH_INTERVAL } else { MIN_REFRESH_INTERVAL }
            }
            Err(error) => {
                is_misconfigured.store(error.is_lasting(), Ordering::Relaxed);
                tracing::warn!(%error, "the provider's discovery document could not be read; trying again");
                MIN_REFRESH_INTERVAL
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Returns the sign-in settings for the provider, or `Misconfigured` if its document lacks an endpoint for sign-in.
fn provider(auth: &AuthConfig, token_place: TokenPlace, client_id: &str, metadata: &ProviderMetadata) -> SignIn {
    let Some((authorization_endpoint, token_endpoint)) = metadata.sign_in_endpoints() else {
        return SignIn::Misconfigured;
    };
    SignIn::At(Provider {
        issuer: auth.issuer.issuer.to_string(),
        authorization_endpoint: authorization_endpoint.to_owned(),
        token_endpoint: token_endpoint.to_owned(),
        userinfo_endpoint: metadata.userinfo_endpoint.clone(),
        end_session_endpoint: metadata.end_session_endpoint.clone(),
        revocation_endpoint: metadata.revocation_endpoint.clone(),
        iss_in_callback: metadata.authorization_response_iss_parameter_supported,
        client_id: client_id.to_owned(),
        scopes: auth.scopes.clone(),
        audience: auth.issuer.audience().to_owned(),
        audience_parameter: auth.audience_parameter,
        token_place,
    })
}
