//! The command `doctor`: its arguments, its input and its output.

use std::io::{self, IsTerminal, Write};

use anyhow::bail;
use portcullis_server::config::Config;

use crate::Program;
use crate::command_line::has_color;

/// The arguments of `doctor`.
#[derive(clap::Args, Debug, Default)]
pub struct Arguments {
    /// Explain the access token on standard input instead. The only accepted value is `-`.
    #[arg(long, value_name = "-", allow_hyphen_values = true)]
    pub token: Option<String>,
    /// Takes words that clap would otherwise repeat in an error, because they may be tokens.
    #[arg(hide = true)]
    pub rest: Vec<String>,
}

/// Prints the diagnosis. Returns whether nothing is bad.
///
/// # Errors
/// If the arguments are wrong, or there is no token on standard input. The error never contains an argument, because it
/// may be a token.
pub async fn run(program: &Program, arguments: &Arguments) -> anyhow::Result<bool> {
    let token = arguments.token.as_deref();
    if !arguments.rest.is_empty() || token.is_some_and(|token| token != "-") {
        bail!(
            "doctor accepts only --token -, and reads the token from standard input: other processes can see arguments"
        );
    }
    let config = Config::from_environment(program.build());
    let diagnosis = match token {
        None => super::examine(program, config).await,
        Some(_) => {
            if io::stdin().is_terminal() {
                let _ = writeln!(io::stderr(), "Paste one token, and press Enter.");
            }
            super::explain(program, config, &super::read_line(io::stdin().lock())?).await
        }
    };
    let text = super::text(&diagnosis, has_color(&io::stdout()));
    // A reader that is gone is not an error.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(!diagnosis.is_bad())
}
