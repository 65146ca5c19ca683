//! The state that all handlers share.

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
    /// The app.
    pub app: App,
    /// The folder and the names of the client's files.
    pub options: LeptosOptions,
    /// The release of the client.
    pub release: Release,
    /// The gate.
    pub gate: Gate,
    /// The readiness check for `/readyz`.
    pub readiness: Readiness,
    /// The database.
    pub database: Database,
    /// The verification of ID tokens.
    pub id_tokens: Arc<IdTokens>,
    /// The metadata for clients without a page, or `None` if the server does not know its own URL.
    pub metadata: Option<Metadata>,
    /// The sign-in configuration for pages.
    pub sign_in: SignInOffer,
}

impl ServerState {
    /// Creates the state from its parts.
    #[must_use]
    pub fn new(parts: StateParts) -> Self {
        Self(Arc::new(parts))
    }

    /// Returns whether clients reach this server over https, as far as it knows.
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
