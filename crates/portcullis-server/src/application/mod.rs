//! The server of a Leptos app: builds a router from the app, its configuration and its database, and serves it.
//!
//! | module | subject |
//! |---|---|
//! | [`App`], [`Application`] | the app to serve; composes the server |
//! | [`router`], [`operational`] | one list of routes; the open paths |
//! | [`permit`], [`records`], [`id_tokens`] | the context of server functions |
//! | [`record_fns`] | the implementation of the six server functions of a record |
//! | [`ServerState`] | the state that handlers share |
//! | `pages`, [`csp`] | pages and their Content Security Policy |

mod context;
pub mod csp;
pub mod operational;
mod pages;
pub mod record_fns;
pub mod router;
mod state;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use leptos::config::LeptosOptions;
use leptos::prelude::AnyView;
use portcullis::Registry;
use portcullis_verifier::supervise::TaskHealth;
use tokio::net::TcpListener;

use self::operational::Metadata;
use crate::auth_services::{AuthServices, AuthServicesError};
use crate::authenticate::BearerTokens;
use crate::config::{AuthConfig, Config};
use crate::connection::ConnectionLimits;
use crate::id_tokens::IdTokens;
use crate::listen::{ListenError, listen};
use crate::readiness::Readiness;
use crate::registry::RegistryError;
use crate::release::{self, Release};
use crate::sign_in::SignInOffer;
use crate::store::Database;
use crate::{Api, Gate, descriptors, serve};

pub use context::{id_tokens, permit, records};
pub use state::{ServerState, StateParts};

/// An app to serve.
#[derive(Clone, Copy)]
pub struct App {
    /// The name of the app, for clients.
    pub name: &'static str,
    /// The resources of the app.
    pub registry: &'static Registry,
    /// The REST endpoints of the app.
    pub api: fn() -> Api<ServerState>,
    /// The root component. Its routes are the pages of the app.
    pub view: fn() -> AnyView,
    /// The HTML document around the root component.
    pub shell: fn(LeptosOptions) -> AnyView,
    /// The name of the built client (`output-name` of cargo-leptos).
    pub output_name: &'static str,
}

/// The reason why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The verifiers of tokens cannot be created.
    #[error(transparent)]
    Auth(#[from] AuthServicesError),
    /// The served routes differ from the declared ones.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// A server that listens, before its app is known.
pub struct Listening {
    listener: TcpListener,
    addr: SocketAddr,
    limits: ConnectionLimits,
}

impl Listening {
    /// Listens on the address in `config`, and raises the limit of open files.
    ///
    /// # Errors
    /// [`ListenError`] if the address is not available.
    pub async fn start(config: &Config) -> Result<Self, ListenError> {
        let open_files = descriptors::raise_limit();
        let (listener, addr) = listen("LEPTOS_SITE_ADDR", config.site_addr).await?;
        let max_connections = descriptors::connections_that_fit(open_files, config.max_connections);
        Ok(Self { listener, addr, limits: ConnectionLimits { keep_alive: config.keep_alive, max_connections } })
    }

    /// Returns the address.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

/// A server that listens but does not respond yet.
pub struct Application {
    listening: Listening,
    router: Router,
}

impl Application {
    /// Composes the server and starts to fetch the keys of the issuers in `auth`. `/readyz` reports `tasks`.
    ///
    /// # Errors
    /// [`StartupError`]. An unavailable provider is not an error.
    pub fn build(
        app: App,
        config: Config,
        listening: Listening,
        auth: AuthConfig,
        database: Database,
        tasks: Vec<TaskHealth>,
    ) -> Result<Self, StartupError> {
        let addr = listening.addr;
        let AuthServices { verifier, id_tokens, keys, discovery } = AuthServices::start(&auth)?;
        let own_url = addr.ip().is_loopback().then(|| format!("http://{addr}"));
        let site_url = config.site_url.or(own_url);
        match &site_url {
            None => tracing::warn!("SITE_URL is not set: clients cannot ask this server whose tokens it takes"),
            Some(url) if config.issuer.is_given() => {
                tracing::info!(%url, "clients are told that this is where they reach us")
            }
            Some(_) => {}
        }
        let metadata = site_url.map(|url| Metadata::new(app.name, url, &auth));
        let sign_in = SignInOffer::start(auth, config.token_place, config.storage_prefix, discovery);
        let tasks = sign_in.discovery_task().into_iter().chain(tasks).collect();
        let state = ServerState::new(StateParts {
            app,
            options: LeptosOptions::builder()
                .output_name(app.output_name)
                .site_root(config.site_root.to_string_lossy())
                .site_addr(addr)
                .reload_port(u32::from(release::reload_port().unwrap_or_default()))
                .build(),
            release: Release::of(&config.site_root),
            gate: Gate::new(Arc::new(BearerTokens(verifier))),
            readiness: Readiness::new(keys, database.clone(), tasks),
            database,
            id_tokens: Arc::new(IdTokens(id_tokens)),
            metadata,
            sign_in,
        });
        Ok(Self { listening, router: router::build(state)? })
    }

    /// Returns the address that the server listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.listening.addr
    }

    /// Serves until `stop` completes. Requests that are in progress then get three seconds to finish.
    ///
    /// # Errors
    /// The errors of the listener.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let Listening { listener, limits, .. } = self.listening;
        serve::serve(listener, self.router, limits, stop).await
    }
}
