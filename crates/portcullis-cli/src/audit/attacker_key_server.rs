//! A server of the audit that forged tokens name as the location of their key (`jku`, `x5u`). A fetch from it is a finding:
//! an attacker could make the audited server send requests anywhere.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::response::IntoResponse;
use axum::routing::get;
use http::{StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The document at each path, and how often it was fetched.
type Documents = Arc<Mutex<HashMap<String, (String, usize)>>>;

/// The server. Dropping it stops it.
pub struct AttackerKeyServer {
    origin: String,
    documents: Documents,
    task: Option<JoinHandle<()>>,
}

impl Drop for AttackerKeyServer {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl AttackerKeyServer {
    /// Starts a server that a target on this machine can reach.
    ///
    /// # Errors
    /// An I/O error if no port is free.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let documents = Documents::default();
        let shared = documents.clone();
        let service = get(move |address: Uri| async move {
            match shared.lock().unwrap_or_else(PoisonError::into_inner).get_mut(address.path()) {
                None => StatusCode::NOT_FOUND.into_response(),
                Some((document, fetches)) => {
                    *fetches += 1;
                    document.clone().into_response()
                }
            }
        });
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, service.into_make_service()).await {
                tracing::error!(%error, "the key server of the audit stopped");
            }
        });
        Ok(Self { origin, documents, task: Some(task) })
    }

    /// Returns a server at a host that never resolves (RFC 6761 §6.4), for a target that cannot reach this machine.
    #[must_use]
    pub fn unreachable() -> Self {
        Self { origin: "https://portcullis-audit.invalid".to_owned(), documents: Documents::default(), task: None }
    }

    /// Returns the URL of `path` for the forger with `suffix`.
    #[must_use]
    pub fn url(&self, path: &str, suffix: &str) -> String {
        format!("{}{}", self.origin, document_path(path, suffix))
    }

    /// Serves the public key and the certificate (DER) of the forger with `suffix`.
    pub fn publish(&self, suffix: &str, jwk: Value, certificate: &[u8]) {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        documents.insert(document_path("/jku", suffix), (json!({ "keys": [jwk] }).to_string(), 0));
        let pem = pem::encode(&pem::Pem::new("CERTIFICATE", certificate));
        documents.insert(document_path("/x5u", suffix), (pem, 0));
    }

    /// Returns whether the document at `path` of any forger was fetched.
    #[must_use]
    pub fn has_served(&self, path: &str) -> bool {
        let documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        documents.iter().any(|(known, (_, fetches))| known.starts_with(path) && *fetches > 0)
    }
}

/// Returns for example `/jku` for the first forger and `/jku-issuer2` for the second.
fn document_path(path: &str, suffix: &str) -> String {
    let suffix: String = suffix.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    if suffix.is_empty() { path.to_owned() } else { format!("{path}-{suffix}") }
}
