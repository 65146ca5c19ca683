//! The security headers of every response. Pages have a Content Security Policy of their own.

use axum::Router;
use http::{HeaderName, HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

/// The policy of every response that is not a page: it may load nothing, be in no frame and send no form.
pub const NO_PAGE: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What no page of ours has a use for.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";
/// A year: browsers that have been here come back by https alone (RFC 6797 §6.1).
const HSTS: &str = "max-age=31536000";

/// The headers of every answer, but for those that depend on how clients reach the server.
pub static ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // The address of the callback holds a code: it is told to nobody.
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Puts the headers of every answer around `router`; `is_https` says how clients reach the server.
pub fn security_headers<S: Clone + Send + Sync + 'static>(router: Router<S>, is_https: bool) -> Router<S> {
    let mut router = router
        .layer(if_missing(header::CONTENT_SECURITY_POLICY, NO_PAGE))
        // What names no release is another from build to build: a browser must ask whether it has the newest.
        .layer(if_missing(header::CACHE_CONTROL, "no-cache"));
    for (name, value) in &ALWAYS {
        router = router.layer(always(name.clone(), value));
    }
    match is_https {
        true => router.layer(always(header::STRICT_TRANSPORT_SECURITY, HSTS)),
        false => router,
    }
}

fn always(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

fn if_missing(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
