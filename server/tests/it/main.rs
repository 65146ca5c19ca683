//! The integration tests: the application as `main` starts it, asked over real sockets.

mod algorithms;
mod attacks;
mod endpoints;
mod errors;
mod keys;
mod provider;
mod readiness;
mod startup;
mod store;
mod support;
