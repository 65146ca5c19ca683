//! The router: a single list of routes, which is compared with the registry. Each route is behind the gate or declared
//! as open. All other paths are rejected.

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
use portcullis::{Access, AppError, DeclaredEndpoint, Surface};
use portcullis_verifier::{AuthError, bearer};
use server_fn::error::SERVER_FN_ERROR_HEADER;
use tower_http::compression::CompressionLayer;

use super::App;
use super::context;
use super::operational;
use super::pages;
use super::state::ServerState;
use crate::registry::{self, RegistryError, Served};

/// A route: its path, its handler, and what the gate requires.
struct Route {
    path: Cow<'static, str>,
    handler: MethodRouter<ServerState>,
    /// What the gate requires, or `None` for an open path.
    guard: Option<Guard>,
}

/// What the gate requires of a request.
#[derive(Clone, Copy)]
struct Guard {
    access: Access,
    /// Whether the endpoint reads its body as a form, whatever its `Content-Type`. Server functions do.
    reads_forms: bool,
    /// Whether the endpoint writes. The security log records it.
    is_write: bool,
}

/// Returns all routes of `app`.
fn routes(app: &App) -> Vec<Route> {
    let guarded = |endpoint: &DeclaredEndpoint, handler| Route {
        path: endpoint.path.into(),
        handler,
        guard: Some(Guard {
            access: endpoint.right.access,
            reads_forms: endpoint.surface == Surface::ServerFn,
            is_write: endpoint.is_write(),
        }),
    };
    let open = |path: Cow<'static, str>, handler| Route { path, handler, guard: None };
    let mut routes = Vec::new();
    for ApiRoute { endpoint, handler } in (app.api)() {
        routes.push(guarded(&endpoint, handler));
    }
    for endpoint in app.registry.endpoints().filter(|endpoint| endpoint.surface == Surface::ServerFn) {
        routes.push(guarded(endpoint, post(server_function)));
    }
    for page in app.registry.pages() {
        // Only pages are compressed: the length of a compressed endpoint body would reveal secrets in it (BREACH).
        let page_handler = get(pages::render).layer(CompressionLayer::new().gzip(true).br(true));
        routes.push(open(page.path.into(), page_handler));
        if page.path != "/" {
            routes.push(open(format!("{}/", page.path).into(), get(without_slash)));
        }
    }
    for (path, handler) in operational::endpoints() {
        routes.push(open(path.path.into(), handler));
    }
    routes
}

/// Returns the routes that the server has for `app`.
#[must_use]
pub fn served(app: &App) -> Served {
    let operational = operational::endpoints().into_iter().map(|(path, _)| path.path);
    Served {
        rest: (app.api)().into_iter().map(|route| route.endpoint).collect(),
        server_fns: server_fn::axum::server_fn_paths().map(|(path, method)| format!("{method} {path}")).collect(),
        pages: leptos_axum::generate_route_list(app.view).iter().map(|page| page.path().to_owned()).collect(),
        open: operational.chain([portcullis::FILES.path]).map(ToOwned::to_owned).collect(),
    }
}

/// Builds the router of the app in `state`.
///
/// # Errors
/// [`RegistryError`] if something is served that is not declared, or declared and not served.
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

/// Adds the layers of every path: the limits and rules of requests, the panic handler, the security log, and the
/// security headers.
pub fn with_common_layers(router: Router<ServerState>, state: ServerState) -> Router {
    let is_https = state.is_https();
    let router = router
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(deadline::enforce))
        .layer(from_fn(http_rules::check))
        .layer(map_response_with_state(state.clone(), operational::add_resource_metadata))
        // Inside the security log, which sets the request id, and around everything else that could panic.
        .layer(from_fn(panics::catch))
        .layer(from_fn_with_state(SecurityLog::default(), security_log::observe))
        .with_state(state);
    headers::security_headers(router, is_https)
}

/// The gate in front of an endpoint. It rejects the request, or adds the extension that permits are created from.
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
    // A cache must not store a response that is for one caller.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Rejects a form with a token, in addition to the one in the header (RFC 6750 §2). The form is read after the gate, so
/// unauthenticated callers cannot make the server read a body.
async fn with_one_token(parts: Parts, body: Body, is_read_as_form: bool) -> Result<Request, AppError> {
    if !is_read_as_form && !says_form(&parts) {
        return Ok(Request::from_parts(parts, body));
    }
    let body = http_rules::read_body(body).await?;
    match bearer::count_tokens(&body) {
        0 => Ok(Request::from_parts(parts, body.into())),
        _ => Err(refusal(AuthError::Ambiguous)),
    }
}

/// Returns whether the `Content-Type` is that of a form.
fn says_form(parts: &Parts) -> bool {
    let form = b"application/x-www-form-urlencoded";
    let is_form = |kind: &[u8]| kind.get(..form.len()).is_some_and(|start| start.eq_ignore_ascii_case(form));
    parts.headers.get_all(header::CONTENT_TYPE).iter().any(|kind| is_form(kind.as_bytes()))
}

/// Runs a server function.
async fn server_function(State(state): State<ServerState>, mut request: Request) -> Response {
    // With `text/html`, Leptos would respond to a form with a redirect.
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let provide = move || context::provide(&state);
    let response = leptos_axum::handle_server_fns_with_context(provide, request).await.into_response();
    with_protocol(response)
}

/// Replaces an error that the protocol of Portcullis did not create: its status would differ from our other errors.
fn with_protocol(response: Response) -> Response {
    let Some(path) = response.headers().get(SERVER_FN_ERROR_HEADER) else { return response };
    tracing::error!(?path, "the server function lacks `protocol = Rpc`");
    AppError::internal().into_response()
}

/// Rejects an undeclared path. Unknown callers do not learn whether it exists.
async fn refuse_path(State(state): State<ServerState>, request: Parts) -> AppError {
    refuse(&state, &request, AppError::not_found("Path")).await
}

/// Responds to a method that an open path does not have. Axum adds the allowed methods as `Allow`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_of_another_protocol_becomes_internal() {
        let other = Response::builder().header(SERVER_FN_ERROR_HEADER, "/rpc/notes").body(Body::from("leak"));
        let response = with_protocol(other.expect("a response"));
        assert_eq!(response.status(), 500);
        assert!(!response.headers().contains_key(SERVER_FN_ERROR_HEADER));
        assert_eq!(with_protocol(Response::new(Body::empty())).status(), 200);
    }
}
