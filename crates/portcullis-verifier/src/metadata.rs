//! The content of the provider's discovery document (OpenID Connect Discovery §4, RFC 8414), read tolerantly. No I/O.

use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use super::backchannel::Backchannel;
use super::jwks::{Document, FetchError, MIN_REFRESH_INTERVAL, is_safe_to_fetch, members, redacted_url};

/// The endpoints that every sign-in needs.
const SIGN_IN_ENDPOINTS: [&str; 2] = ["authorization_endpoint", "token_endpoint"];
/// The member that says whether the callback has an `iss` parameter.
const ISS_IN_CALLBACK: &str = "authorization_response_iss_parameter_supported";
/// The maximum length of an unusable value in messages, in characters.
const MAX_SHOWN_CHARS: usize = 200;

/// The members of the discovery document that Portcullis uses. All members except the issuer are optional.
#[derive(Debug, Clone)]
pub struct ProviderMetadata {
    /// The issuer. It equals the configured one, byte by byte (§4.3).
    pub issuer: String,
    /// The URL of the key set.
    pub jwks_uri: Option<Url>,
    /// The authorization endpoint.
    pub authorization_endpoint: Option<String>,
    /// The token endpoint.
    pub token_endpoint: Option<String>,
    /// The userinfo endpoint.
    pub userinfo_endpoint: Option<String>,
    /// The end session endpoint (RP-Initiated Logout §2.1).
    pub end_session_endpoint: Option<String>,
    /// The revocation endpoint (RFC 8414 §2, RFC 7009).
    pub revocation_endpoint: Option<String>,
    /// Whether the callback has an `iss` parameter (RFC 9207 §3).
    pub authorization_response_iss_parameter_supported: bool,
    /// The members that are present but unusable, with the reason.
    pub left_out: Vec<(&'static str, String)>,
}

/// Formats a value of a document for logs and messages.
fn quoted(value: &Value) -> String {
    let Some(text) = value.as_str() else { return "a value that is not a string".to_owned() };
    let text = Url::parse(text).map_or_else(|_| text.to_owned(), |url| redacted_url(&url));
    format!("{:?}", text.chars().take(MAX_SHOWN_CHARS).collect::<String>())
}

impl ProviderMetadata {
    /// Reads the discovery document of `issuer`. An unusable member is ignored and disables only the feature that
    /// needs it.
    ///
    /// With a `backchannel`, the document was read at the internal address, and endpoints that browsers cannot reach
    /// are left out.
    ///
    /// # Errors
    /// [`FetchError::Content`] if it is not a discovery document, or names another issuer.
    pub fn read(document: Document, issuer: &str, backchannel: Option<&Backchannel>) -> Result<Self, FetchError> {
        let mut members = match members(&document.body) {
            Ok(members) => members,
            Err(error) => return Err(document.unfit(format!("not a discovery document: {error}"))),
        };
        if let Some(Err(reason)) = backchannel.map(|backchannel| backchannel.rewrite(&mut members)) {
            return Err(document.unfit(reason));
        }
        let named = members.remove("issuer").and_then(|named| named.as_str().map(str::to_owned));
        match named {
            Some(named) if named == issuer => {}
            Some(named) => {
                let reason = format!("its issuer is {}, but AUTH_ISSUER is {issuer:?}", quoted(&named.into()));
                return Err(document.unfit(reason));
            }
            None => return Err(document.unfit("not a discovery document: missing field `issuer`")),
        }
        Ok(Self::of(&members, issuer, backchannel))
    }

