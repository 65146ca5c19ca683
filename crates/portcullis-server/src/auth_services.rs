//! Creates the verifiers of tokens from the configuration.

use std::sync::Arc;

use portcullis_verifier::IdTokenVerifier;
use portcullis_verifier::discovery::Discovery;
use portcullis_verifier::jwks::{Http, KeyCache, RemoteKeys};
use portcullis_verifier::verifier::{TrustedKeys, Verifier};

use crate::config::{AuthConfig, ConfigError, TrustedIssuer};

/// The reason why the verifiers cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum AuthServicesError {
    /// A variable is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// TLS cannot be set up.
    #[error("the HTTP client cannot be made: {0}")]
    Http(#[from] reqwest::Error),
}

/// The verifiers of tokens, with the keys and the discovery document that they use.
pub struct AuthServices {
    /// The verifier of access tokens.
    pub verifier: Verifier,
    /// The verifier of ID tokens, or `None` without a client id.
    pub id_tokens: Option<IdTokenVerifier>,
    /// The keys of each issuer.
    pub keys: Vec<Arc<KeyCache>>,
    /// The discovery document of the sign-in issuer.
    pub discovery: Arc<Discovery>,
}

impl AuthServices {
    /// Starts to fetch the keys of every issuer in `auth`.
    ///
    /// # Errors
    /// [`AuthServicesError`]. An unavailable provider is not an error.
    pub fn start(auth: &AuthConfig) -> Result<Self, AuthServicesError> {
        let http = Http::new()?;
        let discovery_of = |trusted: &TrustedIssuer| {
            trusted
                .discovery(&http)
                .map(Arc::new)
                .map_err(|_| ConfigError::wrong("AUTH_ISSUER", &trusted.issuer, "expected an absolute URL"))
        };
        let discovery = discovery_of(&auth.issuer)?;
        let mut issuers = Vec::new();
        for trusted in auth.issuers() {
            let keys = Arc::new(KeyCache::start(RemoteKeys {
                jwks_uri: trusted.jwks_uri.clone(),
                discovery: if issuers.is_empty() { discovery.clone() } else { discovery_of(trusted)? },
                http: trusted.http(&http),
                algorithms: auth.algorithms.clone(),
            }));
            issuers.push(TrustedKeys { rules: auth.rules(trusted), keys });
        }
        let keys: Vec<_> = issuers.iter().map(|trusted| trusted.keys.clone()).collect();
        let id_tokens = auth.client_id.as_deref().zip(keys.first()).map(|(client_id, keys)| IdTokenVerifier {
            issuer: auth.issuer.issuer.clone(),
            client_id: client_id.into(),
            keys: keys.clone(),
            leeway: auth.leeway,
        });
        Ok(Self { verifier: Verifier::new(issuers, auth.algorithms.clone()), id_tokens, keys, discovery })
    }
}
