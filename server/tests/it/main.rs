//! The integration tests: the application as `main` starts it, asked over real sockets.

mod algorithms;
mod attacks;
mod bearer;
mod doctor;
mod documents;
mod endpoints;
mod errors;
mod issuers;
mod keys;
mod metadata;
mod provider;
mod readiness;
mod startup;
mod store;
mod support;
