//! What handlers are given.

use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use portcullis_server::release::Release;
use portcullis_server::sign_in::SignInOffer;
use portcullis_server::store::Database;
use portcullis_server::{CheckIdToken, Gate};

use crate::operational::Metadata;
use crate::readiness::Readiness;

/// One value for all handlers; each takes of it what it names.
#[derive(Clone)]
pub struct AppState {
    /// Where the client's files are and what they are called.
    pub options: LeptosOptions,
    /// Which release of the client they are.
    pub release: Release,
    /// The gate.
    pub gate: Gate,
    /// What `/readyz` looks at.
    pub readiness: Arc<Readiness>,
    /// Where all records are stored.
    pub database: Database,
    /// What verifies ID tokens.
    pub id_tokens: Arc<dyn CheckIdToken>,
    /// What clients without a page are told; none where the server's own address is not known.
    pub metadata: Option<Arc<Metadata>>,
    /// What the client is told of the provider.
    pub sign_in: SignInOffer,
}

impl AppState {
    /// Whether clients reach this server by https, as far as it knows.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.resource.starts_with("https:"))
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.options.clone()
    }
}

impl FromRef<AppState> for Database {
    fn from_ref(state: &AppState) -> Self {
        state.database.clone()
    }
}
