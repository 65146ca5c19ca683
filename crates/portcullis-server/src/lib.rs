//! The server side of a Portcullis app: the gate, and what every request passes.
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
//! | [`Gate`], [`Permit`], [`Api`] | who may do what; endpoints whose handlers take their permit |
//! | [`application`], [`state`] | composes a server from an [`App`](application::App); what handlers get |
//! | [`router`], [`registry`] | one list of routes, compared with what is declared |
//! | [`serve`], [`connection`], [`listen`], [`descriptors`] | connections: how many, how long, how slow |
//! | [`http_rules`], [`deadline`], [`panics`], [`headers`] | what every request passes |
//! | [`security_log`], [`logging`] | what is logged, and how |
//! | [`store`] | stores of records, whose methods require permits |
//! | [`Api::records`], [`get_record`], [`record_fns`] | the REST endpoints and the server functions of every kind of record |
//! | [`files`], [`release`] | the files of the built client |
//! | [`operational`], [`readiness`] | the open paths |
//! | [`conditional`], [`Checked`], [`JsonFields`] | conditional requests; extractors with our error body |
//! | [`dev_provider`] | what the server needs of a development provider |
//! | [`config`], [`sign_in`] | the environment; what pages say about the identity provider |
//! | [`authenticate`], [`identify`] | callers by their access tokens; ID tokens |

mod api;
#[cfg(feature = "leptos")]
pub mod application;
pub mod auth_services;
pub mod authenticate;
pub mod conditional;
pub mod config;
pub mod connection;
#[cfg(feature = "leptos")]
pub mod csp;
pub mod deadline;
pub mod descriptors;
pub mod dev_provider;
mod extract;
pub mod files;
pub mod headers;
pub mod http_rules;
#[cfg(feature = "leptos")]
mod id_tokens;
#[cfg(feature = "leptos")]
pub mod identify;
pub mod listen;
pub mod logging;
#[cfg(feature = "leptos")]
pub mod operational;
#[cfg(feature = "leptos")]
mod pages;
pub mod panics;
mod permit;
pub mod readiness;
mod record_api;
#[cfg(feature = "leptos")]
pub mod record_fns;
pub mod redirect;
pub mod registry;
pub mod release;
#[cfg(feature = "leptos")]
pub mod router;
pub mod security_log;
pub mod serve;
pub mod sign_in;
#[cfg(feature = "leptos")]
pub mod state;
pub mod store;
#[cfg(feature = "test-support")]
pub mod test_support;
mod throttle;

pub use api::{Api, ApiRoute, PermitFirst};
pub use extract::{Checked, JsonFields};
#[cfg(feature = "leptos")]
pub use id_tokens::{CheckIdToken, id_tokens};
#[cfg(feature = "leptos")]
pub use permit::permit;
pub use permit::{Admitted, Authenticate, Gate, Permit};
pub use record_api::get_record;
pub use throttle::{Throttle, WARNING_INTERVAL};
