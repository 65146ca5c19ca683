//! The issuers that are trusted: whose tokens are taken, and how people sign in.

use std::sync::Arc;

use app::session::AudienceParameter;
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use url::Url;

use super::variable::{ConfigError, Lookup, variable};
use crate::auth::jwks::is_safe_to_fetch;

/// Whose tokens are taken, and how people sign in.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The issuer that people sign in with: the first of `AUTH_ISSUER`.
    pub issuer: TrustedIssuer,
    /// The others, whose tokens are taken too.
    pub others: Vec<TrustedIssuer>,
    /// `AUTH_ALGORITHMS`: what signatures may be made with.
    pub algorithms: Vec<Algorithm>,
    /// `AUTH_STRICT`: whether tokens must keep to the letter of RFC 9068.
    pub strict: bool,
    /// `AUTH_CLIENT_ID`: without it, nobody can sign in here, but tokens from elsewhere are checked.
    pub client_id: Option<String>,
    /// `AUTH_SCOPES`: what is asked for at sign-in.
    pub scopes: Vec<String>,
    /// `AUTH_AUDIENCE_PARAMETER`: how the provider is told the audience at sign-in.
    pub audience_parameter: AudienceParameter,
}

/// One issuer, with what its tokens must say.
#[derive(Debug, Clone)]
pub struct TrustedIssuer {
    /// The issuer, to the byte.
    pub issuer: Arc<str>,
    /// What its access tokens must be meant for: its place in `AUTH_AUDIENCE`.
    pub audience: Arc<str>,
    /// The JWKS address, where the discovery document is not to be asked: its place in `AUTH_URI`.
    pub jwks_uri: Option<Url>,
}

/// What stands in `AUTH_URI` for an issuer whose discovery document is to be asked.
const BY_DISCOVERY: &str = "discovery";

impl TrustedIssuer {
    /// Reads the lists `AUTH_ISSUER`, `AUTH_AUDIENCE` and `AUTH_URI`: the first of each belong together, and so on.
    fn read(lookup: Lookup<'_>, issuers: &str) -> Result<Vec<Self>, ConfigError> {
        let issuers: Vec<&str> = issuers.split_whitespace().collect();
        for issuer in &issuers {
            absolute("AUTH_ISSUER", issuer)?;
            if issuer.contains(',') {
                return Err(shown("AUTH_ISSUER", issuer, "expected issuers separated by spaces, not by commas"));
            }
        }
        let audiences = variable(lookup, "AUTH_AUDIENCE")?.ok_or_else(|| {
            ConfigError::missing("AUTH_AUDIENCE", "expected the audience that the issuer's access tokens are meant for")
        })?;
        let audiences = one_for_each("AUTH_AUDIENCE", &audiences, issuers.len())?;
        let uris = variable(lookup, "AUTH_URI")?;
        let uris = uris.as_deref().map(|uris| one_for_each("AUTH_URI", uris, issuers.len())).transpose()?;
        let mut read: Vec<Self> = Vec::new();
        for (place, (issuer, audience)) in issuers.iter().zip(audiences).enumerate() {
            let uri = uris.as_ref().map(|uris| uris[place]).filter(|uri| *uri != BY_DISCOVERY);
            let jwks_uri = uri.map(|uri| fetched("AUTH_URI", uri)).transpose()?;
            if jwks_uri.is_none() {
                fetched("AUTH_ISSUER", issuer)?;
            }
            if read.iter().any(|known| *known.issuer == **issuer) {
                return Err(shown("AUTH_ISSUER", issuer, "expected each issuer once"));
            }
            read.push(Self { issuer: (*issuer).into(), audience: audience.into(), jwks_uri });
        }
        Ok(read)
    }
}

/// The words of `list`, of which there must be `number`.
fn one_for_each<'a>(name: &'static str, list: &'a str, number: usize) -> Result<Vec<&'a str>, ConfigError> {
    let words: Vec<&str> = list.split_whitespace().collect();
    if words.len() == number {
        return Ok(words);
    }
    let expected = format!("expected one for each issuer of AUTH_ISSUER, {number}, separated by spaces");
    Err(shown(name, list, &expected))
}

impl Trust {
    /// Every issuer whose tokens are taken.
    pub fn issuers(&self) -> impl Iterator<Item = &TrustedIssuer> {
        std::iter::once(&self.issuer).chain(&self.others)
    }

    pub(super) fn read(lookup: Lookup<'_>, issuers: &str) -> Result<Self, ConfigError> {
        let mut issuers = TrustedIssuer::read(lookup, issuers)?.into_iter();
        let issuer =
            issuers.next().ok_or_else(|| ConfigError::missing("AUTH_ISSUER", "expected your provider's issuer URL"))?;
        let scopes = match variable(lookup, "AUTH_SCOPES")? {
            Some(list) => list.split_whitespace().map(str::to_owned).collect(),
            None => default_scopes(),
        };
        Ok(Self {
            issuer,
            others: issuers.collect(),
            algorithms: algorithms(lookup)?,
            strict: strict(lookup)?,
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

/// The origin that `value` is, without a slash at its end.
pub(super) fn origin(name: &'static str, value: &str) -> Result<String, ConfigError> {
    let url = absolute(name, value)?;
    let origin = url.origin().ascii_serialization();
    // It stands in the headers of answers, and clients compare it: what is not written as it goes over the wire, such as
    // a default port or letters beyond ASCII, is not guessed at.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:/[]-".contains(&byte);
    if origin != value.trim_end_matches('/') || !origin.bytes().all(is_plain) || !is_safe_to_fetch(&url) {
        let expected = "expected an origin as it goes over the wire, such as https://portcullis.example: https, or http on this machine, and without a path";
        return Err(shown(name, value, expected));
    }
    Ok(origin)
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

fn strict(lookup: Lookup<'_>) -> Result<bool, ConfigError> {
    let name = "AUTH_STRICT";
    match variable(lookup, name)?.as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(ConfigError::wrong(name, other, "expected true or false")),
    }
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
