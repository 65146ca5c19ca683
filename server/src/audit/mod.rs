//! `server audit`: prints every way into the server, and attacks each of them on a running deployment.
//!
//! | file | duty |
//! |---|---|
//! | `ways` | every way in, from the registry |
//! | `listing` | the printed table of them, held against what is served |
//! | `target` | what is attacked, and what is known of its issuers |
//! | `samples` | tokens that the user gives: what each seems to be |
//! | `attack` | one attack: what is sent, what must come back |
//! | `corpus` | every attack that can be made of what is known |
//! | `forged`, `forge`, `certificate` | forged tokens, and how they are signed |
//! | `lure` | a listener where forged tokens say that their key is |
//! | `run` | sends the corpus, bounded |
//! | `verdict` | what to call that which came back |
//! | `report` | the matrix as a table, JSON, JUnit or a page |
//! | `command` | the command line |

pub mod attack;
mod certificate;
pub mod command;
mod corpus;
mod forge;
mod forged;
pub mod listing;
mod lure;
pub mod report;
pub mod run;
pub mod samples;
pub mod target;
pub mod verdict;
pub mod ways;

use crate::config::ConfigError;
use crate::registry::RegistryError;

/// Why an audit cannot be done. What it finds is no error, but stands in its report.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The program serves what the registry does not hold, or the other way round.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The address is none that is attacked. It is not shown, as it may hold a password.
    #[error("--against: {why}")]
    Target {
        /// What was expected.
        why: String,
    },
    /// The arguments are none that it takes. They are not repeated, as one may be a token.
    #[error("{0}")]
    Arguments(&'static str),
    /// The samples cannot be read.
    #[error("--token: {0}")]
    Tokens(String),
    /// A setting by which samples are read is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No keys can be made to forge with.
    #[error("the system has no randomness to give")]
    Randomness,
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    Http(#[from] reqwest::Error),
    /// Something of the system is not to be had.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl From<aws_lc_rs::error::Unspecified> for AuditError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Randomness
    }
}

/// A kind of attack that could not be made, and what it would take.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct NotTried {
    /// What was not tried.
    pub what: String,
    /// How it can be.
    pub how: String,
}
