//! The security headers of every response. Pages have their own Content Security Policy.

use axum::Router;
use http::{HeaderName, HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

/// The policy of every response that is not a page: it may not load anything, be framed or submit a form.
pub const NO_PAGE: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Browser features that no page of Portcullis needs.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";
/// One year: browsers that have visited the site use only https (RFC 6797 §6.1).
const HSTS: &str = "max-age=31536000";

/// The headers of every response, except for those that depend on how clients reach the server.
pub static ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // The URL of the callback contains a code, so it must not be sent as a referrer.
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Adds the headers to every response of `router`. `is_https` says how clients reach the server.
pub fn security_headers<S: Clone + Send + Sync + 'static>(router: Router<S>, is_https: bool) -> Router<S> {
    let mut router = router
        .layer(if_missing(header::CONTENT_SECURITY_POLICY, NO_PAGE))
        // A URL without a release may have new content after each build, so browsers must revalidate it.
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
