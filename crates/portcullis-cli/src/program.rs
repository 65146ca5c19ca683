//! What an app gives to its command line.

use portcullis::Registry;
use portcullis_server::application::App;
use portcullis_server::config::Build;
use portcullis_server::dev_provider::DevelopmentProvider;
use portcullis_store::Registration;

/// An app, with everything that its command line needs.
#[derive(Clone, Copy)]
pub struct Program {
    /// The name of the executable, for `--help` and for messages that name a command.
    pub binary: &'static str,
    /// The version that `--version` prints.
    pub version: &'static str,
    /// What the server serves.
    pub app: App,
    /// The kinds of records that the database is opened for.
    pub records: fn() -> Vec<Registration>,
    /// The path to which the provider sends people back after they signed out.
    pub home_path: &'static str,
    /// The path of the redirect URI.
    pub callback_path: &'static str,
    /// The development provider, in a build that contains it.
    pub dev_provider: Option<&'static dyn DevelopmentProvider>,
}

impl Program {
    /// Returns the resources of the app.
    #[must_use]
    pub const fn registry(&self) -> &'static Registry {
        self.app.registry
    }

    /// Returns what the configuration depends on.
    #[must_use]
    pub const fn build(&self) -> Build {
        Build { registry: self.app.registry, has_dev_provider: self.dev_provider.is_some() }
    }
}
