//! The command `serve`: logs, starts the server, and stops it on a signal.

use std::io::{self, Write};
use std::path::PathBuf;

use portcullis_server::config::{Config, ConfigError};
use portcullis_server::logging::{self, LogWriter};
use portcullis_server::panics;
use tracing_subscriber::EnvFilter;

use crate::Program;
use crate::command_line::has_color;
use crate::server::Server;

/// Serves `program` until the process is asked to stop. `dotenv` is the file whose variables were read.
///
/// # Errors
/// If a variable is wrong, or the server does not start.
pub async fn run(program: &Program, dotenv: Option<PathBuf>, log: LogWriter) -> anyhow::Result<()> {
    let config = Config::from_environment(program.build())?;
    let filter = EnvFilter::builder().parse(&config.log).map_err(|_| {
        ConfigError::wrong(EnvFilter::DEFAULT_ENV, &config.log, "expected a level such as info or debug")
    })?;
    signals::ignore_file_size();
    logging::install(filter, log, has_color(&io::stderr()));
    panics::log_all();
    if let Some(path) = dotenv {
        tracing::info!(?path, "loaded settings from this .env file; environment variables take precedence");
    }
    let client = config.site_root.join(format!("pkg/{}.wasm", program.app.output_name));
    let server = Server::start(program, config).await?;
    // From now on, because a process that reads the line below may ask this one to stop.
    let stop = signals::stop()?;
    if !client.is_file() {
        tracing::warn!(?client, "the client is not built: pages will not work until `cargo leptos build --release`");
    }
    let mut greeting = format!("{} listens on http://{}\n", program.app.name, server.addr());
    if let Some(provider) = server.dev_provider() {
        greeting += &provider.welcome;
    }
    // In a thread, because a reader that does not read must not block the server. A reader that is gone, as in
    // `server | head -1`, must not end it.
    let _ = std::thread::Builder::new().spawn(move || io::stdout().write_all(greeting.as_bytes()));
    Ok(server.run(stop).await?)
}

#[cfg(unix)]
mod signals {
    use std::io;

    use tokio::signal::unix::{SignalKind, signal};

    /// Lets a write beyond a limit of the size of files (`ulimit -f`, `LimitFSIZE=`) fail, as on a full disk. Otherwise
    /// the process is killed.
    pub fn ignore_file_size() {
        let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()));
    }

    /// Returns a future that completes when the process is asked to stop, by Ctrl-C or SIGTERM.
    pub fn stop() -> io::Result<impl Future<Output = ()>> {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        })
    }
}

#[cfg(not(unix))]
mod signals {
    use std::io;

    /// Does nothing: only Unix has this signal.
    pub fn ignore_file_size() {}

    /// Returns a future that completes when the process is asked to stop, by Ctrl-C.
    pub fn stop() -> io::Result<impl Future<Output = ()>> {
        Ok(async {
            let _ = tokio::signal::ctrl_c().await;
        })
    }
}
