//! The environment as a typed, validated configuration. The error for a wrong or missing value is one line with the
//! variable, its value and the expected value.

mod auth;
mod claims;
mod database;
mod issuers;
mod names;
mod variable;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use auth::{AuthConfig, default_scopes};
pub use claims::{leeway, rights};
pub use database::{DatabaseUrl, ESCAPED_CREDENTIALS, has_unescaped_credentials};
pub use issuers::TrustedIssuer;
use portcullis::Registry;
use portcullis::sign_in::TokenPlace;
pub use variable::{ConfigError, NotUnicode, environment};

use crate::connection::{DEFAULT_KEEP_ALIVE_TIMEOUT, DEFAULT_MAX_CONNECTIONS};
use auth::origin;
use variable::{Lookup, address, variable};

/// The maximum length of `AUTH_STORAGE_PREFIX`, in characters.
const MAX_STORAGE_PREFIX_LENGTH: usize = 32;

/// The properties of the build that the configuration depends on.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// The resources of the app.
    pub registry: &'static Registry,
    /// Whether the build contains the development provider.
    pub has_dev_provider: bool,
}

/// The configuration of the server.
#[derive(Debug)]
pub struct Config {
    /// `LEPTOS_SITE_ADDR`: the address that the server listens on.
    pub site_addr: SocketAddr,
    /// `SITE_URL`: the public origin, without a trailing slash. If it is not set, the listening address is used, but
    /// only if it is a loopback address.
    pub site_url: Option<String>,
    /// `LEPTOS_SITE_ROOT`: the folder of the built client.
    pub site_root: PathBuf,
    /// The issuer of tokens.
    pub issuer: IssuerConfig,
    /// `AUTH_TOKEN_STORE`: where the client stores its tokens.
    pub token_place: TokenPlace,
    /// `AUTH_STORAGE_PREFIX`: the prefix for the keys of the client in web storage. Empty by default.
    pub storage_prefix: String,
    /// `DATABASE_URL`: the database for records.
    pub database: DatabaseUrl,
    /// `KEEP_ALIVE_SECONDS`: how long a connection may be idle between two requests.
    pub keep_alive: Duration,
    /// `MAX_CONNECTIONS`: the maximum number of concurrent connections.
    pub max_connections: usize,
    /// `RUST_LOG`: the log filter.
    pub log: String,
}

/// The issuer of tokens.
#[derive(Debug)]
pub enum IssuerConfig {
    /// The development provider, if `AUTH_ISSUER` is not set.
    Development(Development),
    /// The issuers in `AUTH_ISSUER`.
    Given(Box<AuthConfig>),
}

impl IssuerConfig {
    /// Returns whether `AUTH_ISSUER` is set.
    #[must_use]
    pub fn is_given(&self) -> bool {
        matches!(self, Self::Given(_))
    }
}

/// The settings of the development provider.
#[derive(Clone, Debug)]
pub struct Development {
    /// `DEV_PROVIDER_ADDR`: the address that it listens on.
    pub addr: SocketAddr,
    /// `DEV_PROVIDER_TOKEN_SECONDS`: the lifetime of its tokens, in seconds.
    pub token_seconds: u32,
}

impl Config {
    /// Reads the environment of the process. Rejects misspelled names of variables.
    ///
    /// # Errors
    /// [`ConfigError`] for the first variable that is unknown, wrong or missing.
    pub fn from_environment(build: Build) -> Result<Self, ConfigError> {
        names::check(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))?;
        Self::read(build, &environment)
    }

    /// Reads the configuration from `lookup`.
    ///
    /// # Errors
    /// [`ConfigError`] for the first variable that is wrong or missing.
    pub fn read(build: Build, lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let site_addr = address(lookup, "LEPTOS_SITE_ADDR", "127.0.0.1:3000")?;
        let site_url = variable(lookup, "SITE_URL")?.map(|url| origin("SITE_URL", &url)).transpose()?;
        let issuer = match variable(lookup, "AUTH_ISSUER")? {
            Some(issuer) => IssuerConfig::Given(Box::new(AuthConfig::read(build.registry, lookup, &issuer)?)),
            None if !build.has_dev_provider => {
                let expected = "expected your provider's issuer URL; this build has no development provider";
                return Err(ConfigError::missing("AUTH_ISSUER", expected));
            }
            None => development(lookup, site_addr, site_url.as_deref())?,
        };
        let database = match variable(lookup, "DATABASE_URL")? {
            Some(url) => database::read(url, matches!(issuer, IssuerConfig::Development(_)))?,
            None => DatabaseUrl::Embedded(PathBuf::from("data/portcullis.redb")),
        };
        let site_root = match variable(lookup, "LEPTOS_SITE_ROOT")? {
            Some(folder) if PathBuf::from(&folder).join("pkg").is_dir() => folder.into(),
            Some(folder) => {
                return Err(ConfigError::wrong("LEPTOS_SITE_ROOT", &folder, "expected the folder of a built client"));
            }
            None => PathBuf::from("target/site"),
        };
        let log = variable(lookup, "RUST_LOG")?.unwrap_or_else(|| "info".into());
        let token_place = token_place(lookup)?;
        let storage_prefix = storage_prefix(lookup)?;
        let keep_alive = keep_alive(lookup)?;
        let max_connections = max_connections(lookup)?;
        Ok(Self {
            site_addr,
            site_url,
            site_root,
            issuer,
            token_place,
            storage_prefix,
            database,
            keep_alive,
            max_connections,
            log,
        })
    }
}

