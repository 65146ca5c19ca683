//! The router: one list of routes in, held against the registry, each with the gate before it or open by declaration,
//! and a refusal for all the rest.

use std::borrow::Cow;

use crate::authenticate::refusal;
use crate::http_rules::{self, MAX_BODY_BYTES};
use crate::redirect::without_slash;
use crate::security_log::{self, Observed, SecurityLog};
use crate::{ApiRoute, Gate, deadline, headers, panics, release};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::handler::Handler;
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use leptos::prelude::provide_context;
use portcullis::{Access, AppError, DeclaredEndpoint, Surface};
use portcullis_verifier::{AuthError, bearer};
use server_fn::error::SERVER_FN_ERROR_HEADER;
use tower_http::compression::CompressionLayer;

use crate::application::App;
use crate::operational;
use crate::pages;
use crate::registry::{self, RegistryError, Served};
use crate::state::ServerState;

/// Everything that the router answers by code of ours: its path, and what stands before its handler.
struct Route {
    path: Cow<'static, str>,
    handler: MethodRouter<ServerState>,
    /// What the gate asks for; none for what is open by declaration.
    guard: Option<Guard>,
    /// Where the registry declares it.
    listed: fn(&mut Served, String),
    name: String,
}

/// What the gate asks before an endpoint.
#[derive(Clone, Copy)]
struct Guard {
    access: Access,
    /// Whether the endpoint reads its body as a form whatever type it is said to be, as server functions do.
    reads_forms: bool,
    /// Whether the endpoint writes, which the security log tells.
    is_write: bool,
}

/// Every route in, from the tables; the router holds these and no other.
fn routes(app: &App) -> Vec<Route> {
    let guarded = |endpoint: &DeclaredEndpoint, handler, listed| Route {
        path: endpoint.path.into(),
        handler,
        guard: Some(Guard {
            access: endpoint.right.access,
            reads_forms: endpoint.surface == Surface::ServerFn,
            is_write: endpoint.is_write(),
        }),
        listed,
        name: registry::name(endpoint),
    };
    let open = |path: &'static str, handler, listed| Route {
        path: path.into(),
        handler,
        guard: None,
        listed,
        name: path.to_owned(),
    };
    let mut routes = Vec::new();
    for ApiRoute { endpoint, handler } in (app.api)() {
        routes.push(guarded(&endpoint, handler, |served, name| _ = served.rest.insert(name)));
    }
    for endpoint in app.registry.endpoints().filter(|endpoint| endpoint.surface == Surface::ServerFn) {
        // Leptos's own registry says which exist.
        routes.push(guarded(endpoint, post(server_function), |_, _| ()));
    }
    for page in app.registry.pages() {
        // Leptos's own routes say which exist.
        // Pages alone are compressed: with the body of an endpoint, its length would tell of what is secret (BREACH).
        let page_handler = get(pages::render).layer(CompressionLayer::new().gzip(true).br(true));
        routes.push(open(page.path, page_handler, |_, _| ()));
        if page.path != "/" {
            let path = format!("{}/", page.path);
            let name = path.clone();
            routes.push(Route { path: path.into(), handler: get(without_slash), guard: None, listed: |_, _| (), name });
        }
    }
    for (path, handler) in operational::endpoints() {
        routes.push(open(path.path, handler, |served, name| _ = served.open.insert(name)));
    }
    routes
}

/// What the program serves, as each part of it says of itself.
#[must_use]
pub fn served(app: &App) -> Served {
    let mut served = Served {
        server_fns: server_fn::axum::server_fn_paths().map(|(path, method)| format!("{method} {path}")).collect(),
        pages: leptos_axum::generate_route_list(app.view).iter().map(|page| page.path().to_owned()).collect(),
        open: [portcullis::FILES.path.to_owned()].into(),
        ..Served::default()
    };
    for route in routes(app) {
        (route.listed)(&mut served, route.name);
    }
    served
}

