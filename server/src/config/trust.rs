//! The issuer that is trusted: whose tokens are taken, and how people sign in.

use std::sync::Arc;

use app::session::AudienceParameter;
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use url::Url;

use super::variable::{ConfigError, Lookup, variable};
use crate::auth::jwks::is_safe_to_fetch;

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

impl Trust {
    pub(super) fn read(lookup: Lookup<'_>, issuer: &str) -> Result<Self, ConfigError> {
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

/// The error for an address, which is shown only if it can hold no password and no key.
fn shown(name: &'static str, value: &str, expected: &str) -> ConfigError {
    if value.contains(['@', '?']) {
        ConfigError::secret(name, expected)
    } else {
        ConfigError::wrong(name, value, expected)
    }
}

/// Refuses a user name or a password in `url`: it is logged when it cannot be fetched.
fn without_secret(name: &'static str, url: &Url) -> Result<(), ConfigError> {
    if url.username().is_empty() && url.password().is_none() {
        Ok(())
    } else {
        Err(ConfigError::secret(name, "expected a URL without user name and password"))
    }
}

fn absolute(name: &'static str, value: &str) -> Result<Url, ConfigError> {
    let wrong = || shown(name, value, "expected an absolute http or https URL without query or fragment");
    let url = Url::parse(value).map_err(|_| wrong())?;
    without_secret(name, &url)?;
    let plain = url.has_host() && url.query().is_none() && url.fragment().is_none();
    if plain && matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(wrong()) }
}

fn fetched(name: &'static str, value: &str) -> Result<Url, ConfigError> {
    let url = if name == "AUTH_URI" {
        // Some providers serve their keys at an address with a query.
        Url::parse(value).map_err(|_| shown(name, value, "expected the https address of the provider's JWKS"))?
    } else {
        absolute(name, value)?
    };
    without_secret(name, &url)?;
    if is_safe_to_fetch(&url) {
        Ok(url)
    } else {
        Err(shown(name, value, "expected https, or http on this machine: keys must not cross a network in the clear"))
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
