//! The provider's discovery document (OpenID Connect Discovery §4, RFC 8414): fetching and caching it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::backchannel::Backchannel;
use super::jwks::{FetchError, Http};
use super::metadata::ProviderMetadata;

/// How long an incomplete document does not replace a complete one.
const INCOMPLETE_DOCUMENT_GRACE: Duration = Duration::from_secs(10 * 60);

/// Returns the URL of the discovery document of `issuer`.
///
/// # Errors
/// [`url::ParseError`] if `issuer` is not a URL.
pub fn address(issuer: &str) -> Result<Url, url::ParseError> {
    // §4.1: the path is appended to the issuer without its trailing slash.
    Url::parse(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))
}

/// The discovery document of one issuer, fetched on first use and then cached.
pub struct Discovery {
    issuer: Arc<str>,
    address: Url,
    /// The provider's internal address, if this server uses one.
    backchannel: Option<Arc<Backchannel>>,
    http: Http,
    metadata: ArcSwapOption<ProviderMetadata>,
    /// The number of completed fetches, successful or not.
    ended: AtomicU64,
    /// Locked during a fetch, so that concurrent callers share it.
    last: Mutex<LastFetch>,
}

/// The outcome of the last fetch.
#[derive(Default)]
struct LastFetch {
    /// When the document was last read successfully.
    read: Option<Instant>,
    /// When it was last read with all required members.
    read_complete: Option<Instant>,
    /// The error of the last fetch, if it failed.
    error: Option<Arc<FetchError>>,
    /// The unusable members that were logged last.
    left_out: Vec<(&'static str, String)>,
}

impl Discovery {
    /// Creates the cache for the discovery document of `issuer`. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`url::ParseError`] if `issuer` is not a URL.
    pub fn new(issuer: Arc<str>, http: Http) -> Result<Self, url::ParseError> {
        let address = address(&issuer)?;
        let (metadata, ended, last) = (ArcSwapOption::empty(), AtomicU64::new(0), Mutex::new(LastFetch::default()));
        Ok(Self { issuer, address, backchannel: None, http, metadata, ended, last })
    }

    /// Reads the document at the internal address of `backchannel`, and gives browsers public endpoints only.
    #[must_use]
    pub fn with_backchannel(self, backchannel: Arc<Backchannel>) -> Self {
        Self { address: backchannel.document().clone(), backchannel: Some(backchannel), ..self }
    }

    /// Returns the issuer of the document.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the cached document, without a fetch.
    #[must_use]
    pub fn known(&self) -> Option<Arc<ProviderMetadata>> {
        self.metadata.load_full()
    }

    /// Returns the document, at most `age` old. If it cannot be fetched, returns the cached one.
    ///
    /// # Errors
    /// The errors of [`Discovery::refresh`], if no document is cached.
    pub async fn metadata(&self, age: Duration) -> Result<Arc<ProviderMetadata>, FetchError> {
        let ended_before = self.ended.load(Ordering::Acquire);
        let mut last = self.last.lock().await;
        match self.known() {
            Some(known) if last.read.is_some_and(|at| at.elapsed() < known.max_age(age)) => Ok(known),
            known => match (self.share_or_fetch(&mut last, ended_before).await, known) {
                (Err(error), Some(known)) => {
                    tracing::warn!(%error, "could not refresh the provider's discovery document; using the cached one");
                    Ok(known)
                }
                (fetched, _) => fetched,
            },
        }
    }

    /// Returns the URL of the key set, from a document that is at most `age` old.
    ///
    /// # Errors
    /// The errors of [`Discovery::metadata`], and [`FetchError::Content`] if the document has no usable `jwks_uri`.
    pub async fn jwks_uri(&self, age: Duration) -> Result<Url, FetchError> {
        let metadata = self.metadata(age).await?;
        metadata.jwks_uri.clone().ok_or_else(|| FetchError::Content {
            url: self.address.clone(),
            reason: format!("not a discovery document: {}", metadata.why_missing("jwks_uri")),
        })
    }

