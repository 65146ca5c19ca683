//! Builds and runs the application: what `main` starts is what the tests start.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use http::{StatusCode, header};
use leptos::config::LeptosOptions;
use portcullis::Caller;
use portcullis_server::authenticate::BearerTokens;
use portcullis_server::config::{Config, ConfigError, IssuerConfig, Trust, TrustedIssuer};
use portcullis_server::connection::{ConnectionLimits, MAX_HEAD_BYTES, TimedAcceptor};
use portcullis_server::identify::IdTokens;
use portcullis_server::listen::{ListenError, listen};
use portcullis_server::release::{self, Release};
use portcullis_server::sign_in::SignInOffer;
use portcullis_server::{Gate, Throttle, descriptors};
use portcullis_verifier::IdTokenVerifier;
use portcullis_verifier::discovery::Discovery;
use portcullis_verifier::jwks::{Http, KeyCache, RemoteKeys};
use portcullis_verifier::verifier::{TrustedKeys, Verifier};
use tokio::net::TcpListener;
use tower::ServiceExt;
use tower::make::Shared;

use crate::dev_provider::{self, DevProvider};
use crate::operational::Metadata;
use crate::readiness::Readiness;
use crate::records;
use crate::registry::RegistryError;
use crate::router;
use crate::state::AppState;
use crate::store::{self, Clock, OpenError};

/// How long requests that are under way may take when the server is asked to stop. With what the store and the log may
/// take afterwards, it ends within five seconds.
const GRACEFUL_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);
/// The name that the client's files are built by.
const OUTPUT_NAME: &str = "portcullis";

/// Why the application does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// A variable is wrong or missing.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// What is served differs from what is declared.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// An address cannot be listened at.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// TLS cannot be set up.
    #[error("the HTTP client cannot be made: {0}")]
    Http(#[from] reqwest::Error),
    /// The development provider does not start.
    #[error(transparent)]
    DevProvider(#[from] dev_provider::StartError),
}

/// The application, listening but not yet answering.
pub struct Application {
    listener: TcpListener,
    addr: SocketAddr,
    router: Router,
    dev_provider: Option<DevProvider>,
    limits: ConnectionLimits,
}

impl Application {
    /// Puts everything together by `config`: listens, opens the store, starts to fetch the keys.
    ///
    /// # Errors
    /// Why it cannot; a provider that does not answer is no reason.
    pub async fn build(config: Config) -> Result<Self, StartupError> {
        let open_files = descriptors::raise_limit();
        let (listener, addr) = listen("LEPTOS_SITE_ADDR", config.site_addr).await?;
        let (trust, dev_provider) = match config.issuer {
            IssuerConfig::Given(trust) => (*trust, None),
            IssuerConfig::Development(at) => {
                let provider = DevProvider::start(&at, addr).await?;
                (provider.trust(), Some(provider))
            }
        };
        let database = store::open(&config.database, &records::all(), dev_provider.is_some(), Clock::system()).await?;
        let Gatekeeper { verifier, id_tokens, keys, discovery } = Gatekeeper::of(&trust)?;
        let own_url = addr.ip().is_loopback().then(|| format!("http://{addr}"));
        let site_url = config.site_url.or(own_url);
        match &site_url {
            None => tracing::warn!("SITE_URL is not set: clients cannot ask this server whose tokens it takes"),
            Some(url) if dev_provider.is_none() => {
                tracing::info!(%url, "clients are told that this is where they reach us")
            }
            Some(_) => {}
        }
        let metadata = site_url.map(|url| Arc::new(Metadata::new(url, &trust)));
        let sign_in = SignInOffer::start(trust, config.token_place, config.storage_prefix, discovery);
        let tasks = sign_in.discovery_task().into_iter().chain(dev_provider.as_ref().map(DevProvider::task)).collect();
        let state = AppState {
            options: LeptosOptions::builder()
                .output_name(OUTPUT_NAME)
                .site_root(config.site_root.to_string_lossy())
                .site_addr(addr)
                .reload_port(u32::from(release::reload_port().unwrap_or_default()))
                .build(),
            release: Release::of(&config.site_root),
            gate: Gate::new(Arc::new(BearerTokens(verifier))),
            readiness: Arc::new(Readiness::new(keys, database.clone(), tasks)),
            database,
            id_tokens: Arc::new(IdTokens(id_tokens)),
            metadata,
            sign_in,
        };
        let router = router::build(state)?;
        let max_connections = descriptors::connections_that_fit(open_files, config.max_connections);
        let limits = ConnectionLimits { keep_alive: config.keep_alive, max_connections };
        Ok(Self { listener, addr, router, dev_provider, limits })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The development provider that runs beside it, if one does.
    #[must_use]
    pub fn dev_provider(&self) -> Option<&DevProvider> {
        self.dev_provider.as_ref()
    }

    /// Answers until `stop` is done, and then gives what is under way three seconds to end.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        serve(self.listener, self.router, self.limits, stop).await
    }
}

/// Answers on `listener` by `router` until `stop` is done, and then gives what is under way three seconds to end.
///
/// # Errors
/// When the listener breaks.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let handle = axum_server::Handle::new();
    let server = axum_server::from_tcp(listener.into_std()?)?.handle(handle.clone());
    // HTTP/1 alone, whose limits hold from the first byte on. A proxy that speaks TLS speaks HTTP/2 to browsers.
    let mut server = server.http1_only().acceptor(TimedAcceptor::new(limits));
    server.http_builder().http1().max_buf_size(MAX_HEAD_BYTES);
    let warning = Throttle::default();
    let server = server.accept_error_handler(move |_, error| {
        if let Some(suppressed) = warning.admit() {
            tracing::warn!(%error, suppressed, "a connection cannot be accepted");
        }
    });
    let stopping = tokio::spawn(async move {
        stop.await;
        handle.graceful_shutdown(Some(GRACEFUL_SHUTDOWN_TIMEOUT));
    });
    // Axum says `Allow` beside every refusal of a method, outside all layers: strangers shall not learn what there is.
    let service = router.into_service().map_response(|mut answer: Response| {
        // Axum gives the answers to HEAD the length of their empty body (RFC 9110 §8.6: it would be that of a 200).
        if answer.status() == StatusCode::NOT_MODIFIED {
            answer.headers_mut().remove(header::CONTENT_LENGTH);
        }
        if answer.status() == StatusCode::UNAUTHORIZED {
            answer.headers_mut().remove(header::ALLOW);
        }
        answer
    });
    let ended = server.serve(Shared::new(service)).await;
    stopping.abort();
    ended
}

