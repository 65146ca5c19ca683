//! The command `audit`: lists the routes of an app, and attacks each of them on a running deployment.
//!
//! | module | contents |
//! |---|---|
//! | `routes` | the routes, from the registry |
//! | `listing` | the printed table of routes, compared with what is served |
//! | `target`, `target_info`, `public_key` | the target, and its issuers with their keys |
//! | `samples`, `missing_samples` | tokens from the user: the kind of each, and which kinds are missing |
//! | `attack` | one attack: what is sent, and the expected response |
//! | `corpus` | all attacks that are possible with what is known |
//! | `forged_tokens`, `forger_key`, `certificate` | forged tokens, and how they are signed |
//! | `attacker_key_server` | the server that forged tokens name as the location of their key |
//! | `run` | sends the corpus, with limits |
//! | `verdict`, `outcome` | the verdict on a response |
//! | `report` | the report as a table, JSON, JUnit or a page |
//! | `command`, `announcement` | the command line |

mod announcement;
pub mod attack;
mod attacker_key_server;
mod certificate;
pub mod command;
mod corpus;
mod forged_tokens;
mod forger_key;
pub mod listing;
mod missing_samples;
pub mod outcome;
mod public_key;
pub mod report;
pub mod routes;
pub mod run;
pub mod samples;
pub mod target;
mod target_info;
pub mod verdict;

use portcullis_server::config::ConfigError;
use portcullis_server::registry::RegistryError;

/// Why an audit cannot be done. Its findings are not errors, but part of its report.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The program serves something else than the registry declares.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The target is not an acceptable origin. It is not shown, because it may contain a password.
    #[error("--against: {why}")]
    Target {
        /// What was expected.
        why: String,
    },
    /// The arguments are wrong. They are not shown, because one may be a token.
    #[error("{0}")]
    Arguments(&'static str),
    /// The tokens cannot be read.
    #[error("--token: {0}")]
    Tokens(String),
    /// A setting by which tokens are classified is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No keys can be generated.
    #[error("the system has no randomness")]
    Randomness,
    /// The HTTP client cannot be created.
    #[error("the HTTP client cannot be created: {0}")]
    Http(#[from] reqwest::Error),
    /// An I/O error, such as no free port.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl From<aws_lc_rs::error::Unspecified> for AuditError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Randomness
    }
}

/// A kind of attack that could not be tried, and what it would take.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct NotTried {
    /// The kind of attack.
    pub what: String,
    /// What it would take.
    pub how: String,
}