/// Builds the router from the registry.
///
/// # Errors
/// When something is served that is not declared, or declared and not served.
pub fn build(state: ServerState) -> Result<Router, RegistryError> {
    registry::check(state.app.registry, &served(&state.app))?;
    let mut router = Router::new();
    for route in routes(&state.app) {
        let handler = match route.guard {
            Some(guard) => route.handler.route_layer(from_fn_with_state((state.gate.clone(), guard), admit)),
            None => route.handler.fallback(other_method_of_public_path),
        };
        router = router.route(&route.path, handler);
    }
    router = router.method_not_allowed_fallback(refuse_method);
    for path in ["/api", "/api/", "/api/{*rest}", "/rpc", "/rpc/", "/rpc/{*rest}"] {
        router = router.route(path, any(refuse_path));
    }
    let file_or_missing_page = pages::file_or_missing_page(&state);
    let files = async move |request: Request| match *request.method() {
        Method::GET | Method::HEAD => file_or_missing_page(request).await,
        ref other => {
            let mut response = other_method_of_public_path(other.clone()).await;
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
            response
        }
    };
    let files = files.layer(from_fn_with_state(state.release.clone(), release::strip_release_prefix));
    Ok(with_common_layers(router.fallback(files), state))
}

/// `router` with what stands around every handler, whatever its path: the limits and rules of requests, what becomes of
/// a panic, the security log, and the headers of answers.
pub fn with_common_layers(router: Router<ServerState>, state: ServerState) -> Router {
    let is_https = state.is_https();
    let router = router
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(deadline::enforce))
        .layer(from_fn(http_rules::check))
        .layer(map_response_with_state(state.clone(), operational::add_resource_metadata))
        // Within the security log, which names the request, and around all else that could panic.
        .layer(from_fn(panics::catch))
        .layer(from_fn_with_state(SecurityLog::default(), security_log::observe))
        .with_state(state);
    headers::security_headers(router, is_https)
}

/// The gate before an endpoint: refuses, or leaves with the request what its permit is made from.
async fn admit(State((gate, guard)): State<(Gate, Guard)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match gate.admit(&parts, guard.access).await {
        Ok(admitted) => _ = parts.extensions.insert(admitted),
        Err(error) => return error.into_response(),
    }
    if guard.is_write {
        Observed::note_write(&parts.extensions);
    }
    let request = match with_one_token(parts, body, guard.reads_forms).await {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    let mut response = next.run(request).await;
    // What one person may read is not for any cache.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Refuses a form that brings a token besides that of the header (RFC 6750 §2). It is read after the gate, so that
/// nobody unknown can make the server read anything.
async fn with_one_token(parts: Parts, body: Body, is_read_as_form: bool) -> Result<Request, AppError> {
    if !is_read_as_form && !says_form(&parts) {
        return Ok(Request::from_parts(parts, body));
    }
    let body = http_rules::read_body(body).await?;
    match bearer::parameters(&body) {
        0 => Ok(Request::from_parts(parts, body.into())),
        _ => Err(refusal(AuthError::Ambiguous)),
    }
}

/// Whether the body is said to be a form.
fn says_form(parts: &Parts) -> bool {
    let form = b"application/x-www-form-urlencoded";
    let is_form = |kind: &[u8]| kind.get(..form.len()).is_some_and(|start| start.eq_ignore_ascii_case(form));
    parts.headers.get_all(header::CONTENT_TYPE).iter().any(|kind| is_form(kind.as_bytes()))
}

/// Runs a server function and gives its error the same status, body and headers as REST has.
async fn server_function(State(state): State<ServerState>, mut request: Request) -> Response {
    // With `text/html` Leptos would answer a form with a redirect that carries the error in its URL.
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let (database, id_tokens) = (state.database.clone(), state.id_tokens.clone());
    let context = move || {
        provide_context(database.clone());
        provide_context(id_tokens.clone());
    };
    let run = leptos_axum::handle_server_fns_with_context(context, request);
    let response = run.await.into_response();
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return response;
    }
    let error = axum::body::to_bytes(response.into_body(), 64 * 1024).await.ok();
    error.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_else(AppError::internal).into_response()
}

/// Refuses what is not declared. Whoever is not known learns nothing, not even that there is nothing.
async fn refuse_path(State(state): State<ServerState>, request: Parts) -> AppError {
    refuse(&state, &request, AppError::not_found("Path")).await
}

/// Answers a method that a public path does not have. Everyone may know what such a path takes; Axum adds it as `Allow`.
async fn other_method_of_public_path(method: Method) -> Response {
    match method {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => AppError::method_not_allowed().into_response(),
    }
}

async fn refuse_method(State(state): State<ServerState>, request: Parts) -> AppError {
    refuse(&state, &request, AppError::method_not_allowed()).await
}

async fn refuse(state: &ServerState, request: &Parts, known: AppError) -> AppError {
    state.gate.admit(request, Access::SignedIn).await.err().unwrap_or(known)
}