/// The token check, with what it asks.
pub(crate) struct Gatekeeper {
    /// The check itself.
    pub(crate) verifier: Verifier<Caller>,
    /// The check of ID tokens; none without a client for them.
    id_tokens: Option<IdTokenVerifier>,
    /// The keys of each issuer.
    pub(crate) keys: Vec<Arc<KeyCache>>,
    /// The discovery document of the issuer that people sign in with.
    discovery: Arc<Discovery>,
}

impl Gatekeeper {
    /// Starts to fetch the keys of every issuer of `trust`.
    pub(crate) fn of(trust: &Trust) -> Result<Self, StartupError> {
        let http = Http::new()?;
        let discovery_of = |one: &TrustedIssuer| {
            one.discovery(&http)
                .map(Arc::new)
                .map_err(|_| ConfigError::wrong("AUTH_ISSUER", &one.issuer, "expected an absolute URL"))
        };
        let discovery = discovery_of(&trust.issuer)?;
        let mut issuers = Vec::new();
        for one in trust.issuers() {
            let keys = Arc::new(KeyCache::start(RemoteKeys {
                jwks_uri: one.jwks_uri.clone(),
                discovery: if issuers.is_empty() { discovery.clone() } else { discovery_of(one)? },
                http: one.http(&http),
                algorithms: trust.algorithms.clone(),
            }));
            issuers.push(TrustedKeys { rules: trust.rules(one), keys });
        }
        let keys: Vec<_> = issuers.iter().map(|one| one.keys.clone()).collect();
        let id_tokens = trust.client_id.as_deref().zip(keys.first()).map(|(client_id, keys)| IdTokenVerifier {
            issuer: trust.issuer.issuer.clone(),
            client_id: client_id.into(),
            keys: keys.clone(),
            leeway: trust.leeway,
        });
        Ok(Self { verifier: Verifier::new(issuers, trust.algorithms.clone()), id_tokens, keys, discovery })
    }
}
