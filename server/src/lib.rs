//! The server of the example app: its REST endpoints, its records, and what its command line gets.
//!
//! | item | subject |
//! |---|---|
//! | [`PROGRAM`], [`APP`], [`records`], [`DEV_PROVIDER`] | what the framework gets from this app |
//! | `accounts` | the development provider and its accounts |
//! | `items` | the REST endpoints of items, and their records |
//! | `samples` | sample records for the first look |

#![recursion_limit = "256"] // The types of a whole page nest deeply once Axum wraps them.

#[cfg(feature = "dev-provider")]
mod accounts;
#[cfg(not(feature = "dev-provider"))]
mod accounts {
    /// This build has no development provider.
    pub const DEV_PROVIDER: Option<&'static dyn portcullis_server::dev_provider::DevelopmentProvider> = None;
}
mod items;
mod samples;

pub use accounts::DEV_PROVIDER;

use app::pages::{CALLBACK_PAGE, HOME_PAGE};
use app::registry::REGISTRY;
use leptos::prelude::IntoAny;
use portcullis_cli::{Program, ServerResource};
use portcullis_server::application::App;
use portcullis_store::Registration;

/// This app, for its command line.
pub static PROGRAM: Program = Program {
    binary: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    app: APP,
    resources,
    home_path: HOME_PAGE.path,
    callback_path: CALLBACK_PAGE.path,
    dev_provider: DEV_PROVIDER,
};

/// What the server serves.
pub const APP: App = App {
    name: "Portcullis",
    registry: &REGISTRY,
    api: || ServerResource::api(resources()),
    view: || app::app::App().into_any(),
    shell: |options| app::app::shell(options).into_any(),
    output_name: "portcullis",
};

/// Returns the server side of every resource. A new resource adds its line here.
fn resources() -> Vec<ServerResource> {
    vec![items::resource()]
}

/// Returns the kinds of records that the database is opened for.
#[must_use]
pub fn records() -> Vec<Registration> {
    ServerResource::records(resources())
}
