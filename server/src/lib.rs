//! The server of the example app: its REST endpoints, its records, and what its command line gets.
//!
//! | item | subject |
//! |---|---|
//! | [`PROGRAM`], [`APP`], [`DEV_PROVIDER`] | what the framework gets from this app |
//! | `accounts` | the accounts of the development provider |
//! | `items` | the REST endpoints of items |
//! | [`records`] | the records that the database is opened for |
//! | `samples` | sample records for the first look |

#![recursion_limit = "256"] // The types of a whole page nest deeply once Axum wraps them.

#[cfg(feature = "dev-provider")]
mod accounts;
mod items;
pub mod records;
mod samples;

use app::pages::{CALLBACK_PAGE, HOME_PAGE};
use app::registry::REGISTRY;
use leptos::prelude::IntoAny;
use portcullis_cli::Program;
use portcullis_server::Api;
use portcullis_server::application::App;
use portcullis_server::dev_provider::DevelopmentProvider;
use portcullis_server::state::ServerState;

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
    api,
    view: || app::app::App().into_any(),
    shell: |options| app::app::shell(options).into_any(),
    output_name: "portcullis",
};

/// Returns every REST endpoint. A new resource adds its line here.
fn api() -> Api<ServerState> {
    items::api()
}

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
