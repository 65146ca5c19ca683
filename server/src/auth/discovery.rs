//! The provider's discovery document (OpenID Connect Discovery §4, RFC 8414): its endpoints and key address.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use serde::{Deserialize, Deserializer};
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::backchannel::Backchannel;
use super::jwks::{Document, FetchError, Http, is_safe_to_fetch};

/// The members of the discovery document that are used.
#[derive(Debug, Clone, Deserialize)]
pub struct Metadata {
    /// Must equal the configured issuer, byte by byte (§4.3).
    pub issuer: String,
    /// Where the keys are.
    pub jwks_uri: Url,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: String,
    /// Where profile data are.
    #[serde(default, deserialize_with = "usable")]
    pub userinfo_endpoint: Option<String>,
    /// Where the provider's session is ended.
    #[serde(default, deserialize_with = "usable")]
    pub end_session_endpoint: Option<String>,
    /// Where refresh tokens are revoked (RFC 8414 §2, RFC 7009).
    #[serde(default, deserialize_with = "usable")]
    pub revocation_endpoint: Option<String>,
    /// Whether `iss` comes with the callback (RFC 9207 §3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Reads an endpoint that people can sign in without: one that cannot be used counts as missing.
fn usable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let endpoint = value.as_str().map(str::to_owned);
    let is_left_out = !value.is_null() && !endpoint.as_deref().is_some_and(is_safe_endpoint);
    if is_left_out {
        tracing::debug!("an optional endpoint of the discovery document cannot be used, and is left out");
    }
    Ok(endpoint.filter(|_| !is_left_out))
}

/// Whether browsers may be sent to `endpoint`: what they send there holds tokens.
fn is_safe_endpoint(endpoint: &str) -> bool {
    Url::parse(endpoint).is_ok_and(|url| is_safe_to_fetch(&url))
}

/// Where the discovery document of `issuer` is.
///
/// # Errors
/// When `issuer` is not a URL.
pub fn address(issuer: &str) -> Result<Url, url::ParseError> {
    // §4.1: the path is appended to the issuer, whose own trailing slash is dropped for this alone.
    Url::parse(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))
}

impl Metadata {
    /// The endpoints that people can sign in without, by their names in the document; none where it has no usable one.
    #[must_use]
    pub fn optional_endpoints(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("userinfo_endpoint", self.userinfo_endpoint.as_deref()),
            ("end_session_endpoint", self.end_session_endpoint.as_deref()),
            ("revocation_endpoint", self.revocation_endpoint.as_deref()),
        ]
    }

    /// Reads the discovery document of `issuer`.
    ///
    /// # Errors
    /// When it is no such document, names another issuer or an unsafe address.
    pub fn read(document: Document, issuer: &str) -> Result<Self, FetchError> {
        let metadata: Self = match serde_json::from_slice(&document.body) {
            Ok(metadata) => metadata,
            Err(error) => return Err(document.unfit(format!("not a discovery document: {error}"))),
        };
        if metadata.issuer != issuer {
            let reason = format!("its issuer is {:?}, but AUTH_ISSUER is {issuer:?}", metadata.issuer);
            return Err(document.unfit(reason));
        }
        // The keys' address is checked when it is fetched; these are for browsers, which would not object.
        for endpoint in [&metadata.authorization_endpoint, &metadata.token_endpoint] {
            if !is_safe_endpoint(endpoint) {
                return Err(document.unfit(format!("its endpoint {endpoint} is neither https nor on this machine")));
            }
        }
        Ok(metadata)
    }
}

/// The discovery document of one issuer, read when it is first needed and then kept.
pub struct Discovery {
    issuer: Arc<str>,
    address: Url,
    /// The provider's other address, where this server reaches it by that.
    backchannel: Option<Arc<Backchannel>>,
    http: Http,
    metadata: ArcSwapOption<Metadata>,
    /// When the document was last read. Held while it is fetched: those who want it at the same time share one fetch.
    read: Mutex<Option<Instant>>,
}

