//! The router: pages, `/rpc` and `/api`, each way in with the gate before it, and a refusal for all the rest.

use app::app::{App, shell};
use app::error::AppError;
use app::policy::Access;
use app::resources::{self, Endpoint, Surface};
use app::ssr::permit::Gate;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use leptos::prelude::*;
use server_fn::error::SERVER_FN_ERROR_HEADER;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::registry::{self, RegistryError};
use crate::rest;
use crate::state::AppState;

/// The largest body that a request may have, in bytes.
const LARGEST_BODY: usize = 64 * 1024;

/// Builds the router from the registry.
///
/// # Errors
/// When something is served that is not declared, or declared and not served.
pub fn build(state: AppState) -> Result<Router, RegistryError> {
    let served = rest::endpoints();
    let page_list = leptos_axum::generate_route_list(App);
    registry::check(&registry::Served {
        rest: served.iter().map(|one| registry::name(&one.endpoint)).collect(),
        server_fns: server_fn::axum::server_fn_paths().map(|(path, method)| format!("{method} {path}")).collect(),
        pages: page_list.iter().map(|page| page.path().to_owned()).collect(),
    })?;

    let mut router = Router::new();
    for rest::Served { endpoint, handler } in served {
        router = router.route(endpoint.path, behind_the_gate(&state, &endpoint, handler));
    }
    for endpoint in resources::endpoints().filter(|endpoint| endpoint.surface == Surface::ServerFn) {
        router = router.route(endpoint.path, behind_the_gate(&state, endpoint, post(server_function)));
    }
    router = router.method_not_allowed_fallback(refuse_method);
    for path in ["/api", "/api/", "/api/{*rest}", "/rpc", "/rpc/", "/rpc/{*rest}"] {
        router = router.route(path, any(refuse_path));
    }

    let page = leptos_axum::render_app_to_stream_with_context(page_context(&state), page_shell(&state));
    for declared in resources::all_pages() {
        router = router.route(declared.path, get(page.clone()));
    }
    let files = leptos_axum::file_and_error_handler_with_context::<AppState, _>(page_context(&state), shell);
    Ok(router
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(readyz))
        .fallback(files)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        // Files keep their names from build to build: a browser must ask whether it has the newest.
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .layer(header_for_all(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header_for_all(header::X_FRAME_OPTIONS, "DENY"))
        .layer(header_for_all(header::REFERRER_POLICY, "no-referrer"))
        .with_state(state))
}

fn header_for_all(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

fn page_context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let sign_in = state.sign_in.clone();
    move || provide_context(sign_in.now())
}

fn page_shell(state: &AppState) -> impl Fn() -> AnyView + Clone + Send + Sync + 'static {
    let options = state.options.clone();
    move || shell(options.clone()).into_any()
}

/// Puts the gate before the handler of `endpoint`, with the right that the registry declares for it.
fn behind_the_gate(state: &AppState, endpoint: &Endpoint, handler: MethodRouter<AppState>) -> MethodRouter<AppState> {
    handler.route_layer(from_fn_with_state((state.gate.clone(), endpoint.right.access), admit))
}

async fn admit(State((gate, access)): State<(Gate, Access)>, mut request: Request, next: Next) -> Response {
    let admitted = match gate.admit(request.headers(), access).await {
        Ok(admitted) => admitted,
        Err(error) => return error.into_response(),
    };
    request.extensions_mut().insert(admitted);
    let mut response = next.run(request).await;
    // What one person may read is not for any cache.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Runs a server function and gives its error the same status, body and headers as REST has.
async fn server_function(State(state): State<AppState>, mut request: Request) -> Response {
    // With `text/html` Leptos would answer a form with a redirect that carries the error in its URL.
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let items = state.items.clone();
    let run = leptos_axum::handle_server_fns_with_context(move || provide_context(items.clone()), request);
    let response = run.await.into_response();
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return response;
    }
    let error = axum::body::to_bytes(response.into_body(), 64 * 1024).await.ok();
    error.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_else(AppError::internal).into_response()
}

/// Refuses what is not declared. Whoever is not known learns nothing, not even that there is nothing.
async fn refuse_path(State(state): State<AppState>, headers: HeaderMap) -> AppError {
    refuse(&state, &headers, AppError::not_found("Path")).await
}

async fn refuse_method(State(state): State<AppState>, headers: HeaderMap) -> AppError {
    refuse(&state, &headers, AppError::method_not_allowed()).await
}

async fn refuse(state: &AppState, headers: &HeaderMap, known: AppError) -> AppError {
    state.gate.admit(headers, Access::SignedIn).await.err().unwrap_or(known)
}

/// Whether requests can be served now: 200 when keys and store are there, else 503 with what is missing.
async fn readyz(State(state): State<AppState>) -> Response<Body> {
    let ready = state.readiness.now().await;
    let status = if ready.keys && ready.store { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(ready)).into_response()
}
