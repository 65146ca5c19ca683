//! The server of Portcullis: the token check, the REST endpoints, the stores and what ties them together.
//!
//! | module | duty |
//! |---|---|
//! | [`config`] | environment to typed, validated configuration |
//! | [`startup`] | builds and runs the application; tests use the same |
//! | [`connection`] | how many connections there may be, how long one may take and be idle, and how fast it must read |
//! | [`descriptors`] | how many files and connections may be open |
//! | [`security_log`] | a line for each refusal and each write |
//! | [`router`] | pages, `/rpc`, `/api` and what stands before them |
//! | [`http_rules`] | what every request must be before it is routed |
//! | [`deadline`] | how long a request may take |
//! | [`panics`] | a panic of a handler is a 500 |
//! | [`files`] | the files of the client, as a web server serves them |
//! | [`pages`] | the pages, and the page of 404 |
//! | [`headers`] | what a browser may do with our answers |
//! | [`logging`] | the log, which stops nothing when it cannot be written |
//! | [`supervise`] | background tasks that are started again when they panic |
//! | [`listen`] | addresses, and why one is not to be had |
//! | [`state`] | what handlers are given |
//! | [`sign_in`] | what the client is told of the provider |
//! | [`operational`] | the open paths: health, readiness, metadata for clients |
//! | [`readiness`] | whether requests can be served now |
//! | [`registry`] | holds what is served against what is declared, at start |
//! | [`auth`] | the token check: bearer, verifier, claims, keys |
//! | [`authenticate`] | ties the token check to the gate |
//! | [`identify`] | ties the check of ID tokens to the endpoint that a page asks who its caller is |
//! | [`bucket`] | a token bucket, for fetches of keys and for lines of the log |
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
pub mod auth;
pub mod authenticate;
pub mod bucket;
pub mod client;
pub mod config;
pub mod connection;
pub mod deadline;
pub mod descriptors;
#[cfg(feature = "dev-provider")]
pub mod dev_provider;
#[cfg(not(feature = "dev-provider"))]
#[path = "no_dev_provider.rs"]
pub mod dev_provider;
pub mod doctor;
pub mod files;
pub mod headers;
pub mod http_rules;
pub mod identify;
pub mod listen;
pub mod logging;
pub mod operational;
pub mod pages;
pub mod panics;
pub mod readiness;
pub mod records;
pub mod redirect;
pub mod registry;
pub mod rest;
pub mod router;
mod samples;
pub mod security_log;
pub mod sign_in;
pub mod startup;
pub mod state;
pub mod store;
pub mod supervise;
