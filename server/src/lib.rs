//! The server of the example app: its REST endpoints, its records, and the composition of everything.
//!
//! | module | subject |
//! |---|---|
//! | [`APP`], [`BUILD`], [`DEV_PROVIDER`] | what the framework gets from this app |
//! | `accounts` | the accounts of the development provider |
//! | [`startup`] | composes the server; the tests start the same |
//! | [`records`] | the kinds of records: their REST endpoints, and what the database is opened for |
//! | [`doctor`] | what is wrong with the configuration or at the provider, and the fix |
//! | [`audit`] | attacks every route of a running deployment |

#![recursion_limit = "256"] // The types of a whole page nest deeply once Axum wraps them.
// They panic where nobody reads the output.
#![warn(clippy::print_stderr, clippy::print_stdout)]

#[cfg(feature = "dev-provider")]
mod accounts;
pub mod audit;
pub mod doctor;
pub mod records;
mod samples;
pub mod startup;

use app::registry::REGISTRY;
use leptos::prelude::IntoAny;
use portcullis_server::application::App;
use portcullis_server::config::Build;
use portcullis_server::dev_provider::DevelopmentProvider;

/// What the configuration depends on.
pub const BUILD: Build = Build { registry: &REGISTRY, has_dev_provider: DEV_PROVIDER.is_some() };

/// The development provider, in a build that contains it.
pub const DEV_PROVIDER: Option<&'static dyn DevelopmentProvider> = {
    #[cfg(feature = "dev-provider")]
    {
        const PROVIDER: portcullis_dev_provider::DevProvider =
            portcullis_dev_provider::DevProvider::new(&REGISTRY, accounts::ACCOUNTS);
        Some(&PROVIDER)
    }
    #[cfg(not(feature = "dev-provider"))]
    None
};

/// What the server serves.
pub const APP: App = App {
    name: "Portcullis",
    registry: &REGISTRY,
    api: records::api,
    view: || app::app::App().into_any(),
    shell: |options| app::app::shell(options).into_any(),
    output_name: "portcullis",
};
