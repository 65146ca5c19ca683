//! A listener of the audit's own, where tokens say that their key is: whoever fetches it was lured.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::response::IntoResponse;
use axum::routing::get;
use http::{StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What is served at which path, and how often it was asked for.
type Offers = Arc<Mutex<HashMap<String, (String, usize)>>>;

/// The listener; it ends with this value.
pub struct Lure {
    origin: String,
    offers: Offers,
    task: Option<JoinHandle<()>>,
}

impl Drop for Lure {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Lure {
    /// For a target on this machine: a listener that it can reach.
    ///
    /// # Errors
    /// When no port is to be had.
    pub async fn listen() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let offers = Offers::default();
        let served = offers.clone();
        let service = get(move |address: Uri| async move {
            match served.lock().unwrap_or_else(PoisonError::into_inner).get_mut(address.path()) {
                None => StatusCode::NOT_FOUND.into_response(),
                Some((document, asked)) => {
                    *asked += 1;
                    document.clone().into_response()
                }
            }
        });
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, service.into_make_service()).await {
                tracing::error!(%error, "the audit's own listener has stopped");
            }
        });
        Ok(Self { origin, offers, task: Some(task) })
    }

    /// For a target elsewhere, which could not reach this machine: an address that never resolves (RFC 6761 §6.4).
    #[must_use]
    pub fn nowhere() -> Self {
        Self { origin: "https://portcullis-audit.invalid".to_owned(), offers: Offers::default(), task: None }
    }

    /// The address of `path`, for the forger that `suffix` tells apart.
    #[must_use]
    pub fn at(&self, path: &str, suffix: &str) -> String {
        format!("{}{}", self.origin, place(path, suffix))
    }

    /// Serves `jwk` and `certificate` (DER) from now on.
    pub fn offer(&self, suffix: &str, jwk: Value, certificate: &[u8]) {
        let mut offers = self.offers.lock().unwrap_or_else(PoisonError::into_inner);
        offers.insert(place("/jku", suffix), (json!({ "keys": [jwk] }).to_string(), 0));
        let pem = pem::encode(&pem::Pem::new("CERTIFICATE", certificate));
        offers.insert(place("/x5u", suffix), (pem, 0));
    }

    /// Whether anybody has fetched what is at `path`, of any forger's.
    #[must_use]
    pub fn was_asked_for(&self, path: &str) -> bool {
        let offers = self.offers.lock().unwrap_or_else(PoisonError::into_inner);
        offers.iter().any(|(place, (_, asked))| place.starts_with(path) && *asked > 0)
    }
}

/// `/jku` of the first forger, `/jku-issuer-2` of the second.
fn place(path: &str, suffix: &str) -> String {
    let suffix: String = suffix.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    if suffix.is_empty() { path.to_owned() } else { format!("{path}-{suffix}") }
}
