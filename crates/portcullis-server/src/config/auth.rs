//! The trusted issuers, the rules for their tokens, and the settings for sign-in.

use std::collections::BTreeSet;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, AlgorithmFamily};
use portcullis::Registry;
use portcullis::sign_in::AudienceParameter;
use portcullis_verifier::claims::{DEFAULT_LEEWAY, Rules};
use portcullis_verifier::jwks::is_safe_to_fetch;
use portcullis_verifier::rights::Rights;
use url::Url;

use super::claims;
use super::issuers::TrustedIssuer;
use super::variable::{ConfigError, Lookup, variable};

/// The trusted issuers, the rules for their tokens, and the settings for sign-in.
#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// The resources of the app, whose scopes tokens may grant.
    pub registry: &'static Registry,
    /// The issuer for sign-in: the first of `AUTH_ISSUER`.
    pub issuer: TrustedIssuer,
    /// The other issuers whose tokens are accepted.
    pub others: Vec<TrustedIssuer>,
    /// `AUTH_ALGORITHMS`: the accepted signature algorithms.
    pub algorithms: Vec<Algorithm>,
    /// `AUTH_LEEWAY_SECONDS`: the allowed difference between clocks, in seconds.
    pub leeway: f64,
    /// `AUTH_RIGHTS_CLAIMS` and `AUTH_ROLE_SCOPES`: which claims carry rights.
    pub rights: Arc<Rights>,
    /// `AUTH_STRICT`: whether tokens must follow RFC 9068 exactly.
    pub strict: bool,
    /// `AUTH_CLIENT_ID`: without it, the app has no sign-in, but the API still accepts tokens.
    pub client_id: Option<String>,
    /// `AUTH_SCOPES`: the scopes to request at sign-in.
    pub scopes: Vec<String>,
    /// `AUTH_AUDIENCE_PARAMETER`: how to request the audience at sign-in.
    pub audience_parameter: AudienceParameter,
}

impl AuthConfig {
    /// Trusts only `issuer`, for RS256 tokens that follow RFC 9068 exactly. Sign-in is not configured.
    #[must_use]
    pub fn strict(registry: &'static Registry, issuer: TrustedIssuer) -> Self {
        Self {
            registry,
            issuer,
            others: Vec::new(),
            algorithms: vec![Algorithm::RS256],
            leeway: DEFAULT_LEEWAY,
            rights: Arc::default(),
            strict: true,
            client_id: None,
            scopes: Vec::new(),
            audience_parameter: AudienceParameter::Audience,
        }
    }

    /// Returns all issuers whose tokens are accepted.
    pub fn issuers(&self) -> impl Iterator<Item = &TrustedIssuer> {
        std::iter::once(&self.issuer).chain(&self.others)
    }

    /// Returns the rules for access tokens of `trusted`.
    #[must_use]
    pub fn rules(&self, trusted: &TrustedIssuer) -> Rules {
        let signs_in = trusted.issuer == self.issuer.issuer;
        Rules {
            issuer: trusted.issuer.clone(),
            audiences: trusted.audiences.clone(),
            client_id: self.client_id.as_deref().filter(|_| signs_in).map(Into::into),
            strict: self.strict,
            leeway: self.leeway,
            rights: self.rights.clone(),
            known_scopes: Some(Arc::new(self.known_scopes())),
        }
    }

    /// Returns the scopes that this server knows: those of the registry, and those that it requests at sign-in.
    fn known_scopes(&self) -> BTreeSet<String> {
        self.registry.scopes().into_iter().map(str::to_owned).chain(self.scopes.iter().cloned()).collect()
    }

    pub(super) fn read(registry: &'static Registry, lookup: Lookup<'_>, issuers: &str) -> Result<Self, ConfigError> {
        let mut issuers = TrustedIssuer::read(lookup, issuers)?.into_iter();
        let issuer =
            issuers.next().ok_or_else(|| ConfigError::missing("AUTH_ISSUER", "expected your provider's issuer URL"))?;
        let scopes = match variable(lookup, "AUTH_SCOPES")? {
            Some(list) => list.split_whitespace().map(str::to_owned).collect(),
            None => default_scopes(registry),
        };
        let client_id = variable(lookup, "AUTH_CLIENT_ID")?;
        let strict = boolean(lookup, "AUTH_STRICT")?;
        if let Some(client_id) = &client_id {
            check_sign_in(&issuer, client_id, strict)?;
        }
        Ok(Self {
            registry,
            audience_parameter: audience_parameter(lookup, &issuer)?,
            issuer,
            others: issuers.collect(),
            algorithms: algorithms(lookup)?,
            leeway: claims::leeway(lookup)?,
            rights: Arc::new(claims::rights(registry, lookup)?),
            strict,
            client_id,
            scopes,
        })
    }
}

