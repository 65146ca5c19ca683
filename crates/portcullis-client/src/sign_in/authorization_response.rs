//! The authorization response of the provider (RFC 6749 §4.1.2), in the URL of the callback page.

use leptos::prelude::{location, window};
use leptos::wasm_bindgen::JsValue;

use crate::config;

/// The authorization response of the provider, in the URL of the callback page.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AuthorizationResponse {
    /// The code to exchange.
    pub code: Option<String>,
    /// The state that the sign-in was started with.
    pub state: Option<String>,
    /// The issuer, if the provider names itself (RFC 9207 §2).
    pub iss: Option<String>,
    /// The error code (RFC 6749 §4.1.2.1).
    pub error: Option<String>,
    /// The description of the error for people.
    pub error_description: Option<String>,
    /// Whether there is a token in the URL, which RFC 9700 §2.1.2 forbids.
    pub has_token: bool,
}

impl AuthorizationResponse {
    /// Reads the response, and removes it from the URL and so from the history: a code must not stay where it is stored
    /// and shared (RFC 9700 §4.2.4).
    #[must_use]
    pub fn take() -> Self {
        let query = location().search().unwrap_or_default();
        let fragment = location().hash().unwrap_or_default();
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(config::get().callback));
        }
        Self::parse(&query, &fragment)
    }

    /// Parses a query and a fragment, each with or without its `?` or `#`.
    fn parse(query: &str, fragment: &str) -> Self {
        let mut response = Self::default();
        let parts = [query.trim_start_matches('?'), fragment.trim_start_matches('#')];
        for (name, value) in parts.iter().flat_map(|part| oauth2::url::form_urlencoded::parse(part.as_bytes())) {
            // An empty `error=` beside a code is not an error.
            if value.is_empty() {
                continue;
            }
            let field = match &*name {
                "code" => &mut response.code,
                "state" => &mut response.state,
                "iss" => &mut response.iss,
                "error" => &mut response.error,
                "error_description" => &mut response.error_description,
                "access_token" | "id_token" | "refresh_token" => {
                    response.has_token = true;
                    continue;
                }
                _ => continue,
            };
            *field = Some(value.into_owned());
        }
        response
    }

    /// Returns whether there is no response: somebody opened the page by hand, or came back to it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorization_response_is_read_from_query_and_fragment() {
        let response = AuthorizationResponse::parse("?code=a%20b&state=s", "#iss=https%3A%2F%2Fi");
        assert_eq!(response.code.as_deref(), Some("a b"));
        assert_eq!(response.state.as_deref(), Some("s"));
        assert_eq!(response.iss.as_deref(), Some("https://i"));
        assert!(!response.has_token);
        assert!(AuthorizationResponse::parse("", "").is_empty());
    }

    #[test]
    fn authorization_response_empty_values_are_absent() {
        let response = AuthorizationResponse::parse("?code=c&state=s&error=&error_description=&iss=", "");
        assert_eq!(response.code.as_deref(), Some("c"));
        assert_eq!((response.error, response.error_description, response.iss), (None, None, None));
        assert!(AuthorizationResponse::parse("?code=&state=", "").is_empty());
    }

    #[test]
    fn authorization_response_with_a_token_is_marked() {
        assert!(AuthorizationResponse::parse("", "#access_token=x&state=s").has_token);
        assert!(AuthorizationResponse::parse("?id_token=x&state=s", "").has_token);
    }
}
