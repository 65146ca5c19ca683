//! What has no endpoint behind it: the pages, the client's files, and the page of 404.

use app::app::shell;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use leptos::prelude::provide_context;
use leptos_axum::ErrorHandler;
use tower::ServiceExt;

use crate::files::Files;
use crate::headers;
use crate::state::AppState;

fn page_context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let (sign_in, client, is_https) = (state.sign_in.clone(), state.release.client(), state.is_https());
    move || {
        let offer = sign_in.now();
        headers::name_policy(&offer.sign_in, is_https);
        provide_context(offer);
        provide_context(client.clone());
    }
}

/// Renders the page that the request asks for: its public frame, without anyone's data.
pub async fn render(State(state): State<AppState>, request: Request) -> Response {
    let options = state.options.clone();
    let page = leptos_axum::render_app_to_stream_with_context(page_context(&state), move || shell(options.clone()));
    page(request).await
}

/// Answers with the file that the request names, or else with the page that says that nothing is there.
pub fn file_or_missing_page(state: &AppState) -> MethodRouter<AppState> {
    let files = Files::new(&state.options.site_root);
    let missing = ErrorHandler::new_with_context(page_context(state), shell, state.options.clone());
    get(async move |request: Request| {
        let (parts, body) = request.into_parts();
        if let Some(file) = files.serve(&parts).await {
            return file;
        }
        let Ok(page) = missing.oneshot(Request::from_parts(parts, body)).await;
        page
    })
}
