//! Pages, the files of the client, and the 404 page.

use axum::extract::{Request, State};
use axum::response::Response;
use futures_util::future::BoxFuture;
use leptos::prelude::provide_context;
use leptos_axum::ErrorHandler;
use tower::ServiceExt;

use super::csp;
use super::state::ServerState;
use crate::files::Files;

fn page_context(state: &ServerState) -> impl Fn() + Clone + Send + Sync + 'static + use<> {
    let (sign_in, client, is_https) = (state.sign_in.clone(), state.release.client(), state.is_https());
    move || {
        let offer = sign_in.now();
        csp::set_csp(&offer.sign_in, is_https);
        provide_context(offer);
        provide_context(client.clone());
    }
}

/// Renders the requested page: the public shell, without data.
pub async fn render(State(state): State<ServerState>, request: Request) -> Response {
    let options = state.options.clone();
    let page = leptos_axum::render_app_to_stream_with_context(page_context(&state), move || {
        (state.app.shell)(options.clone())
    });
    page(request).await
}

/// Returns a handler that responds to a GET or HEAD request with the file at its path, or with the 404 page. It is not
/// a `MethodRouter`: as a fallback, that would set the length of every HEAD response to zero.
pub fn file_or_missing_page(
    state: &ServerState,
) -> impl Fn(Request) -> BoxFuture<'static, Response> + Clone + Send + Sync + 'static + use<> {
    let files = Files::new(&state.options.site_root);
    let missing = ErrorHandler::new_with_context(page_context(state), state.app.shell, state.options.clone());
    move |request| {
        let (files, missing) = (files.clone(), missing.clone());
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            if let Some(file) = files.serve(&parts).await {
                return file;
            }
            let Ok(page) = missing.oneshot(Request::from_parts(parts, body)).await;
            page
        })
    }
}