impl Discovery {
    /// The discovery document of `issuer`.
    ///
    /// # Errors
    /// When `issuer` is not a URL.
    pub fn new(issuer: Arc<str>, http: Http) -> Result<Self, url::ParseError> {
        let address = address(&issuer)?;
        let (metadata, read) = (ArcSwapOption::empty(), Mutex::new(None));
        Ok(Self { address, backchannel: None, issuer, http, metadata, read })
    }

    /// Reads it at the internal address of `backchannel`, and gives browsers public endpoints only.
    #[must_use]
    pub fn with_backchannel(self, backchannel: Arc<Backchannel>) -> Self {
        Self { address: backchannel.document().clone(), backchannel: Some(backchannel), ..self }
    }

    /// What is known without asking.
    #[must_use]
    pub fn known(&self) -> Option<Arc<Metadata>> {
        self.metadata.load_full()
    }

    /// The document, not older than `age`; where it cannot be had anew, the one that is known.
    ///
    /// # Errors
    /// Those of [`Discovery::refresh`], where none is known.
    pub async fn metadata(&self, age: Duration) -> Result<Arc<Metadata>, FetchError> {
        let mut read = self.read.lock().await;
        let known = self.known();
        match known {
            Some(known) if read.is_some_and(|at| at.elapsed() < age) => Ok(known),
            Some(known) => Ok(self.read_anew(&mut read).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the provider's discovery document could not be read anew; the known one is used");
                known
            })),
            None => self.read_anew(&mut read).await,
        }
    }

    /// Reads the document anew; what is known stays known when that fails.
    ///
    /// # Errors
    /// When it cannot be fetched, is no such document, names another issuer or an unsafe address.
    pub async fn refresh(&self) -> Result<Arc<Metadata>, FetchError> {
        self.read_anew(&mut *self.read.lock().await).await
    }

    async fn read_anew(&self, read: &mut Option<Instant>) -> Result<Arc<Metadata>, FetchError> {
        let found = Arc::new(self.fetch().await?);
        *read = Some(Instant::now());
        self.metadata.store(Some(found.clone()));
        Ok(found)
    }

    async fn fetch(&self) -> Result<Metadata, FetchError> {
        let document = self.http.get(&self.address).await?;
        let document = match &self.backchannel {
            Some(backchannel) => backchannel.rewrite(document)?,
            None => document,
        };
        Metadata::read(document, &self.issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;
    use serde_json::{Value, json};

    fn read(change: Value) -> Result<Metadata, FetchError> {
        let mut body = json!({
            "issuer": "https://i.example",
            "jwks_uri": "https://i.example/jwks",
            "authorization_endpoint": "https://i.example/authorize",
            "token_endpoint": "https://i.example/token",
        });
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        let url = Url::parse("https://i.example/.well-known/openid-configuration").expect("a URL");
        let document = Document { url, headers: HeaderMap::new(), body: body.to_string().into_bytes() };
        Metadata::read(document, "https://i.example")
    }

    #[test]
    fn optional_endpoint_that_is_unusable_is_left_out() {
        let endpoint = |read: &Metadata, name| {
            let all = read.optional_endpoints();
            all.into_iter().find(|(known, _)| *known == name).and_then(|(_, endpoint)| endpoint.map(str::to_owned))
        };
        for name in ["userinfo_endpoint", "end_session_endpoint", "revocation_endpoint"] {
            let good = read(json!({name: "https://i.example/there"})).expect("a document");
            assert_eq!(endpoint(&good, name).as_deref(), Some("https://i.example/there"), "{name}");
            for bad in [json!("http://i.example/there"), json!("/there"), json!(""), json!(7), json!(null)] {
                let read = read(json!({name: bad})).expect("people can sign in without it");
                assert_eq!(endpoint(&read, name), None, "{name}: {bad}");
            }
        }
        assert_eq!(read(json!({})).expect("a document").revocation_endpoint, None);
    }

    #[test]
    fn required_endpoint_that_is_unsafe_refuses_the_document() {
        for name in ["authorization_endpoint", "token_endpoint"] {
            assert!(read(json!({name: "http://i.example/there"})).is_err(), "{name}");
            assert!(read(json!({name: null})).is_err(), "{name}");
        }
    }
}
