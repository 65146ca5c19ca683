//! The server of the example app: its kinds of records, and what its command line gets.
//!
//! | item | subject |
//! |---|---|
//! | [`PROGRAM`], [`APP`], [`DEV_PROVIDER`] | what the framework gets from this app |
//! | `accounts` | the development provider and its accounts |
//! | [`records`] | the kinds of records: their REST endpoints, and what the database is opened for |
//! | `samples` | sample records for the first look |

#![recursion_limit = "256"] // The types of a whole page nest deeply once Axum wraps them.

#[cfg(feature = "dev-provider")]
mod accounts;
#[cfg(not(feature = "dev-provider"))]
mod accounts {
    /// This build has no development provider.
    pub const DEV_PROVIDER: Option<&'static dyn portcullis_server::dev_provider::DevelopmentProvider> = None;
}
pub mod records;
mod samples;

pub use accounts::DEV_PROVIDER;

use app::pages::{CALLBACK_PAGE, HOME_PAGE};
use app::registry::REGISTRY;
use leptos::prelude::IntoAny;
use portcullis_cli::Program;
use portcullis_server::application::App;

/// This app, for its command line.
pub static PROGRAM: Program = Program {
    binary: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    app: APP,
    records: records::all,
    home_path: HOME_PAGE.path,
    callback_path: CALLBACK_PAGE.path,
    dev_provider: DEV_PROVIDER,
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
