//! The server that is composed from a program and a configuration. Tests of an app start the same one as `serve`.

use std::net::SocketAddr;

use portcullis_server::application::{Application, Listening, StartupError};
use portcullis_server::config::{Config, ConfigError, IssuerConfig};
use portcullis_server::dev_provider::{DevelopmentProviderError, RunningDevelopmentProvider};
use portcullis_server::listen::ListenError;
use portcullis_store::{Clock, OpenError};

use crate::Program;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A variable is wrong or missing.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address is not available.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The application cannot be composed.
    #[error(transparent)]
    Application(#[from] StartupError),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The development provider does not start.
    #[error(transparent)]
    DevelopmentProvider(#[from] DevelopmentProviderError),
    /// The configuration asks for a development provider, and the build contains none.
    #[error("this build has no development provider: set AUTH_ISSUER")]
    NoDevelopmentProvider,
}

/// A server that listens. It answers once [`Server::run`] is called.
pub struct Server {
    application: Application,
    dev_provider: Option<RunningDevelopmentProvider>,
}

impl Server {
    /// Listens, starts the development provider if `AUTH_ISSUER` is not set, opens the database and starts to fetch the
    /// keys of the provider.
    ///
    /// # Errors
    /// [`ServerError`]. A provider that does not answer is not an error.
    pub async fn start(program: &Program, config: Config) -> Result<Self, ServerError> {
        let listening = Listening::start(&config).await?;
        let (auth, dev_provider) = match &config.issuer {
            IssuerConfig::Given(auth) => ((**auth).clone(), None),
            IssuerConfig::Development(at) => {
                let provider = program.dev_provider.ok_or(ServerError::NoDevelopmentProvider)?;
                let provider = provider.start(at, listening.addr()).await?;
                (provider.auth.clone(), Some(provider))
            }
        };
        // Sample records are for the first look, which is beside the development provider.
        let has_samples = dev_provider.is_some();
        let records = (program.records)();
        let database = portcullis_store::open(&config.database, &records, has_samples, Clock::system()).await?;
        let tasks = dev_provider.iter().map(|provider| provider.task.clone()).collect();
        let application = Application::build(program.app, config, listening, auth, database, tasks)?;
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
