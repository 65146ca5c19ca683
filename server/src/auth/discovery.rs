//! The provider's discovery document (OpenID Connect Discovery §4, RFC 8414): its endpoints and key address.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

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
    pub userinfo_endpoint: Option<String>,
    /// Where the provider's session is ended.
    pub end_session_endpoint: Option<String>,
    /// Whether `iss` comes with the callback (RFC 9207 §3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
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
        let optional = [&metadata.userinfo_endpoint, &metadata.end_session_endpoint].into_iter().flatten();
        for endpoint in [&metadata.authorization_endpoint, &metadata.token_endpoint].into_iter().chain(optional) {
            if !Url::parse(endpoint).is_ok_and(|url| is_safe_to_fetch(&url)) {
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
    http: Http,
    metadata: ArcSwapOption<Metadata>,
    /// Held while the document is fetched: those who want it at the same time share one fetch.
    fetching: Mutex<()>,
}

impl Discovery {
    /// The discovery document of `issuer`.
    ///
    /// # Errors
    /// When `issuer` is not a URL.
    pub fn new(issuer: Arc<str>, http: Http) -> Result<Self, url::ParseError> {
        Ok(Self {
            address: address(&issuer)?,
            issuer,
            http,
            metadata: ArcSwapOption::empty(),
            fetching: Mutex::new(()),
        })
    }

    /// What is known without asking.
    #[must_use]
    pub fn known(&self) -> Option<Arc<Metadata>> {
        self.metadata.load_full()
    }

    /// The document; fetched if it is not known.
    ///
    /// # Errors
    /// Those of [`Discovery::refresh`].
    pub async fn metadata(&self) -> Result<Arc<Metadata>, FetchError> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let _alone = self.fetching.lock().await;
        match self.known() {
            Some(known) => Ok(known),
            None => self.read().await,
        }
    }

    /// Reads the document anew; what is known stays known when that fails.
    ///
    /// # Errors
    /// When it cannot be fetched, is no such document, names another issuer or an unsafe address.
    pub async fn refresh(&self) -> Result<Arc<Metadata>, FetchError> {
        let _alone = self.fetching.lock().await;
        self.read().await
    }

    async fn read(&self) -> Result<Arc<Metadata>, FetchError> {
        let found = Arc::new(self.fetch().await?);
        self.metadata.store(Some(found.clone()));
        Ok(found)
    }

    async fn fetch(&self) -> Result<Metadata, FetchError> {
        Metadata::read(self.http.get(&self.address).await?, &self.issuer)
    }
}
