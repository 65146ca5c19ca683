//! The integration tests: the application as `main` starts it, asked over real sockets.

mod addresses;
mod algorithms;
mod attacks;
mod audit;
mod bearer;
mod causes;
mod doctor;
mod documents;
mod endpoints;
mod errors;
mod files;
mod golden;
mod headers;
mod http_rules;
mod identify;
mod issuers;
mod items;
mod key_choice;
mod keys;
mod layers;
mod limits;
mod logging;
mod metadata;
mod properties;
mod provider;
mod provider_documents;
mod readiness;
mod security_log;
mod seeds;
mod settings;
mod startup;
mod store;
mod support;

// The properties of the fuzz targets ask for it there: in `fuzz` the token check is compiled by itself.
use server::auth;
