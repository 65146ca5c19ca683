//! The lists `AUTH_ISSUER`, `AUTH_AUDIENCE`, `AUTH_URI` and `AUTH_INTERNAL_URL`. Entries at the same position belong to
//! the same issuer.

use std::sync::Arc;

use portcullis_verifier::audiences::Audiences;
use portcullis_verifier::backchannel::Backchannel;
use portcullis_verifier::discovery::{self, Discovery};
use portcullis_verifier::jwks::{Http, is_safe_to_fetch};
use url::{ParseError, Url};

use super::auth::{absolute, boolean, shown, without_secret};
use super::claims;
use super::variable::{ConfigError, Lookup, variable};

/// An issuer and the settings for its tokens.
#[derive(Debug, Clone)]
pub struct TrustedIssuer {
    /// The issuer. It is compared byte by byte.
    pub issuer: Arc<str>,
    /// The accepted audiences of access tokens: the entry in `AUTH_AUDIENCE`.
    pub audiences: Audiences,
    /// The URL of the key set, if discovery is not used: the entry in `AUTH_URI`.
    pub jwks_uri: Option<Url>,
    /// The internal address, if this server uses one: the entry in `AUTH_INTERNAL_URL`.
    pub backchannel: Option<Arc<Backchannel>>,
    /// `AUTH_INTERNAL_HTTP`: whether requests to the internal address may use http.
    pub allows_plain_http: bool,
}

/// The entry in `AUTH_URI` for an issuer with discovery.
const BY_DISCOVERY: &str = "discovery";
/// The entry in `AUTH_INTERNAL_URL` for an issuer without an internal address.
const BY_PUBLIC_ADDRESS: &str = "public";

impl TrustedIssuer {
    /// Creates an issuer whose access tokens must have the audience `audience`.
    #[must_use]
    pub fn new(issuer: &str, audience: &str) -> Self {
        let (jwks_uri, backchannel) = (None, None);
        let (issuer, audiences) = (issuer.into(), audience.into());
        Self { issuer, audiences, jwks_uri, backchannel, allows_plain_http: false }
    }

    /// Returns the audience to request at sign-in, or an empty string if tokens have none.
    #[must_use]
    pub fn audience(&self) -> &str {
        self.audiences.first().unwrap_or_default()
    }

    /// Returns the client for requests to this issuer. It may use plain http if that is allowed.
    #[must_use]
    pub fn http(&self, http: &Http) -> Http {
        match &self.backchannel {
            Some(backchannel) if self.allows_plain_http => http.clone().with_plain_http(backchannel.clone()),
            _ => http.clone(),
        }
    }

    /// Returns the URL of the discovery document, as this server reaches it.
    ///
    /// # Errors
    /// [`ParseError`] if the issuer is not a URL.
    pub fn document(&self) -> Result<Url, ParseError> {
        match &self.backchannel {
            Some(backchannel) => Ok(backchannel.document().clone()),
            None => discovery::address(&self.issuer),
        }
    }

    /// Returns a cache for the discovery document, which it fetches with `http`.
    ///
    /// # Errors
    /// [`ParseError`] if the issuer is not a URL.
    pub fn discovery(&self, http: &Http) -> Result<Discovery, ParseError> {
        let discovery = Discovery::new(self.issuer.clone(), self.http(http))?;
        Ok(match &self.backchannel {
            Some(backchannel) => discovery.with_backchannel(backchannel.clone()),
            None => discovery,
        })
    }

