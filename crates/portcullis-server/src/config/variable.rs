//! Reads one variable. Errors name the variable.

use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddr};

/// The error for a wrong or missing variable.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is {found}: {expected}")]
pub struct ConfigError {
    /// The name of the variable.
    pub variable: Cow<'static, str>,
    /// Its value, without secrets.
    pub found: String,
    /// The expected value.
    pub expected: String,
}

impl ConfigError {
    /// Creates the error for a variable that must be set.
    pub fn missing(variable: &'static str, expected: impl Into<String>) -> Self {
        Self { variable: variable.into(), found: "missing".into(), expected: expected.into() }
    }

    /// Creates the error for a variable whose value is not secret.
    pub fn wrong(variable: &'static str, value: &str, expected: impl Into<String>) -> Self {
        Self { variable: variable.into(), found: format!("{value:?}"), expected: expected.into() }
    }

    /// Creates the error for a value that may contain a password.
    pub fn secret(variable: &'static str, expected: impl Into<String>) -> Self {
        Self { variable: variable.into(), found: "set (not shown)".into(), expected: expected.into() }
    }

    /// Creates the error for an unknown variable, with a suggestion.
    pub fn unknown(variable: &str, instead: String) -> Self {
        Self { variable: variable.to_owned().into(), found: "not a known setting".into(), expected: instead }
    }
}

/// Looks up a variable, in the environment or in a test. Fails if the value is not Unicode.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Result<Option<String>, NotUnicode>;

/// The error for a value that is not Unicode.
#[derive(Debug)]
pub struct NotUnicode;

/// Returns the environment variable `name`.
///
/// # Errors
/// [`NotUnicode`] if its value is not Unicode.
pub fn environment(name: &str) -> Result<Option<String>, NotUnicode> {
    std::env::var_os(name).map(|value| value.into_string().map_err(|_| NotUnicode)).transpose()
}

/// Returns the value of `name`, if it is set.
pub fn variable(lookup: Lookup<'_>, name: &'static str) -> Result<Option<String>, ConfigError> {
    let value = lookup(name).map_err(|NotUnicode| ConfigError::secret(name, "expected text in UTF-8"))?;
    match value {
        // An empty value is most often a mistake in a deployment file, so it is neither set nor unset.
        Some(value) if value.is_empty() => {
            Err(ConfigError::wrong(name, &value, "expected a value; unset it to use the default"))
        }
        // No valid value has spaces around it. In an issuer they would make every token invalid.
        Some(value) if value.trim() != value => {
            Err(ConfigError::secret(name, "expected a value without spaces around it"))
        }
        value => Ok(value),
    }
}

/// Reads a socket address from `name`, or `default`. `localhost:3000` is only this machine, and `:3000` is every
/// address of it, as in other servers.
pub fn address(lookup: Lookup<'_>, name: &'static str, default: &str) -> Result<SocketAddr, ConfigError> {
    let value = variable(lookup, name)?.unwrap_or_else(|| default.to_owned());
    let wrong = || {
        let expected = "expected an IP address and a port: 127.0.0.1:3000 or localhost:3000 for this machine alone, 0.0.0.0:3000 or :3000 for every address of it";
        ConfigError::wrong(name, &value, expected)
    };
    match value.rsplit_once(':') {
        Some((host, port)) if host.is_empty() || host.eq_ignore_ascii_case("localhost") => {
            let ip = if host.is_empty() { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
            port.parse().map(|port: u16| SocketAddr::from((ip, port))).map_err(|_| wrong())
        }
        _ => value.parse().map_err(|_| wrong()),
    }
}
