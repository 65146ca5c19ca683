//! An OpenID Connect provider for development. Anyone can sign in as any account, so it listens on loopback only.
//!
//! ```
//! use portcullis::Registry;
//! use portcullis_dev_provider::{Account, DevProvider};
//!
//! static REGISTRY: Registry = Registry::new(&[]);
//! static ACCOUNTS: [Account; 1] =
//!     [Account { id: "ada", name: "Ada Lovelace", scopes: &["read:notes"], color: "#7c3aed" }];
//!
//! static PROVIDER: DevProvider = DevProvider::new(&REGISTRY, &ACCOUNTS);
//! ```
//!
//! | file | content |
//! |---|---|
//! | `accounts` | the accounts to sign in with |
//! | `keys` | the signing key, generated on each start |
//! | `metadata` | the discovery document and the key set |
//! | `request` | an authorization request |
//! | `authorize` | the authorization endpoint; codes |
//! | `page` | the page to choose an account |
//! | `token` | the token endpoint |
//! | `session` | userinfo and end of session |
//! | `cookie` | the session cookie, for `prompt=none` |
//! | `grants` | codes, tokens and sessions that were issued |
//! | `cli` | tokens for curl and the audit |

mod accounts;
mod authorize;
mod cli;
mod cookie;
mod grants;
mod keys;
mod metadata;
mod page;
mod request;
mod revocation;
mod session;
mod token;

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use http::{HeaderValue, Method, header};
use portcullis::{Access, Registry};
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;

pub use accounts::Account;

use grants::Grants;
use keys::ProviderKey;
use portcullis_server::config::{AuthConfig, Development, TrustedIssuer, default_scopes};
use portcullis_server::dev_provider::{DevelopmentProvider, DevelopmentProviderError, RunningDevelopmentProvider};
use portcullis_server::listen::listen;
use portcullis_verifier::supervise::Supervised;

/// The name of the background task.
const TASK: &str = "development provider";
/// The client id of the application.
const CLIENT_ID: &str = "portcullis-dev";
/// The audience of its access tokens.
const AUDIENCE: &str = "https://api.portcullis.example";

/// The maximum size of a request body, in bytes.
const MAX_REQUEST_BYTES: usize = 16 * 1024;

/// The development provider of an app.
#[derive(Clone, Copy, Debug)]
pub struct DevProvider {
    registry: &'static Registry,
    accounts: &'static [Account],
}

/// The state that the handlers share.
struct Provider {
    app: DevProvider,
    issuer: String,
    /// The lifetime of access and ID tokens, in seconds.
    lifetime: u32,
    /// The origins of the application: one origin under each of its host names.
    origins: Vec<String>,
    key: ProviderKey,
    grants: Grants,
}

impl Provider {
    fn account(&self, id: &str) -> Option<&'static Account> {
        self.app.account(id)
    }

    /// Returns whether a sign-in may return to `uri`, compared exactly (RFC 9700 §2.1).
    fn is_redirect_uri(&self, uri: &str) -> bool {
        uri == cli::REDIRECT_URI || self.origins.iter().any(|origin| uri == format!("{origin}/callback"))
    }

    fn is_post_logout_redirect_uri(&self, uri: &str) -> bool {
        self.origins.iter().any(|origin| uri == format!("{origin}/"))
    }
}

impl DevProvider {
    /// Creates the provider for the app with `registry`. The audit uses the first account for most of its samples, so
    /// that account should have every scope.
    #[must_use]
    pub const fn new(registry: &'static Registry, accounts: &'static [Account]) -> Self {
        Self { registry, accounts }
    }

    fn account(&self, id: &str) -> Option<&'static Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    fn auth(&self, issuer: &str) -> AuthConfig {
        // Its tokens follow RFC 9068 exactly.
        AuthConfig {
            client_id: Some(CLIENT_ID.to_owned()),
            scopes: default_scopes(self.registry),
            ..AuthConfig::strict(self.registry, TrustedIssuer::new(issuer, AUDIENCE))
        }
    }

    fn welcome(&self, issuer: &str) -> String {
        let mut text = format!("Development provider at {issuer}. Accounts (no password):\n");
        for account in self.accounts {
            text += &format!("  {:<4} {}\n", account.id, account.can());
        }
        text
    }
}

#[async_trait]
impl DevelopmentProvider for DevProvider {
    async fn start(
        &self,
        at: &Development,
        site: SocketAddr,
    ) -> Result<RunningDevelopmentProvider, DevelopmentProviderError> {
        let other = DevelopmentProviderError::Other;
        let (listener, addr) = listen("DEV_PROVIDER_ADDR", at.addr).await?;
        let issuer = format!("http://{addr}");
        let provider = Arc::new(Provider {
            app: *self,
            issuer: issuer.clone(),
            lifetime: at.token_seconds,
            origins: vec![format!("http://{site}"), format!("http://localhost:{}", site.port())],
            key: ProviderKey::generate()
                .map_err(|error| other(format!("the development provider cannot make its key: {error}")))?,
            grants: Grants::default(),
        });
        let listener = listener
            .into_std()
            .map_err(|error| other(format!("the development provider cannot use its listener: {error}")))?;
        let router = router(provider);
        // Each start uses a copy of the listener, so the port stays reserved between restarts.
        let task = Supervised::start(TASK, move || {
            let (listener, router) = (listener.try_clone().and_then(TcpListener::from_std), router.clone());
            async move {
                let ended = match listener {
                    Ok(listener) => axum::serve(listener, router).await,
                    Err(error) => Err(error),
                };
                // The supervisor restarts it.
                tracing::error!(?ended, "the development provider ended");
            }
        });
        Ok(RunningDevelopmentProvider {
            auth: self.auth(&issuer),
            task: task.health(),
            welcome: self.welcome(&issuer),
            guard: Box::new(task),
        })
    }

    fn auth_at(&self, addr: SocketAddr) -> AuthConfig {
        self.auth(&format!("http://{addr}"))
    }

    fn accounts_with(&self, access: Access) -> Vec<&'static str> {
        let has = |account: &&Account| access.missing_from(&account.scopes.iter().copied().collect()).is_empty();
        self.accounts.iter().filter(has).map(Account::first_name).collect()
    }

    async fn access_token(
        &self,
        issuer: &str,
        account: &str,
        scopes: Option<&str>,
    ) -> Result<String, DevelopmentProviderError> {
        cli::access_token(self, issuer, account, scopes).await.map_err(error)
    }

    async fn sample_tokens(&self, issuer: &str) -> Result<Vec<(String, String)>, DevelopmentProviderError> {
        cli::samples(self, issuer).await.map_err(error)
    }

    fn max_sample_requests(&self) -> usize {
        cli::requests_for_samples(self)
    }
}

fn error(error: anyhow::Error) -> DevelopmentProviderError {
    DevelopmentProviderError::Other(format!("{error:#}"))
}

fn router(provider: Arc<Provider>) -> Router {
    let origins = provider.origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    let cors = CorsLayer::new()
        .allow_origin(origins.collect::<Vec<_>>())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE]);
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata::discovery))
        .route("/jwks", get(metadata::jwks))
        .route("/token", axum::routing::post(token::exchange))
        .route("/revoke", axum::routing::post(revocation::revoke))
        .route("/userinfo", get(session::userinfo).post(session::userinfo))
        .layer(cors)
        // Pages, which other origins must not read.
        .route("/authorize", get(authorize::ask).post(authorize::answer))
        .route("/end-session", get(session::end))
        .route("/pictures/{account}", get(accounts::picture))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(provider)
}
