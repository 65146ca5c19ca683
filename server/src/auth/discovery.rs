//! The provider's discovery document (OpenID Connect Discovery §4, RFC 8414): its endpoints and key address.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use serde::Deserialize;
use url::Url;

use super::jwks::{FetchError, Http, is_safe_to_fetch};

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

/// The discovery document of one issuer, read when it is first needed and then kept.
pub struct Discovery {
    issuer: Arc<str>,
    address: Url,
    http: Http,
    metadata: ArcSwapOption<Metadata>,
}

impl Discovery {
    /// The discovery document of `issuer`.
    ///
    /// # Errors
    /// When `issuer` is not a URL.
    pub fn new(issuer: Arc<str>, http: Http) -> Result<Self, url::ParseError> {
        // §4.1: the path is appended to the issuer, whose own trailing slash is dropped for this alone.
        let address = Url::parse(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))?;
        Ok(Self { issuer, address, http, metadata: ArcSwapOption::empty() })
    }

    /// What is known without asking.
    #[must_use]
    pub fn known(&self) -> Option<Arc<Metadata>> {
        self.metadata.load_full()
    }

    /// The document; fetched if it is not known.
    ///
    /// # Errors
    /// When it cannot be fetched, is no such document or names another issuer.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, FetchError> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let found = Arc::new(self.fetch().await?);
        self.metadata.store(Some(found.clone()));
        Ok(found)
    }

    /// Drops what is known, so that the next use reads it anew.
    pub fn forget(&self) {
        self.metadata.store(None);
    }

    async fn fetch(&self) -> Result<Metadata, FetchError> {
        let document = self.http.get(&self.address).await?;
        let metadata: Metadata = match serde_json::from_slice(&document.body) {
            Ok(metadata) => metadata,
            Err(error) => return Err(document.unfit(format!("not a discovery document: {error}"))),
        };
        if metadata.issuer != *self.issuer {
            let reason = format!("its issuer is {:?}, but AUTH_ISSUER is {:?}", metadata.issuer, self.issuer);
            return Err(document.unfit(reason));
        }
        if !is_safe_to_fetch(&metadata.jwks_uri) {
            let reason = format!("its jwks_uri {} is neither https nor on this machine", metadata.jwks_uri);
            return Err(document.unfit(reason));
        }
        Ok(metadata)
    }
}