/// Rejects settings that make sign-in with `client_id` impossible: an issuer that browsers cannot use, or audiences
/// that the client's tokens cannot have.
fn check_sign_in(trusted: &TrustedIssuer, client_id: &str, strict: bool) -> Result<(), ConfigError> {
    if !trusted.audiences.accepts_client(client_id) {
        let expected = format!("expected client_id={client_id} or an audience, since people sign in by AUTH_CLIENT_ID");
        return Err(shown("AUTH_AUDIENCE", trusted.audiences.expected(), &expected));
    }
    if strict && trusted.audiences.first().is_none() {
        let expected = "expected false, or an audience in AUTH_AUDIENCE: RFC 9068 demands one of every access token";
        return Err(ConfigError::wrong("AUTH_STRICT", "true", expected));
    }
    if absolute("AUTH_ISSUER", &trusted.issuer).is_ok_and(|url| is_safe_to_fetch(&url)) {
        return Ok(());
    }
    let expected = "expected https, or http on this machine, since AUTH_CLIENT_ID is set: people sign in at the public address of the provider, which AUTH_URI does not replace. Name it here and where this server reaches it in AUTH_INTERNAL_URL, or unset AUTH_CLIENT_ID to only check tokens";
    Err(shown("AUTH_ISSUER", &trusted.issuer, expected))
}

/// Returns the scopes that sign-in requests by default: those for the profile, and every scope of the registry.
#[must_use]
pub fn default_scopes(registry: &Registry) -> Vec<String> {
    let about_the_person = ["openid", "profile", "email"];
    about_the_person.into_iter().chain(registry.scopes()).map(str::to_owned).collect()
}

/// Returns the error for a wrong URL. It contains the value only if that cannot contain a password or a key.
pub(super) fn shown(name: &'static str, value: &str, expected: &str) -> ConfigError {
    if value.contains(['@', '?']) {
        ConfigError::secret(name, expected)
    } else {
        ConfigError::wrong(name, value, expected)
    }
}

/// Rejects a user name or a password in `url`, because a URL is logged if it cannot be fetched.
pub(super) fn without_secret(name: &'static str, url: &Url) -> Result<(), ConfigError> {
    if url.username().is_empty() && url.password().is_none() {
        Ok(())
    } else {
        Err(ConfigError::secret(name, "expected a URL without user name and password"))
    }
}

pub(super) fn absolute(name: &'static str, value: &str) -> Result<Url, ConfigError> {
    let wrong = || shown(name, value, "expected an absolute http or https URL without query or fragment");
    let url = Url::parse(value).map_err(|_| wrong())?;
    without_secret(name, &url)?;
    let plain = url.has_host() && url.query().is_none() && url.fragment().is_none();
    if plain && matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(wrong()) }
}

/// Returns `value` as an origin, without a trailing slash.
pub(super) fn origin(name: &'static str, value: &str) -> Result<String, ConfigError> {
    let url = absolute(name, value)?;
    let origin = url.origin().ascii_serialization();
    // Response headers contain the origin, and clients compare it. A value in another spelling, such as with a default
    // port or non-ASCII letters, is rejected and not converted.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:/[]-".contains(&byte);
    if origin != value.trim_end_matches('/') || !origin.bytes().all(is_plain) || !is_safe_to_fetch(&url) {
        let expected = "expected an origin as it goes over the wire, such as https://portcullis.example: https, or http on this machine, and without a path: a deployment under a path is not supported";
        return Err(shown(name, value, expected));
    }
    Ok(origin)
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

pub(super) fn boolean(lookup: Lookup<'_>, name: &'static str) -> Result<bool, ConfigError> {
    match variable(lookup, name)?.as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(ConfigError::wrong(name, other, "expected true or false")),
    }
}

fn audience_parameter(lookup: Lookup<'_>, trusted: &TrustedIssuer) -> Result<AudienceParameter, ConfigError> {
    let name = "AUTH_AUDIENCE_PARAMETER";
    let set = variable(lookup, name)?;
    let has_audience = trusted.audiences.first().is_some();
    match set.as_deref() {
        Some("none") => Ok(AudienceParameter::None),
        // Without an audience there is nothing to request.
        None if !has_audience => Ok(AudienceParameter::None),
        Some(other @ ("audience" | "resource")) if !has_audience => {
            Err(ConfigError::wrong(name, other, "expected none, since AUTH_AUDIENCE names no audience"))
        }
        None | Some("audience") => Ok(AudienceParameter::Audience),
        Some("resource") => Ok(AudienceParameter::Resource),
        Some(other) => Err(ConfigError::wrong(name, other, "expected audience, resource or none")),
    }
}