    /// Reads the lists for the `issuers` in `AUTH_ISSUER`.
    pub(super) fn read(lookup: Lookup<'_>, issuers: &str) -> Result<Vec<Self>, ConfigError> {
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
        let audiences = split_per_issuer("AUTH_AUDIENCE", &audiences, issuers.len())?;
        let uris = List::read(lookup, "AUTH_URI", BY_DISCOVERY, issuers.len())?;
        let internals = List::read(lookup, "AUTH_INTERNAL_URL", BY_PUBLIC_ADDRESS, issuers.len())?;
        let allows_plain_http = boolean(lookup, "AUTH_INTERNAL_HTTP")?;
        if allows_plain_http && internals.0.iter().all(Option::is_none) {
            let expected =
                "expected the internal address that may be asked over http, since AUTH_INTERNAL_HTTP is true";
            return Err(ConfigError::missing("AUTH_INTERNAL_URL", expected));
        }
        let mut read: Vec<Self> = Vec::new();
        for (place, (issuer, audience)) in issuers.iter().zip(audiences).enumerate() {
            let internal = internals.0[place].as_deref();
            let internal = internal.map(|address| internal_url(address, allows_plain_http)).transpose()?;
            let backchannel = internal.map(|internal| Backchannel::new(issuer, &internal)).transpose();
            let backchannel = backchannel.map_err(|_| shown("AUTH_ISSUER", issuer, "expected an absolute URL"))?;
            let mut trusted = Self { audiences: claims::audiences(audience)?, ..Self::new(issuer, audience) };
            trusted.backchannel = backchannel.map(Arc::new);
            trusted.allows_plain_http = allows_plain_http;
            trusted.jwks_uri = uris.0[place].as_deref().map(|uri| trusted.keys_address(uri)).transpose()?;
            if trusted.jwks_uri.is_none() && trusted.backchannel.is_none() {
                absolute("AUTH_ISSUER", issuer).and_then(|url| fetched("AUTH_ISSUER", issuer, url, |_| false))?;
            }
            if read.iter().any(|known| known.issuer == trusted.issuer) {
                return Err(shown("AUTH_ISSUER", issuer, "expected each issuer once"));
            }
            read.push(trusted);
        }
        Ok(read)
    }

    /// Reads an entry of `AUTH_URI` as the URL of the key set.
    fn keys_address(&self, uri: &str) -> Result<Url, ConfigError> {
        let name = "AUTH_URI";
        // Some providers have a query in this URL.
        let url = Url::parse(uri).map_err(|_| shown(name, uri, "expected the https address of the provider's JWKS"))?;
        let may_be_plain = |url: &Url| {
            self.allows_plain_http
                && self.backchannel.as_ref().is_some_and(|internal| internal.has_internal_origin(url))
        };
        fetched(name, uri, url, may_be_plain)
    }
}

/// A list with one entry per issuer. `None` stands for the default.
struct List(Vec<Option<String>>);

impl List {
    fn read(lookup: Lookup<'_>, name: &'static str, default: &str, number: usize) -> Result<Self, ConfigError> {
        let Some(list) = variable(lookup, name)? else { return Ok(Self(vec![None; number])) };
        let words = split_per_issuer(name, &list, number)?;
        Ok(Self(words.into_iter().map(|word| (word != default).then(|| word.to_owned())).collect()))
    }
}

/// Splits `list` into words, and rejects it if there are not exactly `number` of them.
fn split_per_issuer<'a>(name: &'static str, list: &'a str, number: usize) -> Result<Vec<&'a str>, ConfigError> {
    let words: Vec<&str> = list.split_whitespace().collect();
    if words.len() == number {
        return Ok(words);
    }
    let several = if name == "AUTH_AUDIENCE" { "; several audiences of one issuer have | between them" } else { "" };
    let expected = format!("expected one for each issuer of AUTH_ISSUER, {number}, separated by spaces{several}");
    Err(shown(name, list, &expected))
}

/// Reads an entry of `AUTH_INTERNAL_URL`.
fn internal_url(value: &str, allows_plain_http: bool) -> Result<Url, ConfigError> {
    let name = "AUTH_INTERNAL_URL";
    let url = absolute(name, value)?;
    if is_safe_to_fetch(&url) || allows_plain_http {
        return Ok(url);
    }
    let expected = "expected https, or http on this machine; AUTH_INTERNAL_HTTP=true allows http where no one else is on the network between";
    Err(shown(name, value, expected))
}

fn fetched(
    name: &'static str,
    value: &str,
    url: Url,
    may_be_plain: impl FnOnce(&Url) -> bool,
) -> Result<Url, ConfigError> {
    without_secret(name, &url)?;
    if is_safe_to_fetch(&url) || (url.scheme() == "http" && may_be_plain(&url)) {
        return Ok(url);
    }
    let expected = "expected https, or http on this machine: keys must not cross a network in the clear. For an internal address, name the public one here and the internal one in AUTH_INTERNAL_URL, with AUTH_INTERNAL_HTTP=true";
    Err(shown(name, value, expected))
}
