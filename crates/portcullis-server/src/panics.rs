//! Panics: each is one line in the log. If a handler panics, the response is a 500 without details.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use portcullis::AppError;

use crate::security_log::RequestId;

tokio::task_local! {
    /// The request in progress.
    static REQUEST: (Option<MatchedPath>, Option<RequestId>);
}

/// Logs every panic of the process from now on. The location is logged at `error`, with the route and the id of the
/// request if a handler panicked. The message is logged only at `debug`, because it may quote the request.
pub fn log_all() {
    std::panic::set_hook(Box::new(|panic| {
        log(&panic.location().map(ToString::to_string).unwrap_or_default(), panic.payload());
    }));
}

fn log(place: &str, payload: &dyn Any) {
    let (route, id) = REQUEST.try_get().unwrap_or_default();
    let route = route.as_ref().map(MatchedPath::as_str);
    let request_id = id.as_ref().and_then(|RequestId(id)| id.to_str().ok());
    let message = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref().map(String::as_str));
    tracing::error!(place, route, request_id, "the server panicked");
    tracing::debug!(place, payload = message, "the message of the panic");
}

/// Turns a panic of the handler into a 500.
pub async fn catch(request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let current = (extensions.get().cloned(), extensions.get().cloned());
    // No state of the request is used afterwards.
    let outcome = AssertUnwindSafe(REQUEST.scope(current, next.run(request))).catch_unwind().await;
    outcome.unwrap_or_else(|_| AppError::internal().into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use axum::{Extension, Router};
    use http::HeaderValue;
    use tower::ServiceExt;

    async fn fault() -> &'static str {
        // The same call as in the hook. Installing the hook would log the panics of other tests too.
        log("src/somewhere.rs:1:2", &"hunter2");
        panic!("hunter2")
    }

    #[tokio::test]
    async fn panic_of_handler_is_500_and_one_line_that_quotes_nothing() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let writer = std::sync::Arc::new(file.reopen().expect("the file"));
        let subscriber = tracing_subscriber::fmt().with_writer(writer).without_time().with_ansi(false);
        let _guard = tracing::subscriber::set_default(subscriber.with_max_level(tracing::Level::DEBUG).finish());

        let id = Extension(RequestId(HeaderValue::from_static("r1")));
        let router: Router = Router::new().route("/fault/{id}", get(fault)).layer(from_fn(catch)).layer(id);
        let request = Request::get("/fault/secret").body(axum::body::Body::empty()).expect("a request");
        let Ok(response) = router.oneshot(request).await;
        assert_eq!(response.status(), 500);
        let body = to_bytes(response.into_body(), 1_000).await.expect("a body");
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains(r#""code":"internal""#) && !body.contains("hunter2"), "{body}");

        let lines = std::fs::read_to_string(file.path()).expect("the log");
        let (first, second) = lines.trim().split_once('\n').expect("two lines");
        let place = r#"place="src/somewhere.rs:1:2""#;
        let request = r#"route="/fault/{id}" request_id="r1""#;
        assert_eq!(first.trim(), format!("ERROR portcullis_server::panics: the server panicked {place} {request}"));
        // Only at `debug`.
        assert_eq!(
            second.trim(),
            format!(r#"DEBUG portcullis_server::panics: the message of the panic {place} payload="hunter2""#)
        );
    }
}
