//! The server of Portcullis: the token check, the REST endpoints, the stores and what ties them together.
//!
//! | module | duty |
//! |---|---|
//! | [`startup`] | builds and runs the application; tests use the same |
//! | [`router`] | pages, `/rpc`, `/api` and what stands before them |
//! | [`files`] | the files of the client, as a web server serves them |
//! | [`pages`] | the pages, and the page of 404 |
//! | [`state`] | what handlers are given |
//! | [`operational`] | the open paths: health, readiness, metadata for clients |
//! | [`readiness`] | whether requests can be served now |
//! | [`registry`] | holds what is served against what is declared, at start |
//! | [`rest`] | the REST endpoints: the table that is the router |
//! | [`store`] | MongoDB and the embedded database |
//! | [`records`] | the records that are kept in it |
//! | [`doctor`] | what is wrong with the configuration or at the provider, and the fix |
//! | [`audit`] | proves of a running deployment that no way in stands open |
//! | [`dev_provider`] | an identity provider for development, on loopback only |

#![recursion_limit = "256"] // The types of a whole page nest deeply once Axum wraps them.
// They panic where nobody reads the output.
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod audit;
#[cfg(feature = "dev-provider")]
pub mod dev_provider;
#[cfg(not(feature = "dev-provider"))]
#[path = "no_dev_provider.rs"]
pub mod dev_provider;
pub mod doctor;
pub mod files;
pub mod operational;
pub mod pages;
pub mod readiness;
pub mod records;
pub mod registry;
pub mod rest;
pub mod router;
mod samples;
pub mod startup;
pub mod state;
pub mod store;

use app::registry::REGISTRY;
use portcullis_server::config::Build;

/// What the configuration depends on.
pub const BUILD: Build = Build { registry: &REGISTRY, has_dev_provider: dev_provider::IS_BUILT_IN };
