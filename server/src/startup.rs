//! Composes the server: the app, its database and, without `AUTH_ISSUER`, the development provider. The tests start the
//! same.

use std::net::SocketAddr;

use portcullis_server::application::{self, App, Listening};
use portcullis_server::config::{Config, ConfigError, IssuerConfig};
use portcullis_server::dev_provider::{DevelopmentProvider, DevelopmentProviderError, RunningDevelopmentProvider};
use portcullis_server::listen::ListenError;
use portcullis_store::{Clock, OpenError, Registration};

use crate::{APP, DEV_PROVIDER, records};

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// A variable is wrong or missing.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address is not available.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The application cannot be composed.
    #[error(transparent)]
    Application(#[from] application::StartupError),
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The development provider does not start.
    #[error(transparent)]
    DevProvider(#[from] DevelopmentProviderError),
    /// The configuration asks for a development provider, and the build has none.
    #[error("this build has no development provider")]
    NoDevProvider,
}

/// The server, listening but not yet answering.
pub struct Application {
    application: application::Application,
    dev_provider: Option<RunningDevelopmentProvider>,
}

impl Application {
    /// Listens, opens the database and starts to fetch the keys of the provider.
    ///
    /// # Errors
    /// [`StartupError`]. A provider that does not answer is not an error.
    pub async fn build(config: Config) -> Result<Self, StartupError> {
        Self::compose(APP, &records::all(), DEV_PROVIDER, config).await
    }

    /// Composes `app`, a database of `records` and, if there is one, a development provider.
    ///
    /// # Errors
    /// [`StartupError`]. A provider that does not answer is not an error.
    pub async fn compose(
        app: App,
        records: &[Registration],
        provider: Option<&'static dyn DevelopmentProvider>,
        config: Config,
    ) -> Result<Self, StartupError> {
        let listening = Listening::start(&config).await?;
        let (trust, dev_provider) = match &config.issuer {
            IssuerConfig::Given(trust) => ((**trust).clone(), None),
            IssuerConfig::Development(at) => {
                let provider = provider.ok_or(StartupError::NoDevProvider)?.start(at, listening.addr()).await?;
                (provider.trust.clone(), Some(provider))
            }
        };
        let samples = dev_provider.is_some();
        let database = portcullis_store::open(&config.database, records, samples, Clock::system()).await?;
        let tasks = dev_provider.iter().map(|provider| provider.task.clone()).collect();
        let application = application::Application::build(app, config, listening, trust, database, tasks)?;
        Ok(Self { application, dev_provider })
    }

    /// Returns the address at which it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.application.addr()
    }

    /// Returns the development provider, if it runs.
    #[must_use]
    pub fn dev_provider(&self) -> Option<&RunningDevelopmentProvider> {
        self.dev_provider.as_ref()
    }

    /// Serves until `stop` completes. Requests that are in progress then get three seconds to finish.
    ///
    /// # Errors
    /// The errors of the listener.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        self.application.run(stop).await
    }
}
