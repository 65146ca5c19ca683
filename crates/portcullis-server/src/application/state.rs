//! What handlers get: one value for all of them, cloned by pointer.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use super::App;
use super::operational::Metadata;
use crate::Gate;
use crate::id_tokens::IdTokens;
use crate::readiness::Readiness;
use crate::release::Release;
use crate::sign_in::SignInOffer;
use crate::store::Database;

/// The state of a server. Clones share it.
#[derive(Clone)]
pub struct ServerState(Arc<StateParts>);

/// The parts of a [`ServerState`].
pub struct StateParts {
    /// The app that is served.
    pub app: App,
    /// Where the files of the client are, and their names.
    pub options: LeptosOptions,
    /// The release of the client.
    pub release: Release,
    /// The gate.
    pub gate: Gate,
    /// What `/readyz` reports.
    pub readiness: Readiness,
    /// Where records are stored.
    pub database: Database,
    /// What verifies ID tokens.
    pub id_tokens: Arc<IdTokens>,
    /// The metadata for clients without a page; none if the server does not know its own address.
    pub metadata: Option<Metadata>,
    /// What pages say about the provider.
    pub sign_in: SignInOffer,
}

impl ServerState {
    /// Returns the state with these parts.
    #[must_use]
    pub fn new(parts: StateParts) -> Self {
        Self(Arc::new(parts))
    }

    /// Returns whether clients reach this server by https, as far as it knows.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.resource.starts_with("https:"))
    }
}

impl Deref for ServerState {
    type Target = StateParts;

    fn deref(&self) -> &StateParts {
        &self.0
    }
}

impl FromRef<ServerState> for LeptosOptions {
    fn from_ref(state: &ServerState) -> Self {
        state.options.clone()
    }
}

impl FromRef<ServerState> for Database {
    fn from_ref(state: &ServerState) -> Self {
        state.database.clone()
    }
}
