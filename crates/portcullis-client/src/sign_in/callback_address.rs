//! The response of the provider in the URL of the callback page.

use leptos::prelude::{location, window};
use leptos::wasm_bindgen::JsValue;

use crate::config;

/// The response of the provider in the URL of the callback page.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CallbackAddress {
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

impl CallbackAddress {
    /// Reads the response, and removes it from the URL and so from the history: a code must not stay where it is stored and
    /// shared (RFC 9700 §4.2.4).
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
        let mut address = Self::default();
        let parts = [query.trim_start_matches('?'), fragment.trim_start_matches('#')];
        for (name, value) in parts.iter().flat_map(|part| oauth2::url::form_urlencoded::parse(part.as_bytes())) {
            // An empty `error=` beside a code is not an error.
            if value.is_empty() {
                continue;
            }
            let field = match &*name {
                "code" => &mut address.code,
                "state" => &mut address.state,
                "iss" => &mut address.iss,
                "error" => &mut address.error,
                "error_description" => &mut address.error_description,
                "access_token" | "id_token" | "refresh_token" => {
                    address.has_token = true;
                    continue;
                }
                _ => continue,
            };
            *field = Some(value.into_owned());
        }
        address
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
    fn callback_address_is_read_from_query_and_fragment() {
        let address = CallbackAddress::parse("?code=a%20b&state=s", "#iss=https%3A%2F%2Fi");
        assert_eq!(address.code.as_deref(), Some("a b"));
        assert_eq!(address.state.as_deref(), Some("s"));
        assert_eq!(address.iss.as_deref(), Some("https://i"));
        assert!(!address.has_token);
        assert!(CallbackAddress::parse("", "").is_empty());
    }

    #[test]
    fn callback_address_empty_values_are_absent() {
        let address = CallbackAddress::parse("?code=c&state=s&error=&error_description=&iss=", "");
        assert_eq!(address.code.as_deref(), Some("c"));
        assert_eq!((address.error, address.error_description, address.iss), (None, None, None));
        assert!(CallbackAddress::parse("?code=&state=", "").is_empty());
    }

    #[test]
    fn callback_address_with_a_token_is_marked() {
        assert!(CallbackAddress::parse("", "#access_token=x&state=s").has_token);
        assert!(CallbackAddress::parse("?id_token=x&state=s", "").has_token);
    }
}
