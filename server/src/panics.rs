//! A panic of a handler: the client gets 500 and no word of it, the log a line that names the request.

use std::panic::AssertUnwindSafe;

use app::error::AppError;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use crate::security_log::RequestId;

/// Turns a panic into 500. Its message may hold anything, so neither the response nor this line repeats it; the panic
/// hook writes it to standard error, with the place.
pub async fn catch(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let id = request.extensions().get::<RequestId>().cloned();
    // Nothing of the request is used afterwards.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(
                route = route.as_ref().map(MatchedPath::as_str),
                request_id = id.as_ref().and_then(|RequestId(id)| id.to_str().ok()),
                "a handler panicked"
            );
            AppError::internal().into_response()
        }
    }
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
        panic!("hunter2")
    }

    #[tokio::test]
    async fn panic_of_a_handler_is_500_and_one_log_line() {
        let log = tempfile::NamedTempFile::new().expect("a file");
        let writer = std::sync::Arc::new(log.reopen().expect("the file"));
        let subscriber = tracing_subscriber::fmt().with_writer(writer).without_time().with_ansi(false).finish();
        let _guard = tracing::subscriber::set_default(subscriber);

        let id = Extension(RequestId(HeaderValue::from_static("r1")));
        let router: Router = Router::new().route("/fault/{id}", get(fault)).layer(from_fn(catch)).layer(id);
        let request = Request::get("/fault/secret").body(axum::body::Body::empty()).expect("a request");
        let Ok(response) = router.oneshot(request).await;
        assert_eq!(response.status(), 500);
        let body = to_bytes(response.into_body(), 1_000).await.expect("a body");
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains(r#""code":"internal""#) && !body.contains("hunter2"), "{body}");

        let lines = std::fs::read_to_string(log.path()).expect("the log");
        assert_eq!(lines.lines().count(), 1, "{lines}");
        let line = r#"ERROR server::panics: a handler panicked route="/fault/{id}" request_id="r1""#;
        assert_eq!(lines.trim(), line);
    }
}
