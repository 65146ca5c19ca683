//! The REST endpoints: the table that is the router.

mod items;

use app::resources::{Endpoint, Method};
use axum::handler::Handler;
use axum::routing::{MethodRouter, get, post};

use crate::router::AppState;

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
