//! The environment as a typed, validated configuration. A wrong or missing value is one line that names the
//! variable, what it was and what it should be.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use app::session::AudienceParameter;
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use url::Url;

use crate::auth::jwks::is_safe_to_fetch;

/// Everything that the server is told.
#[derive(Debug)]
pub struct Config {
    /// `LEPTOS_SITE_ADDR`: where the application listens.
    pub site_addr: SocketAddr,
    /// Where the built client is.
    pub site_root: PathBuf,
    /// Who issues the tokens.
    pub issuer: IssuerConfig,
    /// `DATABASE_URL`: where items live.
    pub database: DatabaseUrl,
}

/// Who issues the tokens.
#[derive(Debug)]
pub enum IssuerConfig {
    /// Without `AUTH_ISSUER`: the development provider, which listens at this address.
    Development(SocketAddr),
    /// With it.
    Given(Trust),
}

/// An issuer that is trusted, and how to sign in with it.
#[derive(Debug, Clone)]
pub struct Trust {
    /// `AUTH_ISSUER`, to the byte.
    pub issuer: Arc<str>,
    /// `AUTH_AUDIENCE`: what access tokens must be meant for.
    pub audience: Arc<str>,
    /// `AUTH_URI`: the JWKS address, where the discovery document is not to be asked.
    pub jwks_uri: Option<Url>,
    /// `AUTH_ALGORITHMS`: what signatures may be made with.
    pub algorithms: Vec<Algorithm>,
    /// `AUTH_CLIENT_ID`: without it, nobody can sign in here, but tokens from elsewhere are checked.
    pub client_id: Option<String>,
    /// `AUTH_SCOPES`: what is asked for at sign-in.
    pub scopes: Vec<String>,
    /// `AUTH_AUDIENCE_PARAMETER`: how the provider is told the audience at sign-in.
    pub audience_parameter: AudienceParameter,
}

/// Where items live.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// `mongodb://` or `mongodb+srv://`, with its secrets.
    Mongo(String),
    /// `redb:PATH`.
    Embedded(PathBuf),
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mongo(_) => f.write_str("Mongo(redacted)"),
            Self::Embedded(path) => f.debug_tuple("Embedded").field(path).finish(),
        }
    }
}

/// A variable that is wrong or missing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is {found}: {expected}")]
pub struct ConfigError {
    /// Its name.
    pub variable: &'static str,
    /// What it was, without secrets.
    pub found: String,
    /// What it should be.
    pub expected: String,
}

impl ConfigError {
    fn missing(variable: &'static str, expected: impl Into<String>) -> Self {
        Self { variable, found: "missing".into(), expected: expected.into() }
    }

    /// The error for a variable whose value is no secret.
    pub fn wrong(variable: &'static str, value: &str, expected: impl Into<String>) -> Self {
        Self { variable, found: format!("{value:?}"), expected: expected.into() }
    }

    /// The error for a value that may hold a password.
    pub fn secret(variable: &'static str, expected: impl Into<String>) -> Self {
        Self { variable, found: "set (not shown)".into(), expected: expected.into() }
    }
}

/// Looks a variable up; the environment, or what a test gives.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Config {
    /// Reads the variables that `lookup` gives.
    ///
    /// # Errors
    /// The first variable that is wrong or missing.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let site_addr = address(lookup, "LEPTOS_SITE_ADDR", "127.0.0.1:3000")?;
        let issuer = match variable(lookup, "AUTH_ISSUER")? {
            Some(issuer) => IssuerConfig::Given(Trust::read(lookup, &issuer)?),
            None => development(lookup, site_addr)?,
        };
        let database = match variable(lookup, "DATABASE_URL")? {
            Some(url) => database_url(url)?,
            None => DatabaseUrl::Embedded(PathBuf::from("data/portcullis.redb")),
        };
        let site_root = variable(lookup, "LEPTOS_SITE_ROOT")?.unwrap_or_else(|| "target/site".into()).into();
        Ok(Self { site_addr, site_root, issuer, database })
    }
}

impl Trust {
    fn read(lookup: Lookup<'_>, issuer: &str) -> Result<Self, ConfigError> {
        let jwks_uri = variable(lookup, "AUTH_URI")?.map(|value| fetched("AUTH_URI", &value)).transpose()?;
        if jwks_uri.is_none() {
            fetched("AUTH_ISSUER", issuer)?;
        } else {
            absolute("AUTH_ISSUER", issuer)?;
        }
        let audience = variable(lookup, "AUTH_AUDIENCE")?.ok_or_else(|| {
            ConfigError::missing("AUTH_AUDIENCE", "expected the audience that the issuer's access tokens are meant for")
        })?;
        let scopes = match variable(lookup, "AUTH_SCOPES")? {
            Some(list) => list.split_whitespace().map(str::to_owned).collect(),
            None => default_scopes(),
        };
        Ok(Self {
            issuer: issuer.into(),
            audience: audience.into(),
            jwks_uri,
            algorithms: algorithms(lookup)?,
            client_id: variable(lookup, "AUTH_CLIENT_ID")?,
            scopes,
            audience_parameter: audience_parameter(lookup)?,
        })
    }
}

/// What is asked for at sign-in where nothing else is said: who the person is, and every scope of the registry.
#[must_use]
pub fn default_scopes() -> Vec<String> {
    let about_the_person = ["openid", "profile", "email"];
    about_the_person.into_iter().chain(app::resources::scopes()).map(str::to_owned).collect()
}

