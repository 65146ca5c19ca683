//! The command line of a Portcullis app: `serve`, `audit`, `doctor` and `token`.
//!
//! The app names its values in a [`Program`], and its `main` calls [`run`]:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use leptos::prelude::*;
//! use portcullis::Registry;
//! use portcullis_cli::Program;
//! use portcullis_server::Api;
//! use portcullis_server::application::App;
//!
//! static REGISTRY: Registry = Registry::new(&[]);
//!
//! static PROGRAM: Program = Program {
//!     binary: env!("CARGO_PKG_NAME"),
//!     version: env!("CARGO_PKG_VERSION"),
//!     app: App {
//!         name: "Notes",
//!         registry: &REGISTRY,
//!         api: Api::new,
//!         view: || view! { <h1>"Notes"</h1> }.into_any(),
//!         shell: |_options| view! { <html lang="en"></html> }.into_any(),
//!         output_name: "notes",
//!     },
//!     records: Vec::new,
//!     home_path: "/",
//!     callback_path: "/callback",
//!     dev_provider: None,
//! };
//!
//! fn main() -> ExitCode {
//!     portcullis_cli::run(&PROGRAM)
//! }
//! ```
//!
//! | module | subject |
//! |---|---|
//! | [`Program`] | what an app gives to its command line |
//! | `command_line` | the commands and their arguments |
//! | `dotenv` | the variables of `.env` |
//! | [`server`] | the server that is composed from a program and a configuration |
//! | `serve` | the command `serve` |
//! | [`audit`] | attacks every route of a running deployment |
//! | [`doctor`] | what is wrong with the configuration or at the identity provider, and how to fix it |

#![recursion_limit = "256"] // The types of a whole page nest deeply once Axum wraps them.
// They panic if nobody reads the output.
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod audit;
mod command_line;
pub mod doctor;
mod dotenv;
mod program;
mod serve;
pub mod server;
#[cfg(test)]
mod test_program;

pub use command_line::run;
pub use program::Program;
