//! An identity provider: the development provider of a separate server. Each start creates a new key.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Launch, Server, TestBed};
use crate::Result;

/// The audience of its tokens.
const AUDIENCE: &str = "https://api.portcullis.example";

/// A provider that can be stopped and started again at the same address.
pub struct Provider {
    pub issuer: String,
    addr: String,
    folder: PathBuf,
    server: Option<Server>,
}

impl Provider {
    /// Starts a provider with its files in `folder`.
    pub fn start(bed: &TestBed, folder: PathBuf) -> Result<Self> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let addr = free.map_err(|error| format!("no free port: {error}"))?.to_string();
        let mut provider = Self { issuer: format!("http://{addr}"), addr, folder, server: None };
        provider.resume(bed)?;
        Ok(provider)
    }

    /// Starts it again, with a new key.
    pub fn resume(&mut self, bed: &TestBed) -> Result {
        let variables = [("DEV_PROVIDER_ADDR", self.addr.as_str()), ("DEV_PROVIDER_TOKEN_SECONDS", "3600")];
        self.server = Some(Server::start(bed, &self.folder, Launch { variables: &variables, ..Launch::default() })?);
        Ok(())
    }

    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Returns the variables for a server that trusts it.
    pub fn variables(&self) -> [(&str, &str); 2] {
        [("AUTH_ISSUER", &self.issuer), ("AUTH_AUDIENCE", AUDIENCE)]
    }

    /// Returns a token with all scopes for items.
    pub fn token(&self, bed: &TestBed) -> Result<String> {
        let mut command = Command::new(&bed.program);
        command.args(["token", "--account", "ada"]).current_dir(&self.folder).env_clear();
        let output = command.env("DEV_PROVIDER_ADDR", &self.addr).stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("no token: {error}"))?;
        let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if token.is_empty() { Err(format!("no token: {}", String::from_utf8_lossy(&output.stderr))) } else { Ok(token) }
    }
}

/// Starts a provider and a server that trusts it, and returns them with a token.
pub fn with_server(bed: &TestBed, name: &str, launch: Launch<'_>) -> Result<(Provider, Server, String)> {
    let provider = Provider::start(bed, bed.folder(&format!("{name}-provider"))?)?;
    let server = server_of(bed, &provider, &bed.folder(name)?, launch)?;
    let token = provider.token(bed)?;
    Ok((provider, server, token))
}

/// Starts a server in `folder` that trusts `provider`.
pub fn server_of(bed: &TestBed, provider: &Provider, folder: &std::path::Path, launch: Launch<'_>) -> Result<Server> {
    let variables = [launch.variables, &provider.variables()].concat();
    Server::start(bed, folder, Launch { variables: &variables, ..launch })
}
