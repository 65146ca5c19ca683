//! The REST endpoints: the table that is the router.

mod items;

use app::error::AppError;
use app::resources::{Endpoint, Method};
use axum::extract::FromRequestParts;
use axum::handler::Handler;
use axum::routing::{MethodRouter, get, post};

use http::request::Parts;

use crate::state::AppState;

/// A declared endpoint with the handler that serves it.
pub struct Served {
    /// Its entry in the registry.
    pub endpoint: Endpoint,
    /// What answers, once the gate has let a request through.
    pub handler: MethodRouter<AppState>,
}

/// Every REST endpoint. A new resource adds its line here.
#[must_use]
pub fn endpoints() -> Vec<Served> {
    items::endpoints().into()
}

/// Ties `handler` to the declaration of `endpoint`.
fn serve<H, T>(endpoint: Endpoint, handler: H) -> Served
where
    H: Handler<T, AppState>,
    T: 'static,
{
    let handler = match endpoint.method {
        Method::Get => get(handler),
        Method::Post => post(handler),
    };
    Served { endpoint, handler }
}

/// An extractor of Axum's whose refusal is our error body, for example `Valid<Path<String>>`.
struct Valid<E>(E);

impl<E: FromRequestParts<S>, S: Send + Sync> FromRequestParts<S> for Valid<E> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let read = E::from_request_parts(parts, state).await;
        read.map(Self).map_err(|_| AppError::invalid_request("The path or the query could not be read"))
    }
}
