//! The time limit of a request: 408 if the client does not send its body in time, 503 if the server does not respond in
//! time.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body::{Frame, SizeHint};
use portcullis::AppError;
use tokio::time::timeout;

use crate::connection::UnreadInput;
use crate::http_rules::close_with;

/// The maximum duration of a request, including its body. Slow clients must not hold a request open.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// Ends a request that takes longer than [`REQUEST_TIMEOUT`].
///
/// A 408 is only for a client that is late with its body. Any other delay is the server's fault, and the operation may
/// still have succeeded: a database that responds late has done the work.
pub async fn enforce(request: Request, next: Next) -> Response {
    let unread_input = request.extensions().get::<UnreadInput>().cloned();
    let state = Arc::new(BodyState::default());
    state.has_ended.store(request.body().is_end_stream(), Ordering::Release);
    let request = request.map(|body| Body::new(WatchedBody { body, state: state.clone() }));
    let response = match timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) if state.awaits_client.load(Ordering::Acquire) => close_with(AppError::request_timeout()),
        Err(_) => AppError::deadline_exceeded().into_response(),
    };
    // Hyper then ends the connection, unless the rest has already arrived.
    if let Some(unread_input) = unread_input.filter(|_| !state.has_ended.load(Ordering::Acquire)) {
        unread_input.expect();
    }
    response
}

/// How much of the body of a request was read.
#[derive(Default)]
struct BodyState {
    /// A handler is waiting for more of the body.
    awaits_client: AtomicBool,
    has_ended: AtomicBool,
}

/// The body of a request. It updates its state.
struct WatchedBody {
    body: Body,
    state: Arc<BodyState>,
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        self.state.awaits_client.store(frame.is_pending(), Ordering::Release);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.state.has_ended.store(true, Ordering::Release);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use futures_util::{StreamExt, stream};
    use http::header;
    use std::convert::Infallible;
    use tower::ServiceExt;

    /// Returns the response to a request with `body`. The handler reads the body if `reads` is set, and then never
    /// responds.
    async fn response(body: Body, reads: bool) -> Response {
        let handler = async move |request: Request| {
            if reads {
                let _ = axum::body::to_bytes(request.into_body(), 1_000).await;
            }
            std::future::pending::<()>().await;
        };
        let router: Router = Router::new().route("/", post(handler)).layer(from_fn(enforce));
        let request = Request::post("/").body(body).expect("a request");
        let Ok(response) = router.oneshot(request).await;
        response
    }

    fn half_a_body() -> Body {
        let first = stream::once(async { Ok::<_, Infallible>("half") });
        Body::from_stream(first.chain(stream::pending()))
    }

    async fn json(response: Response) -> serde_json::Value {
        let body = axum::body::to_bytes(response.into_body(), 1_000).await.expect("a body");
        serde_json::from_slice(&body).expect("JSON")
    }

    #[tokio::test(start_paused = true)]
    async fn body_that_does_not_come_is_408() {
        let response = response(half_a_body(), true).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()[header::CONNECTION]),
            (408, &"close".parse().expect("text"))
        );
        assert_eq!(json(response).await["code"], "request_timeout");
    }

    #[tokio::test(start_paused = true)]
    async fn answer_that_does_not_come_is_503() {
        for (what, body, reads) in [
            ("the body is read", Body::from("whole"), true),
            ("there is none", Body::empty(), true),
            ("it is never asked for", half_a_body(), false),
        ] {
            let response = response(body, reads).await;
            assert_eq!(response.status(), 503, "{what}");
            assert!(response.headers().contains_key(header::RETRY_AFTER), "{what}");
            let json = json(response).await;
            assert_eq!(json["code"], "deadline_exceeded", "{what}");
            assert!(json["message"].as_str().is_some_and(|text| text.contains("may still complete")), "{what}");
        }
    }
}
