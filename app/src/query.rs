//! The query of a URL, decoded once.
//!
//! `ParamsMap` of leptos_router 0.8 decodes values that the browser has already decoded: `C%2B%2B` becomes `C  ` and
//! `%2526` becomes `&`. Read values that people type with this instead.

use leptos::prelude::*;
use leptos::web_sys::UrlSearchParams;
use leptos_router::hooks::use_url;

/// Returns the value of the parameter `name` in `search`, the encoded query of a URL. Returns `None` on the server,
/// which renders nothing that depends on a query.
#[must_use]
pub fn value(search: &str, name: &str) -> Option<String> {
    if cfg!(feature = "ssr") {
        return None;
    }
    UrlSearchParams::new_with_str(search).ok()?.get(name)
}

/// Returns the value of the parameter `name` in the URL of the current page, and tracks changes.
pub fn use_value(name: &'static str) -> Memo<Option<String>> {
    let url = use_url();
    Memo::new(move |_| value(url.read().search(), name))
}
