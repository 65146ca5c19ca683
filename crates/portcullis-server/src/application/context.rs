//! The context of server functions: the permit of their request, the records, and the verification of ID tokens.

use std::sync::Arc;

use http::request::Parts;
use leptos::prelude::{provide_context, use_context};
use portcullis::record::Record;
use portcullis::{AppError, Right};

use super::state::ServerState;
use crate::Permit;
use crate::id_tokens::IdTokens;
use crate::store::{Database, Records};

/// Provides the context of server functions. Leptos itself provides the head of the request.
pub(super) fn provide(state: &ServerState) {
    provide_context(state.database.clone());
    provide_context(state.id_tokens.clone());
}

/// Returns the permit of the request that the current server function handles.
///
/// # Errors
/// 403 if the caller lacks the right, 500 outside a request that passed the gate.
pub fn permit<R: Right>() -> Result<Permit<R>, AppError> {
    Permit::from_parts(&provided::<Parts>()?)
}

/// Returns the store of `R`.
///
/// # Errors
/// 500 outside a server function, and if the database has no store of `R`.
pub fn records<R: Record>() -> Result<Records<R>, AppError> {
    provided::<Database>()?.records()
}

/// Returns the verification of ID tokens.
///
/// # Errors
/// 500 outside a server function.
pub fn id_tokens() -> Result<Arc<IdTokens>, AppError> {
    provided()
}

fn provided<T: Clone + 'static>() -> Result<T, AppError> {
    use_context().ok_or_else(|| {
        tracing::error!(missing = std::any::type_name::<T>(), "not in a server function");
        AppError::internal()
    })
}