    /// Returns the usable members of the document of `issuer`. With a `backchannel`, it must have rewritten `members`
    /// before.
    #[must_use]
    pub fn of(members: &Map<String, Value>, issuer: &str, backchannel: Option<&Backchannel>) -> Self {
        // Plain http is for a provider on this machine. A provider elsewhere cannot have endpoints on the user's
        // machine.
        let is_local = issuer.starts_with("http:");
        let mut left_out = Vec::new();
        let mut endpoint = |name: &'static str| {
            let value = members.get(name)?;
            let url = value.as_str().and_then(|text| Url::parse(text).ok());
            let why = match &url {
                Some(url) if backchannel.is_some_and(|backchannel| backchannel.is_internal(url)) => {
                    "is at the internal host, but not under AUTH_INTERNAL_URL, so browsers cannot reach it"
                }
                // Browsers send tokens to these endpoints.
                Some(url) if is_safe_to_fetch(url) && (url.scheme() == "https" || is_local) => {
                    // The form that browsers use: without line breaks, and with an ASCII host.
                    return Some(url.to_string());
                }
                _ => "is not an https URL (http is allowed only on this machine)",
            };
            left_out.push((name, format!("{} {why}", quoted(value))));
            None
        };
        let [authorization_endpoint, token_endpoint, userinfo_endpoint, end_session_endpoint, revocation_endpoint] = [
            "authorization_endpoint",
            "token_endpoint",
            "userinfo_endpoint",
            "end_session_endpoint",
            "revocation_endpoint",
        ]
        .map(&mut endpoint);
        // The fetch checks whether the URL is safe.
        let jwks_uri = members.get("jwks_uri").and_then(|value| {
            let url = value.as_str().and_then(|text| Url::parse(text).ok());
            if url.is_none() {
                left_out.push(("jwks_uri", format!("{} is not a URL", quoted(value))));
            }
            url
        });
        let authorization_response_iss_parameter_supported = match members.get(ISS_IN_CALLBACK) {
            None => false,
            Some(Value::Bool(supported)) => *supported,
            Some(Value::String(text)) if text == "true" || text == "false" => text == "true",
            Some(_) => {
                left_out.push((ISS_IN_CALLBACK, "it is neither true nor false".to_owned()));
                false
            }
        };
        Self {
            issuer: issuer.to_owned(),
            jwks_uri,
            authorization_endpoint,
            token_endpoint,
            userinfo_endpoint,
            end_session_endpoint,
            revocation_endpoint,
            authorization_response_iss_parameter_supported,
            left_out,
        }
    }

    /// Returns the endpoints for authorization and for tokens, or `None` if one of them is missing.
    #[must_use]
    pub fn sign_in_endpoints(&self) -> Option<(&str, &str)> {
        self.authorization_endpoint.as_deref().zip(self.token_endpoint.as_deref())
    }

    /// Returns the names of the sign-in endpoints that are missing or unusable.
    pub fn missing_sign_in_endpoints(&self) -> impl Iterator<Item = &'static str> {
        let endpoints = [&self.authorization_endpoint, &self.token_endpoint];
        SIGN_IN_ENDPOINTS.into_iter().zip(endpoints).filter(|(_, endpoint)| endpoint.is_none()).map(|(name, _)| name)
    }

    /// Returns whether the document has all that sign-in and token verification need.
    pub(super) fn is_complete(&self) -> bool {
        self.jwks_uri.is_some() && self.sign_in_endpoints().is_some()
    }

    /// Returns how long the document may be cached: `age`, or less if it is incomplete, since it may soon be complete.
    pub(super) fn max_age(&self, age: Duration) -> Duration {
        if self.is_complete() { age } else { age.min(MIN_REFRESH_INTERVAL / 2) }
    }

    /// Returns what is missing, and why.
    pub(super) fn why_incomplete(&self) -> String {
        let keys = self.jwks_uri.is_none().then_some("jwks_uri");
        let missing: Vec<String> =
            self.missing_sign_in_endpoints().chain(keys).map(|name| self.why_missing(name)).collect();
        missing.join("; ")
    }

    /// Returns why the document lacks the member `name`.
    #[must_use]
    pub fn why_missing(&self, name: &str) -> String {
        match self.left_out.iter().find(|(known, _)| *known == name) {
            Some((_, why)) => format!("its {name} is left out: {why}"),
            None => format!("missing field `{name}`"),
        }
    }
}

#[cfg(test)]
mod tests;
