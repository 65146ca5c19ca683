//! An OpenID Connect provider for development: it lets everyone in as anyone, and so only on loopback.
//!
//! | file | duty |
//! |---|---|
//! | `accounts` | who there is, and what they may do |
//! | `keys` | the signing key, made at every start |
//! | `metadata` | the discovery document and the key set |
//! | `request` | an authorization request |
//! | `authorize` | who is sent back with what; codes |
//! | `page` | the page to choose an account |
//! | `token` | codes and refresh tokens to tokens |
//! | `session` | userinfo and end of session |
//! | `cookie` | who is signed in here, for `prompt=none` |
//! | `grants` | what was given out and not used up |
//! | `cli` | tokens for curl and for the audit |

mod accounts;
mod authorize;
pub mod cli;
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

use app::registry::REGISTRY;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use http::{HeaderValue, Method, header};
use portcullis::Access;
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;

pub use accounts::{ACCOUNTS, Account};

use grants::Grants;
use keys::ProviderKey;
use portcullis_server::config::{Development, Trust, TrustedIssuer, default_scopes};
use portcullis_server::listen::{ListenError, listen};
use portcullis_verifier::supervise::{Supervised, TaskHealth};

/// Whether this build has a development provider.
pub const IS_BUILT_IN: bool = true;

/// What its task is called.
const TASK: &str = "development provider";
/// The client id of the application.
const CLIENT_ID: &str = "portcullis-dev";
/// The audience of its access tokens.
const AUDIENCE: &str = "https://api.portcullis.example";

/// Why the development provider does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its address cannot be listened at.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Its listener cannot be used.
    #[error("the development provider cannot use its listener: {0}")]
    Listener(std::io::Error),
    /// It has no key to sign with.
    #[error("the development provider cannot make its key: {0}")]
    Keys(String),
}

/// The largest form that it reads, in bytes.
const LARGEST_REQUEST: usize = 16 * 1024;

/// A running development provider; it ends with this value.
pub struct DevProvider {
    provider: Arc<Provider>,
    task: Supervised,
}

/// What its handlers share.
struct Provider {
    issuer: String,
    /// How long access and ID tokens live, in seconds.
    lifetime: u32,
    /// The origins of the application: the same one by each of its names.
    origins: Vec<String>,
    key: ProviderKey,
    grants: Grants,
}

impl Provider {
    /// The addresses that a sign-in may return to; compared exactly (RFC 9700 §2.1).
    fn is_redirect_uri(&self, uri: &str) -> bool {
        uri == cli::REDIRECT_URI || self.origins.iter().any(|origin| uri == format!("{origin}/callback"))
    }

    fn is_post_logout_redirect_uri(&self, uri: &str) -> bool {
        self.origins.iter().any(|origin| uri == format!("{origin}/"))
    }
}

impl DevProvider {
    /// Starts the provider `at` for the application at `site`.
    ///
    /// # Errors
    /// When the address is not to be had, or no key can be made.
    pub async fn start(at: &Development, site: SocketAddr) -> Result<Self, StartError> {
        let (listener, addr) = listen("DEV_PROVIDER_ADDR", at.addr).await?;
        let provider = Arc::new(Provider {
            issuer: format!("http://{addr}"),
            lifetime: at.token_seconds,
            origins: vec![format!("http://{site}"), format!("http://localhost:{}", site.port())],
            key: ProviderKey::generate().map_err(StartError::Keys)?,
            grants: Grants::default(),
        });
        let (router, listener) = (router(provider.clone()), listener.into_std().map_err(StartError::Listener)?);
        // A copy of the listener for each start: the address stays ours in between.
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
        Ok(Self { provider, task })
    }

    /// Returns what tells whether it runs.
    #[must_use]
    pub fn task(&self) -> TaskHealth {
        self.task.health()
    }

    /// What the application is told, as if a person had set the variables.
    #[must_use]
    pub fn trust(&self) -> Trust {
        trust(&self.provider.issuer)
    }

    /// What a developer should know of it: where it is, and the accounts.
    #[must_use]
    pub fn welcome(&self) -> String {
        let mut text = format!("Development provider at {}. Accounts (no password):\n", self.provider.issuer);
        for account in ACCOUNTS {
            text += &format!("  {:<4} {}\n", account.id, account.can());
        }
        text
    }
}

/// What an application is told of a provider that listens at `addr`, whether it runs or not.
///
/// # Errors
/// Never; a build without a development provider has none to tell of.
pub fn trust_at(addr: SocketAddr) -> Result<Trust, StartError> {
    Ok(trust(&format!("http://{addr}")))
}

fn trust(issuer: &str) -> Trust {
    // It is our own: it keeps to the letter.
    Trust {
        client_id: Some(CLIENT_ID.to_owned()),
        scopes: default_scopes(&REGISTRY),
        ..Trust::strict(&REGISTRY, TrustedIssuer::new(issuer, AUDIENCE))
    }
}

/// The first names of the accounts that have `access`.
#[must_use]
pub fn who_has(access: Access) -> Vec<&'static str> {
    let has = |account: &&Account| access.missing_from(&account.scopes.iter().copied().collect()).is_empty();
    ACCOUNTS.iter().filter(has).map(Account::first_name).collect()
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
        // Pages, which no other origin has a reason to read.
        .route("/authorize", get(authorize::ask).post(authorize::answer))
        .route("/end-session", get(session::end))
        .route("/pictures/{account}", get(accounts::picture))
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .with_state(provider)
}
