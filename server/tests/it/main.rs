//! The integration tests: the application as `main` starts it, asked over real sockets.

mod algorithms;
mod attacks;
mod audit;
mod bearer;
mod doctor;
mod documents;
mod endpoints;
mod errors;
mod golden;
mod issuers;
mod keys;
mod metadata;
mod provider;
mod readiness;
mod startup;
mod store;
mod support;