    /// Fetches the document again. If that fails, the cached one is kept.
    ///
    /// # Errors
    /// [`FetchError::Shared`] with the reason: the fetch failed, the body is not a discovery document, or it names
    /// another issuer.
    pub async fn refresh(&self) -> Result<Arc<ProviderMetadata>, FetchError> {
        let ended_before = self.ended.load(Ordering::Acquire);
        self.share_or_fetch(&mut *self.last.lock().await, ended_before).await
    }

    /// Fetches the document, unless another fetch has completed since `ended_before`. In that case its outcome is
    /// shared.
    async fn share_or_fetch(
        &self,
        last: &mut LastFetch,
        ended_before: u64,
    ) -> Result<Arc<ProviderMetadata>, FetchError> {
        if self.ended.load(Ordering::Acquire) == ended_before {
            let fetched = self.fetch().await;
            last.error = match fetched {
                Ok(found) if self.is_less_complete(&found, last) => {
                    Some(Arc::new(FetchError::Content { url: self.address.clone(), reason: found.why_incomplete() }))
                }
                Ok(found) => {
                    if found.left_out != last.left_out {
                        last.left_out.clone_from(&found.left_out);
                        for (name, why) in &found.left_out {
                            tracing::warn!(issuer = %self.issuer, "the discovery document: {name} is left out: {why}");
                        }
                    }
                    last.read = Some(Instant::now());
                    if found.is_complete() {
                        last.read_complete = last.read;
                    }
                    self.metadata.store(Some(Arc::new(found)));
                    None
                }
                Err(error) => Some(Arc::new(error)),
            };
            self.ended.fetch_add(1, Ordering::Release);
        }
        match (&last.error, self.known()) {
            (None, Some(found)) => Ok(found),
            (Some(error), _) => Err(FetchError::Shared(error.clone())),
            // A document is stored before its fetch counts as completed.
            (None, None) => Err(FetchError::Content { url: self.address.clone(), reason: "not read yet".to_owned() }),
        }
    }

    /// Returns whether `found` lacks a member that the cached document has. A provider may send an incomplete document
    /// while it starts or changes, so it is accepted only [`INCOMPLETE_DOCUMENT_GRACE`] after the last complete one.
    fn is_less_complete(&self, found: &ProviderMetadata, last: &LastFetch) -> bool {
        let is_known_complete = self.known().is_some_and(|known| known.is_complete());
        let is_recent = last.read_complete.is_some_and(|at| at.elapsed() < INCOMPLETE_DOCUMENT_GRACE);
        is_known_complete && !found.is_complete() && is_recent
    }

    async fn fetch(&self) -> Result<ProviderMetadata, FetchError> {
        let document = self.http.get(&self.address).await?;
        ProviderMetadata::read(document, &self.issuer, self.backchannel.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::super::jwks::Document;
    use super::*;
    use http::HeaderMap;
    use serde_json::{Value, json};

    fn read(jwks_uri: Value) -> ProviderMetadata {
        let body = json!({
            "issuer": "https://i.example",
            "jwks_uri": jwks_uri,
            "authorization_endpoint": "https://i.example/authorize",
            "token_endpoint": "https://i.example/token",
        });
        let url = address("https://i.example").expect("a URL");
        let document = Document { url, headers: HeaderMap::new(), body: body.to_string().into_bytes() };
        ProviderMetadata::read(document, "https://i.example", None).expect("a document")
    }

    #[tokio::test(start_paused = true)]
    async fn discovery_keeps_a_whole_document_for_a_while() {
        let http = Http::new().expect("a client");
        let discovery = Discovery::new("https://i.example".into(), http).expect("an issuer");
        let (whole, lacking) = (read(json!("https://i.example/jwks")), read(json!(null)));
        let last = LastFetch { read_complete: Some(Instant::now()), ..LastFetch::default() };
        assert!(!discovery.is_less_complete(&lacking, &last), "nothing is known yet");
        discovery.metadata.store(Some(Arc::new(whole.clone())));
        assert!(discovery.is_less_complete(&lacking, &last));
        assert!(!discovery.is_less_complete(&whole, &last));
        tokio::time::advance(INCOMPLETE_DOCUMENT_GRACE).await;
        assert!(!discovery.is_less_complete(&lacking, &last), "it is what the provider says by now");
    }
}
