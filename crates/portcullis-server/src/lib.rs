//! The server side of a Portcullis app: the gate, and the layers around every request.
//!
//! A handler takes the permit of the right that its endpoint requires, and hands it to a store:
//!
//! ```
//! use portcullis::{Access, Right, Scope};
//! use portcullis_server::Permit;
//!
//! struct ReadNotes;
//! impl Right for ReadNotes {
//!     const NAME: &'static str = "ReadNotes";
//!     const ACCESS: Access = Access::Scopes(&[Scope("read:notes")]);
//! }
//!
//! async fn handler(permit: Permit<ReadNotes>) -> String {
//!     permit.caller().issuer.to_string()
//! }
//! ```
//!
//! | module | subject |
//! |---|---|
//! | [`Gate`], [`Permit`], [`Api`] | authorization; endpoints whose handlers take their permit |
//! | [`application`] | the server of a Leptos app: state, router, pages, and the context of server functions |
//! | [`registry`] | the comparison of the served routes with the declared ones |
//! | [`serve`], [`connection`], [`listen`], [`descriptors`] | connections and their limits |
//! | [`http_rules`], [`deadline`], [`panics`], [`headers`] | layers around every request |
//! | [`security_log`], [`logging`] | the security log; how lines are written |
//! | [`store`] | stores of records, whose methods require permits |
//! | [`Api::records`], [`get_record`] | the REST endpoints of every kind of record |
//! | [`files`], [`release`] | the files of the built client |
//! | [`readiness`] | the readiness check for `/readyz` |
//! | [`conditional`], [`Checked`], [`JsonFields`] | conditional requests; extractors with our error body |
//! | [`dev_provider`] | the interface of a development provider |
//! | [`config`], [`sign_in`] | the environment; the sign-in configuration for pages |
//! | [`authenticate`], [`auth_services`], [`id_tokens`] | callers by their access tokens; ID tokens |

mod api;
#[cfg(feature = "leptos")]
pub mod application;
pub mod auth_services;
pub mod authenticate;
pub mod conditional;
pub mod config;
pub mod connection;
pub mod deadline;
pub mod descriptors;
pub mod dev_provider;
mod extract;
pub mod files;
pub mod headers;
pub mod http_rules;
pub mod id_tokens;
pub mod listen;
pub mod logging;
pub mod panics;
mod permit;
pub mod readiness;
mod record_api;
pub mod redirect;
pub mod registry;
pub mod release;
pub mod security_log;
pub mod serve;
pub mod sign_in;
pub mod store;
#[cfg(feature = "test-support")]
pub mod test_support;
mod throttle;

pub use api::{Api, ApiRoute, PermitFirst};
pub use extract::{Checked, JsonFields};
pub use permit::{Admitted, Authenticate, Gate, Permit};
pub use record_api::get_record;
pub use throttle::{Throttle, WARNING_INTERVAL};