/// Returns the issuer of a development provider with the same environment.
///
/// # Errors
/// [`ConfigError`] if `DEV_PROVIDER_ADDR` is wrong.
pub fn dev_provider_issuer(lookup: Lookup<'_>) -> Result<String, ConfigError> {
    Ok(format!("http://{}", dev_provider_addr(lookup)?))
}

fn dev_provider_addr(lookup: Lookup<'_>) -> Result<SocketAddr, ConfigError> {
    address(lookup, "DEV_PROVIDER_ADDR", "127.0.0.1:3002")
}

fn development(lookup: Lookup<'_>, site_addr: SocketAddr, site_url: Option<&str>) -> Result<IssuerConfig, ConfigError> {
    for name in names::of_the_issuer() {
        if variable(lookup, name)?.is_some() {
            return Err(ConfigError::missing(
                "AUTH_ISSUER",
                format!("expected your provider's issuer URL, since {name} is set"),
            ));
        }
    }
    let addr = dev_provider_addr(lookup)?;
    for (name, addr) in [("LEPTOS_SITE_ADDR", site_addr), ("DEV_PROVIDER_ADDR", addr)] {
        if !addr.ip().is_loopback() {
            let port = addr.port();
            let expected = format!(
                "expected a loopback address, such as 127.0.0.1:{port}, while the development provider lets everyone in; set AUTH_ISSUER to use a real one"
            );
            return Err(ConfigError::wrong(name, &addr.to_string(), expected));
        }
    }
    // An https origin means that others can reach the site.
    if let Some(url) = site_url.filter(|url| url.starts_with("https")) {
        let expected = "expected no public address while the development provider lets everyone in; set AUTH_ISSUER to use a real one";
        return Err(ConfigError::wrong("SITE_URL", url, expected));
    }
    Ok(IssuerConfig::Development(Development { addr, token_seconds: token_seconds(lookup)? }))
}

fn token_seconds(lookup: Lookup<'_>) -> Result<u32, ConfigError> {
    let name = "DEV_PROVIDER_TOKEN_SECONDS";
    let Some(value) = variable(lookup, name)? else { return Ok(15 * 60) };
    value
        .parse()
        .ok()
        .filter(|seconds| (1..=86_400).contains(seconds))
        .ok_or_else(|| ConfigError::wrong(name, &value, "expected a number of seconds from 1 to 86400"))
}

fn keep_alive(lookup: Lookup<'_>) -> Result<Duration, ConfigError> {
    let name = "KEEP_ALIVE_SECONDS";
    let Some(value) = variable(lookup, name)? else { return Ok(DEFAULT_KEEP_ALIVE_TIMEOUT) };
    let seconds = value.parse().ok().filter(|seconds| (1..=3600).contains(seconds)).map(Duration::from_secs);
    seconds.ok_or_else(|| ConfigError::wrong(name, &value, "expected a number of seconds from 1 to 3600"))
}

fn max_connections(lookup: Lookup<'_>) -> Result<usize, ConfigError> {
    let name = "MAX_CONNECTIONS";
    let Some(value) = variable(lookup, name)? else { return Ok(DEFAULT_MAX_CONNECTIONS) };
    let number = value.parse().ok().filter(|number| (1..=1_000_000).contains(number));
    number.ok_or_else(|| ConfigError::wrong(name, &value, "expected a number from 1 to 1000000"))
}

fn token_place(lookup: Lookup<'_>) -> Result<TokenPlace, ConfigError> {
    let name = "AUTH_TOKEN_STORE";
    match variable(lookup, name)?.as_deref() {
        None | Some("localStorage") => Ok(TokenPlace::LocalStorage),
        Some("memory") => Ok(TokenPlace::Memory),
        Some(other) => Err(ConfigError::wrong(name, other, "expected localStorage or memory")),
    }
}

/// Reads `AUTH_STORAGE_PREFIX`. It may contain only characters that need no escaping.
fn storage_prefix(lookup: Lookup<'_>) -> Result<String, ConfigError> {
    let name = "AUTH_STORAGE_PREFIX";
    let prefix = variable(lookup, name)?.unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if prefix.len() <= MAX_STORAGE_PREFIX_LENGTH && prefix.bytes().all(is_plain) {
        return Ok(prefix);
    }
    let expected = format!("expected at most {MAX_STORAGE_PREFIX_LENGTH} letters, digits, '-', '_' or '.'");
    Err(ConfigError::wrong(name, &prefix, expected))
}

#[cfg(test)]
mod tests;
