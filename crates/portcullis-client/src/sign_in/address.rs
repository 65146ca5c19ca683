//! The address of the callback page: what the provider sent back in it.

/// What the provider sent back in the address of the callback page.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CallbackAddress {
    /// The code to exchange.
    pub code: Option<String>,
    /// The state that the sign-in was begun with.
    pub state: Option<String>,
    /// The issuer, where the provider says it (RFC 9207 §2).
    pub iss: Option<String>,
    /// What went wrong (RFC 6749 §4.1.2.1).
    pub error: Option<String>,
    /// What went wrong, for people.
    pub error_description: Option<String>,
    /// Whether a token was handed over in the address, which RFC 9700 §2.1.2 forbids.
    pub holds_token: bool,
}

impl CallbackAddress {
    /// Reads a query and a fragment, each with or without its `?` or `#`.
    #[must_use]
    pub fn parse(query: &str, fragment: &str) -> Self {
        let mut address = Self::default();
        let parts = [query.trim_start_matches('?'), fragment.trim_start_matches('#')];
        for (name, value) in parts.iter().flat_map(|part| oauth2::url::form_urlencoded::parse(part.as_bytes())) {
            // An empty `error=` beside a code reports no error.
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
                    address.holds_token = true;
                    continue;
                }
                _ => continue,
            };
            *field = Some(value.into_owned());
        }
        address
    }

    /// Whether there is nothing in it: somebody opened the page by hand, or came back to it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_query_and_fragment() {
        let address = CallbackAddress::parse("?code=a%20b&state=s", "#iss=https%3A%2F%2Fi");
        assert_eq!(address.code.as_deref(), Some("a b"));
        assert_eq!(address.state.as_deref(), Some("s"));
        assert_eq!(address.iss.as_deref(), Some("https://i"));
        assert!(!address.holds_token);
        assert!(CallbackAddress::parse("", "").is_empty());
    }

    #[test]
    fn address_empty_values_are_absent() {
        let address = CallbackAddress::parse("?code=c&state=s&error=&error_description=&iss=", "");
        assert_eq!(address.code.as_deref(), Some("c"));
        assert_eq!((address.error, address.error_description, address.iss), (None, None, None));
        assert!(CallbackAddress::parse("?code=&state=", "").is_empty());
    }

    #[test]
    fn a_token_in_the_address_is_seen_wherever_it_stands() {
        assert!(CallbackAddress::parse("", "#access_token=x&state=s").holds_token);
        assert!(CallbackAddress::parse("?id_token=x&state=s", "").holds_token);
    }
}