fn variable(lookup: Lookup<'_>, name: &'static str) -> Result<Option<String>, ConfigError> {
    match lookup(name) {
        // Empty is neither set nor unset: it is most often a slip in a deployment file.
        Some(value) if value.trim().is_empty() => {
            Err(ConfigError::wrong(name, &value, "expected a value; unset it to use the default"))
        }
        value => Ok(value),
    }
}

fn address(lookup: Lookup<'_>, name: &'static str, default: &str) -> Result<SocketAddr, ConfigError> {
    let value = variable(lookup, name)?.unwrap_or_else(|| default.to_owned());
    value
        .parse()
        .map_err(|_| ConfigError::wrong(name, &value, "expected an IP address and a port, for example 127.0.0.1:3000"))
}

fn absolute(name: &'static str, value: &str) -> Result<Url, ConfigError> {
    let wrong = || ConfigError::wrong(name, value, "expected an absolute http or https URL without query or fragment");
    let url = Url::parse(value).map_err(|_| wrong())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ConfigError::secret(name, "expected a URL without user name and password"));
    }
    let plain = url.has_host() && url.query().is_none() && url.fragment().is_none();
    if plain && matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(wrong()) }
}

fn fetched(name: &'static str, value: &str) -> Result<Url, ConfigError> {
    let url = if name == "AUTH_URI" {
        // Some providers serve their keys at an address with a query.
        Url::parse(value)
            .map_err(|_| ConfigError::wrong(name, value, "expected the https address of the provider's JWKS"))?
    } else {
        absolute(name, value)?
    };
    if is_safe_to_fetch(&url) {
        Ok(url)
    } else {
        Err(ConfigError::wrong(
            name,
            value,
            "expected https, or http on this machine: keys must not cross a network in the clear",
        ))
    }
}

fn algorithms(lookup: Lookup<'_>) -> Result<Vec<Algorithm>, ConfigError> {
    let name = "AUTH_ALGORITHMS";
    let list = variable(lookup, name)?.unwrap_or_else(|| "RS256".into());
    let asymmetric = |word: &str| word.parse().ok().filter(|a: &Algorithm| a.family() != AlgorithmFamily::Hmac);
    let words = list.split([',', ' ']).filter(|word| !word.is_empty());
    let read: Option<Vec<Algorithm>> = words.map(asymmetric).collect();
    read.filter(|all| !all.is_empty()).ok_or_else(|| {
        let expected =
            "expected a list of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA; never HS or none";
        ConfigError::wrong(name, &list, expected)
    })
}

fn audience_parameter(lookup: Lookup<'_>) -> Result<AudienceParameter, ConfigError> {
    let name = "AUTH_AUDIENCE_PARAMETER";
    match variable(lookup, name)?.as_deref() {
        None | Some("audience") => Ok(AudienceParameter::Audience),
        Some("resource") => Ok(AudienceParameter::Resource),
        Some("none") => Ok(AudienceParameter::None),
        Some(other) => Err(ConfigError::wrong(name, other, "expected audience, resource or none")),
    }
}

/// The issuer of the development provider that runs with the same variables.
///
/// # Errors
/// When `DEV_PROVIDER_ADDR` is wrong.
pub fn dev_provider_issuer(lookup: Lookup<'_>) -> Result<String, ConfigError> {
    Ok(format!("http://{}", dev_provider_addr(lookup)?))
}

fn dev_provider_addr(lookup: Lookup<'_>) -> Result<SocketAddr, ConfigError> {
    address(lookup, "DEV_PROVIDER_ADDR", "127.0.0.1:3002")
}

fn development(lookup: Lookup<'_>, site_addr: SocketAddr) -> Result<IssuerConfig, ConfigError> {
    if !crate::dev_provider::IS_BUILT_IN {
        let expected = "expected your provider's issuer URL; this build has no development provider";
        return Err(ConfigError::missing("AUTH_ISSUER", expected));
    }
    for name in
        ["AUTH_AUDIENCE", "AUTH_URI", "AUTH_CLIENT_ID", "AUTH_SCOPES", "AUTH_ALGORITHMS", "AUTH_AUDIENCE_PARAMETER"]
    {
        if variable(lookup, name)?.is_some() {
            return Err(ConfigError::missing(
                "AUTH_ISSUER",
                format!("expected your provider's issuer URL, since {name} is set"),
            ));
        }
    }
    let provider_addr = dev_provider_addr(lookup)?;
    for (name, addr) in [("LEPTOS_SITE_ADDR", site_addr), ("DEV_PROVIDER_ADDR", provider_addr)] {
        if !addr.ip().is_loopback() {
            let expected = "expected a loopback address while the development provider lets everyone in; set AUTH_ISSUER to use a real one";
            return Err(ConfigError::wrong(name, &addr.to_string(), expected));
        }
    }
    Ok(IssuerConfig::Development(provider_addr))
}

fn database_url(url: String) -> Result<DatabaseUrl, ConfigError> {
    match url.strip_prefix("redb:") {
        Some(path) if !path.is_empty() => Ok(DatabaseUrl::Embedded(path.into())),
        None if url.starts_with("mongodb://") || url.starts_with("mongodb+srv://") => Ok(DatabaseUrl::Mongo(url)),
        _ => Err(ConfigError::secret("DATABASE_URL", "expected mongodb://HOST/DATABASE or redb:PATH")),
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
