//! Serves a router on a listener, until it is asked to stop.

use std::time::Duration;

use axum::Router;
use axum::response::Response;
use http::{StatusCode, header};
use tokio::net::TcpListener;
use tower::ServiceExt;
use tower::make::Shared;

use crate::Throttle;
use crate::connection::{ConnectionLimits, MAX_HEAD_BYTES, TimedAcceptor};

/// How long requests may take to finish once the server is asked to stop. With the time that the store and the log may take
/// afterwards, the server ends within five seconds.
const GRACEFUL_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);

/// Serves `router` on `listener` until `stop` completes. Requests that are in progress then get three seconds to finish.
///
/// # Errors
/// The errors of the listener.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let handle = axum_server::Handle::new();
    let server = axum_server::from_tcp(listener.into_std()?)?.handle(handle.clone());
    // HTTP/1 alone, whose limits hold from the first byte on. A proxy that speaks TLS speaks HTTP/2 to browsers.
    let mut server = server.http1_only().acceptor(TimedAcceptor::new(limits));
    server.http_builder().http1().max_buf_size(MAX_HEAD_BYTES);
    let warning = Throttle::default();
    let server = server.accept_error_handler(move |_, error| {
        if let Some(suppressed) = warning.admit() {
            tracing::warn!(%error, suppressed, "a connection cannot be accepted");
        }
    });
    let stopping = tokio::spawn(async move {
        stop.await;
        handle.graceful_shutdown(Some(GRACEFUL_SHUTDOWN_TIMEOUT));
    });
    // Axum adds `Allow` to a 405 outside all layers. Unknown callers must not learn what exists.
    let service = router.into_service().map_response(|mut answer: Response| {
        // Axum sets the length of the empty body (RFC 9110 §8.6 wants that of a 200 response).
        if answer.status() == StatusCode::NOT_MODIFIED {
            answer.headers_mut().remove(header::CONTENT_LENGTH);
        }
        if answer.status() == StatusCode::UNAUTHORIZED {
            answer.headers_mut().remove(header::ALLOW);
        }
        answer
    });
    let ended = server.serve(Shared::new(service)).await;
    stopping.abort();
    ended
}
