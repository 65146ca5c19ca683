//! The command line: `serve`, `audit` and their helpers.

#![recursion_limit = "256"] // As in the library: the router is one deep type.
// They panic where nobody reads the output.
#![warn(clippy::print_stderr, clippy::print_stdout)]

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use portcullis_server::config::{Config, ConfigError};
use portcullis_server::logging::{self, Log, LogWriter};
use portcullis_server::panics;
use server::BUILD;
use server::audit::{self, command::Arguments};
use server::doctor;
use server::startup::Application;
use tokio::runtime::Runtime;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Portcullis: a web application whose every endpoint stands behind one gate.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the application (the default). It is configured by the environment and `.env`; see README.md.
    Serve,
    /// Print every way into the server, and who may call it. With --against, attack each of them on a running
    /// deployment with forged, tampered and misused tokens, and report what got through.
    ///
    /// Nothing is changed there: ids name nothing, and no body can be read. What will be sent is said first, on
    /// standard error. Exits with 1 on any hole, and on any way that it had to skip. Kinds of attack that a sample was
    /// lacking for are said, with how to give it, and do not fail.
    Audit(Arguments),
    /// Print an access token from the running development provider, for curl.
    #[cfg(feature = "dev-provider")]
    Token {
        /// Whose token: ada, ben, cy or eve.
        #[arg(long)]
        account: String,
        /// The scopes it grants, separated by spaces; all of the account's if not given.
        #[arg(long)]
        scope: Option<String>,
    },
    /// Say what is wrong with the configuration or at the provider, and how it is put right.
    Doctor {
        /// Explain the access token on standard input instead; the one value is `-`.
        #[arg(long, value_name = "-", allow_hyphen_values = true)]
        token: Option<String>,
        /// Takes what clap would otherwise repeat in an error: it may be a token.
        #[arg(hide = true)]
        rest: Vec<String>,
    },
}

/// How long what is left of the server may take to end, after its requests: more than the store waits for its commit.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(1_250);

fn main() -> ExitCode {
    // Dropped last: what ends with the runtime may still log.
    let Ok(log) = Log::start(io::stderr()) else { return ExitCode::FAILURE };
    let outcome = Runtime::new().context("no runtime").and_then(|runtime| {
        let outcome = runtime.block_on(run(log.writer()));
        // What requests still hold ends with them: the store waits for its commit. Reads of a disk that does not answer
        // must not hold the process.
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

/// Does what was asked; tells whether all is well, where that is the question.
async fn run(log: LogWriter) -> anyhow::Result<bool> {
    let dotenv = read_dotenv()?;
    match Cli::parse().command.unwrap_or(Command::Serve) {
        Command::Serve => serve(Config::from_environment(BUILD)?, dotenv, log).await.map(|()| true),
        Command::Doctor { token, rest } => examine(token.as_deref(), &rest).await,
        Command::Audit(arguments) => Ok(audit::command::run(arguments).await?),
        #[cfg(feature = "dev-provider")]
        Command::Token { account, scope } => {
            let issuer = portcullis_server::config::dev_provider_issuer(&portcullis_server::config::environment)?;
            let provider = server::DEV_PROVIDER.context("this build has no development provider")?;
            let token = provider.access_token(&issuer, &account, scope.as_deref()).await?;
            writeln!(io::stdout(), "{token}")?;
            Ok(true)
        }
    }
}

/// Adds the variables of `.env` in the current folder, where there is one, and gives its path. A file further up may
/// belong to another program. An error never quotes a line: it may hold a secret.
fn read_dotenv() -> anyhow::Result<Option<PathBuf>> {
    let path = std::env::current_dir().context("the current folder cannot be read")?.join(".env");
    const MALFORMED: &str =
        ".env cannot be read: expected lines of NAME=value, with quotes around a value that holds spaces";
    let lines: Result<Vec<(String, String)>, _> = dotenvy::from_path_iter(&path).and_then(Iterator::collect);
    match lines {
        // The environment takes no NUL byte: setting one would end the program and print it.
        Ok(lines) if lines.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) => bail!(MALFORMED),
        Ok(_) => dotenvy::from_path(&path).map(|()| Some(path)).context(".env cannot be read"),
        Err(dotenvy::Error::LineParse(..)) => bail!(MALFORMED),
        Err(error) if !error.not_found() => Err(error).context(".env cannot be read"),
        Err(_) => Ok(None),
    }
}

/// Returns whether `stream` shows colors: it is a terminal, and `NO_COLOR`, `CLICOLOR` and `TERM` do not speak against it.
fn shows_color(stream: &impl RawStream) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}

/// Prints what the doctor finds; tells whether nothing is bad.
async fn examine(token: Option<&str>, rest: &[String]) -> anyhow::Result<bool> {
    if !rest.is_empty() || token.is_some_and(|token| token != "-") {
        // Never quoted: it may be the token itself.
        bail!("doctor takes --token - alone, and the token from standard input: others see a command's arguments");
    }
    let config = Config::from_environment(BUILD);
    let report = match token {
        None => doctor::examine(config).await,
        Some(_) => {
            if io::stdin().is_terminal() {
                let _ = writeln!(io::stderr(), "Paste one token, and press Enter.");
            }
            doctor::explain(config, &doctor::read_line(io::stdin().lock())?).await
        }
    };
    let text = doctor::text(&report, shows_color(&io::stdout()));
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(!report.is_bad())
}

async fn serve(config: Config, dotenv: Option<PathBuf>, log: LogWriter) -> anyhow::Result<()> {
    let filter = EnvFilter::builder().parse(&config.log).map_err(|_| {
        ConfigError::wrong(EnvFilter::DEFAULT_ENV, &config.log, "expected a level such as info or debug")
    })?;
    ignore_file_size_signal();
    logging::install(filter, log, shows_color(&io::stderr()));
    panics::log_all();
    if let Some(path) = dotenv {
        tracing::info!(?path, "loaded settings from this .env file; environment variables take precedence");
    }
    let site_root = config.site_root.clone();
    let application = Application::build(config).await?;
    // Heard from now on: whoever reads that it listens may ask it to stop.
    let stop = stop_signal()?;
    if !site_root.join("pkg/portcullis.wasm").is_file() {
        tracing::warn!(
            ?site_root,
            "there is no built client here: pages will not work until `cargo leptos build --release`"
        );
    }
    let mut words = format!("Portcullis listens on http://{}\n", application.addr());
    if let Some(provider) = application.dev_provider() {
        words += &provider.welcome;
    }
    // A reader that has gone away, as in `server | head -1`, is no reason to end, and one that does not read to wait.
    let _ = std::thread::Builder::new().spawn(move || io::stdout().write_all(words.as_bytes()));
    Ok(application.run(stop).await?)
}

/// Beyond a limit of the size of files (`ulimit -f`, `LimitFSIZE=`), a write fails then, as it does on a full disk. Without
/// this the process is killed.
fn ignore_file_size_signal() {
    #[cfg(unix)]
    let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()));
}

/// Done when the process is asked to stop, by Ctrl-C or by SIGTERM.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    })
}

/// Done when the process is asked to stop, by Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_printed_only_where_there_is_a_development_provider() {
        let asked = Cli::try_parse_from(["server", "token", "--account", "ada"]);
        assert_eq!(asked.is_ok(), cfg!(feature = "dev-provider"));
    }
}
