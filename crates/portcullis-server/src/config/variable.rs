//! One variable: looked up, read, or refused in a line that names it.

use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddr};

/// A variable that is wrong or missing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is {found}: {expected}")]
pub struct ConfigError {
    /// Its name.
    pub variable: Cow<'static, str>,
    /// What it was, without secrets.
    pub found: String,
    /// What it should be.
    pub expected: String,
}

impl ConfigError {
    /// The error for a variable that must be set.
    pub fn missing(variable: &'static str, expected: impl Into<String>) -> Self {
        Self { variable: variable.into(), found: "missing".into(), expected: expected.into() }
    }

    /// The error for a variable whose value is no secret.
    pub fn wrong(variable: &'static str, value: &str, expected: impl Into<String>) -> Self {
        Self { variable: variable.into(), found: format!("{value:?}"), expected: expected.into() }
    }

    /// The error for a value that may hold a password.
    pub fn secret(variable: &'static str, expected: impl Into<String>) -> Self {
        Self { variable: variable.into(), found: "set (not shown)".into(), expected: expected.into() }
    }

    /// The error for a variable that there is not, with what to do instead.
    pub fn unknown(variable: &str, instead: String) -> Self {
        Self { variable: variable.to_owned().into(), found: "not a known setting".into(), expected: instead }
    }
}

/// Looks a variable up, in the environment or in what a test gives; an error if it is not Unicode.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Result<Option<String>, NotUnicode>;

/// A value that is no text.
#[derive(Debug)]
pub struct NotUnicode;

/// The variable `name` of the process.
///
/// # Errors
/// When its value is no text.
pub fn environment(name: &str) -> Result<Option<String>, NotUnicode> {
    std::env::var_os(name).map(|value| value.into_string().map_err(|_| NotUnicode)).transpose()
}

/// The value of `name`, if it is set.
pub fn variable(lookup: Lookup<'_>, name: &'static str) -> Result<Option<String>, ConfigError> {
    let value = lookup(name).map_err(|NotUnicode| ConfigError::secret(name, "expected text in UTF-8"))?;
    match value {
        // Empty is neither set nor unset: it is most often a slip in a deployment file.
        Some(value) if value.is_empty() => {
            Err(ConfigError::wrong(name, &value, "expected a value; unset it to use the default"))
        }
        // No value has any; one that slipped in would make an issuer that no token names.
        Some(value) if value.trim() != value => {
            Err(ConfigError::secret(name, "expected a value without spaces around it"))
        }
        value => Ok(value),
    }
}

/// The address that `name` holds, or `default`. `localhost:3000` is this machine alone, and `:3000` is every address of
/// it, as elsewhere.
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
