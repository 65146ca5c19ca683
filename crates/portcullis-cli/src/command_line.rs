//! The commands and their arguments.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anyhow::Context;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use portcullis_server::config::{dev_provider_issuer, environment};
use portcullis_server::logging::{Log, LogWriter};
use tokio::runtime::Runtime;

use crate::{Program, audit, doctor, dotenv, serve};

#[derive(Parser)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the app. This is the default.
    ///
    /// The environment and the file .env in the current folder configure it; README.md lists the variables.
    Serve,
    /// List every route, or attack each of them on a running deployment.
    ///
    /// Without --against, prints every route and who may call it. With --against, sends forged, tampered and misused
    /// tokens to each route, and reports which of them the server accepted. Nothing is changed: IDs are unused, and
    /// bodies are malformed. What will be sent is announced on standard error. Exits with 1 if a request got past the
    /// gate, or if a route was skipped. Kinds of attack for which a sample token is missing are listed, and do not
    /// fail.
    Audit(audit::command::Arguments),
    /// Find problems in the configuration and at the identity provider.
    ///
    /// Reads the configuration, sends requests to every provider of AUTH_ISSUER, and says how to fix what is wrong.
    /// With --token -, explains an access token instead. Exits with 1 if something is wrong.
    Doctor(doctor::command::Arguments),
    /// Print an access token of the running development provider, for curl.
    Token(TokenArguments),
}

#[derive(Args)]
struct TokenArguments {
    /// The account. The server lists the accounts when it starts.
    #[arg(long)]
    account: String,
    /// The scopes to grant, separated by spaces. By default all that the account has.
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
}

/// The time that the rest of the server gets to end after its requests. A store waits for its commit, which takes less.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(1_250);

/// Runs the command that the arguments of the process name. Exits the process if they are wrong, or ask for help.
///
/// Returns failure on an error, which is written to standard error, and if the audit or the doctor finds something bad.
#[must_use]
pub fn run(program: &Program) -> ExitCode {
    // Dropped last, because what ends with the runtime may still log.
    let Ok(log) = Log::start(io::stderr()) else { return ExitCode::FAILURE };
    let outcome = Runtime::new().context("the runtime cannot be created").and_then(|runtime| {
        let outcome = runtime.block_on(execute(program, log.writer()));
        // Ends what requests still hold: the store waits for its commit. A read from a disk that does not answer must not
        // hold the process.
        runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
        outcome
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        // The report has said why.
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = log.writer().write_all(format!("error: {error:#}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}

/// Runs the command. Returns whether a check found nothing bad.
async fn execute(program: &Program, log: LogWriter) -> anyhow::Result<bool> {
    let command = parse(program, std::env::args_os()).unwrap_or_else(|error| error.exit());
    let dotenv = dotenv::read()?;
    match command {
        Command::Serve => serve::run(program, dotenv, log).await.map(|()| true),
        Command::Doctor(arguments) => doctor::command::run(program, &arguments).await,
        Command::Audit(arguments) => Ok(audit::command::run(program, arguments).await?),
        Command::Token(arguments) => print_token(program, &arguments).await.map(|()| true),
    }
}

/// Parses `arguments`, the first of which is the executable.
fn parse<A: Into<std::ffi::OsString> + Clone>(
    program: &Program,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Command, clap::Error> {
    let mut command = command(program);
    let parsed = CommandLine::from_arg_matches(&command.try_get_matches_from_mut(arguments)?);
    match parsed.map_err(|error| error.format(&mut command))?.command.unwrap_or(Command::Serve) {
        Command::Token(_) if program.dev_provider.is_none() => {
            Err(command.error(ErrorKind::InvalidSubcommand, "token: this build has no development provider"))
        }
        parsed => Ok(parsed),
    }
}

/// Returns the description of the command line, with an example for each command.
fn command(program: &Program) -> clap::Command {
    let Program { binary, version, app, dev_provider, .. } = program;
    let example = |line: &str| format!("Example:\n  {binary} {line}");
    CommandLine::command()
        .name(*binary)
        .version(*version)
        .about(format!("Serves {}, and checks its gate and its configuration.", app.name))
        .mut_subcommand("serve", |serve| {
            serve.after_help(format!("Example:\n  LEPTOS_SITE_ADDR=127.0.0.1:8080 {binary} serve"))
        })
        .mut_subcommand("audit", |audit| {
            audit.after_help(example("audit --against https://app.example --token - < tokens.txt"))
        })
        .mut_subcommand("doctor", |doctor| doctor.after_help(example("doctor --token - < token.txt")))
        .mut_subcommand("token", |token| {
            token.hide(dev_provider.is_none()).after_help(example("token --account ACCOUNT > token.txt"))
        })
}

async fn print_token(program: &Program, arguments: &TokenArguments) -> anyhow::Result<()> {
    let issuer = dev_provider_issuer(&environment)?;
    let provider = program.dev_provider.context("this build has no development provider")?;
    let token = provider.access_token(&issuer, &arguments.account, arguments.scope.as_deref()).await?;
    writeln!(io::stdout(), "{token}")?;
    Ok(())
}

/// Returns whether `stream` shows colors: it is a terminal, unless `NO_COLOR`, `CLICOLOR` or `TERM` say otherwise.
pub fn has_color(stream: &impl RawStream) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_program::PROGRAM;

    #[test]
    fn command_line_describes_each_command_with_an_example() {
        command(&PROGRAM).debug_assert();
        for name in ["serve", "audit", "doctor", "token"] {
            let mut command = command(&PROGRAM);
            let command = command.find_subcommand_mut(name).expect(name);
            let summary = command.get_about().expect(name).to_string();
            assert!(!summary.contains('\n') && summary.len() < 80, "{summary}");
            let help = command.render_long_help().to_string();
            assert!(help.contains("Example:\n  ") && help.contains(&format!("test-app {name}")), "{help}");
        }
    }

    #[test]
    fn token_needs_a_development_provider() {
        let arguments = ["test-app", "token", "--account", "ada"];
        assert!(matches!(parse(&PROGRAM, arguments), Ok(Command::Token(_))));
        let without = Program { dev_provider: None, ..PROGRAM };
        let error = parse(&without, arguments).err().expect("an error").to_string();
        assert!(error.contains("no development provider"), "{error}");
        let help = command(&without).render_help().to_string();
        assert!(help.contains("audit") && !help.contains("token"), "{help}");
    }

    #[test]
    fn serve_is_the_default() {
        assert!(matches!(parse(&PROGRAM, ["test-app"]), Ok(Command::Serve)));
    }
}
