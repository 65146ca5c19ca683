//! Where a person was going when they were asked to sign in: a path of this site and never another's.

use leptos::prelude::{GetUntracked, location};
use leptos::wasm_bindgen::JsValue;
use leptos_router::location::Location;
use serde::{Deserialize, Serialize};

use crate::config;

/// A path of this origin, with its query and fragment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ReturnTo(String);

impl ReturnTo {
    /// The query parameter of the home page that holds where a person wanted to go.
    pub const PARAMETER: &str = "return_to";

    /// The home page.
    #[must_use]
    pub fn home() -> Self {
        Self(config::get().home.to_owned())
    }

    /// Takes `path` if it stays within this origin, else home.
    ///
    /// Refused are absolute addresses, scheme-relative ones (`//host`), what browsers read as such (`/\host`,
    /// and control characters, which they drop), and the callback itself, which would go round in circles.
    #[must_use]
    pub fn new(path: &str) -> Self {
        let stays = path.starts_with('/')
            // Nor further on, where a dot segment before them would leave them at the start.
            && !path.split(['?', '#']).next().unwrap_or_default().contains("//")
            && !path.contains('\\')
            && !path.chars().any(char::is_control)
            && path.split(['?', '#']).next().map(|path| path.trim_end_matches('/')) != Some(config::get().callback);
        if stays { Self(path.to_owned()) } else { Self::home() }
    }

    /// Where the person is now; without tracking.
    #[must_use]
    pub fn here(at: &Location) -> Self {
        let (path, query, fragment) = (at.pathname.get_untracked(), at.search.get_untracked(), at.hash.get_untracked());
        let mark = if query.is_empty() { "" } else { "?" };
        Self::new(&format!("{path}{mark}{query}{fragment}"))
    }

    /// The address of the page; for where no router tells it.
    #[must_use]
    pub fn address() -> Self {
        let location = location();
        let part = |part: Result<String, JsValue>| part.unwrap_or_default();
        Self::new(&format!("{}{}{}", part(location.pathname()), part(location.search()), part(location.hash())))
    }

    /// The path, with its query and fragment.
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
    fn a_path_of_this_site_is_kept_whole() {
        for path in ["/", "/item/65f0c0ffee0123456789abcd", "/items?after=1&q=a%20b#top"] {
            assert_eq!(ReturnTo::new(path).as_str(), path);
        }
    }

    #[test]
    fn anything_that_leaves_this_site_goes_home() {
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
    fn what_was_tampered_with_in_storage_goes_home_too() {
        let read: ReturnTo = serde_json::from_str(r#""//evil.example""#).expect("a string");
        assert_eq!(read, ReturnTo::home());
    }
}
