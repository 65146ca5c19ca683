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

/// The time for requests to finish after the server is asked to stop. Together with the time for the store and the log,
/// the server stops within five seconds.
const GRACEFUL_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);

/// Serves `router` on `listener` until `stop` completes. Requests in progress then get three seconds to finish.
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
    // Only HTTP/1, because its limits apply from the first byte. A proxy that terminates TLS uses HTTP/2 with browsers.
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
    // Axum adds `Allow` to a 405 outside of all layers. Unauthenticated callers must not learn which endpoints exist.
    let service = router.into_service().map_response(|mut response: Response| {
        // Axum sets the length of the empty body, but RFC 9110 §8.6 requires that of a 200 response.
        if response.status() == StatusCode::NOT_MODIFIED {
            response.headers_mut().remove(header::CONTENT_LENGTH);
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().remove(header::ALLOW);
        }
        response
    });
    let ended = server.serve(Shared::new(service)).await;
    stopping.abort();
    ended
}
