//! Where a person was going before a sign-in: always a path of this site.

use leptos::prelude::{GetUntracked, location};
use leptos::wasm_bindgen::JsValue;
use leptos_router::location::Location;
use serde::{Deserialize, Serialize};

use crate::config;

/// A path of this origin, with its query and fragment, to return to after a sign-in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ReturnTo(String);

impl ReturnTo {
    /// The query parameter of the home page that holds the path to return to.
    pub const PARAMETER: &str = "return_to";

    /// Returns the home page.
    #[must_use]
    pub fn home() -> Self {
        Self(config::get().home.to_owned())
    }

    /// Returns `path` if it stays within this origin, and the home page otherwise.
    ///
    /// Absolute and scheme-relative URLs (`//host`) do not stay, nor do paths that browsers read as such (`/\host`, or
    /// with control characters, which browsers drop). The callback page is rejected too, since it would be a loop.
    #[must_use]
    pub fn new(path: &str) -> Self {
        let is_local = path.starts_with('/')
            // `//` is rejected anywhere in the path: dot segments before it would move it to the start.
            && !path.split(['?', '#']).next().unwrap_or_default().contains("//")
            && !path.contains('\\')
            && !path.chars().any(char::is_control)
            && path.split(['?', '#']).next().map(|path| path.trim_end_matches('/')) != Some(config::get().callback);
        if is_local { Self(path.to_owned()) } else { Self::home() }
    }

    /// Returns the current page of the router, without tracking it.
    #[must_use]
    pub fn from_location(location: &Location) -> Self {
        let (path, query, fragment) =
            (location.pathname.get_untracked(), location.search.get_untracked(), location.hash.get_untracked());
        let question_mark = if query.is_empty() { "" } else { "?" };
        Self::new(&format!("{path}{question_mark}{query}{fragment}"))
    }

    /// Returns the current page by its URL. Use it outside of the router.
    #[must_use]
    pub fn current() -> Self {
        let location = location();
        let part = |part: Result<String, JsValue>| part.unwrap_or_default();
        Self::new(&format!("{}{}{}", part(location.pathname()), part(location.search()), part(location.hash())))
    }

    /// Returns the path, with its query and fragment.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ReturnTo {
    fn from(path: String) -> Self {
        Self::new(&path)
    }
}

impl From<ReturnTo> for String {
    fn from(to: ReturnTo) -> Self {
        to.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn return_to_keeps_a_path_of_this_site() {
        for path in ["/", "/item/65f0c0ffee0123456789abcd", "/items?after=1&q=a%20b#top"] {
            assert_eq!(ReturnTo::new(path).as_str(), path);
        }
    }

    #[test]
    fn return_to_another_site_is_home() {
        for path in [
            "",
            "items",
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "javascript:alert(1)",
            "/callback",
            "/callback?code=1",
            "/callback/",
            "/callback/?code=1",
            "/.//evil.example",
            "/%2e//evil.example",
            "/a/..//evil.example",
        ] {
            assert_eq!(ReturnTo::new(path), ReturnTo::home(), "{path:?}");
        }
    }

    #[test]
    fn return_to_from_storage_is_checked() {
        let read: ReturnTo = serde_json::from_str(r#""//evil.example""#).expect("a string");
        assert_eq!(read, ReturnTo::home());
    }
}
