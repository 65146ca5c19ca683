//! What the provider's discovery document says (OpenID Connect Discovery §4, RFC 8414), read tolerantly. Pure.

use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use super::backchannel::Backchannel;
use super::jwks::{Document, FetchError, MIN_REFRESH_INTERVAL, is_safe_to_fetch, members, shown};

/// The members with the endpoints that every sign-in needs: for authorization and for tokens.
const SIGN_IN_ENDPOINTS: [&str; 2] = ["authorization_endpoint", "token_endpoint"];
/// The member that tells whether `iss` comes with the callback.
const ISS_IN_CALLBACK: &str = "authorization_response_iss_parameter_supported";
/// How much of a value that cannot be used is shown, in characters.
const MAX_SHOWN_CHARS: usize = 200;

/// The members of the discovery document that are used. All members except the issuer are optional.
#[derive(Debug, Clone)]
pub struct Metadata {
    /// Must equal the configured issuer, byte by byte (§4.3).
    pub issuer: String,
    /// Where the keys are.
    pub jwks_uri: Option<Url>,
    /// Where people sign in.
    pub authorization_endpoint: Option<String>,
    /// Where codes are exchanged.
    pub token_endpoint: Option<String>,
    /// Where profile data are.
    pub userinfo_endpoint: Option<String>,
    /// Where the provider's session is ended.
    pub end_session_endpoint: Option<String>,
    /// Where refresh tokens are revoked (RFC 8414 §2, RFC 7009).
    pub revocation_endpoint: Option<String>,
    /// Whether `iss` comes with the callback (RFC 9207 §3).
    pub authorization_response_iss_parameter_supported: bool,
    /// The members that are there and cannot be used, with the reason.
    pub left_out: Vec<(&'static str, String)>,
}

/// A value of a document as it may be logged and shown.
fn quoted(value: &Value) -> String {
    let Some(text) = value.as_str() else { return "a value that is not a string".to_owned() };
    let text = Url::parse(text).map_or_else(|_| text.to_owned(), |url| shown(&url));
    format!("{:?}", text.chars().take(MAX_SHOWN_CHARS).collect::<String>())
}

impl Metadata {
    /// Reads the discovery document of `issuer`. An unusable member is ignored and disables only the feature that
    /// needs it.
    ///
    /// With a `backchannel` it was read at the internal address, and what only that can reach is left out.
    ///
    /// # Errors
    /// When it is no such document, or names another issuer.
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

    /// Takes what can be used from the `members` of the document of `issuer`, which `backchannel` has rewritten.
    #[must_use]
    pub fn of(members: &Map<String, Value>, issuer: &str, backchannel: Option<&Backchannel>) -> Self {
        // A provider elsewhere has nothing on the machines of its users.
        let is_local = issuer.starts_with("http:");
        let mut left_out = Vec::new();
        let mut endpoint = |name: &'static str| {
            let value = members.get(name)?;
            let url = value.as_str().and_then(|text| Url::parse(text).ok());
            let why = match &url {
                Some(url) if backchannel.is_some_and(|backchannel| backchannel.is_internal(url)) => {
                    "is at the internal host, but not under AUTH_INTERNAL_URL, so browsers cannot reach it"
                }
                // What browsers send there holds tokens.
                Some(url) if is_safe_to_fetch(url) && (url.scheme() == "https" || is_local) => {
                    // As a browser reads it: without line breaks, and with a host of ASCII.
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
        // Whether it is safe is decided where it is fetched.
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

    /// Returns the endpoints for authorization and for tokens. None where one is missing.
    #[must_use]
    pub fn sign_in_endpoints(&self) -> Option<(&str, &str)> {
        self.authorization_endpoint.as_deref().zip(self.token_endpoint.as_deref())
    }

    /// Returns which of them are missing or unusable.
    pub fn missing_sign_in_endpoints(&self) -> impl Iterator<Item = &'static str> {
        let endpoints = [&self.authorization_endpoint, &self.token_endpoint];
        SIGN_IN_ENDPOINTS.into_iter().zip(endpoints).filter(|(_, endpoint)| endpoint.is_none()).map(|(name, _)| name)
    }

    /// Whether it has what signing in and checking tokens take.
    pub(super) fn is_whole(&self) -> bool {
        self.jwks_uri.is_some() && self.sign_in_endpoints().is_some()
    }

    /// How long it need not be read again, `age` at most: what is missing may be there in a moment.
    pub(super) fn good_for(&self, age: Duration) -> Duration {
        if self.is_whole() { age } else { age.min(MIN_REFRESH_INTERVAL / 2) }
    }

    /// Says what it lacks, and why.
    pub(super) fn why_incomplete(&self) -> String {
        let keys = self.jwks_uri.is_none().then_some("jwks_uri");
        let missing: Vec<String> =
            self.missing_sign_in_endpoints().chain(keys).map(|name| self.why_missing(name)).collect();
        missing.join("; ")
    }

    /// Says why the document lacks the member `name`.
    #[must_use]
    pub fn why_missing(&self, name: &str) -> String {
        match self.left_out.iter().find(|(known, _)| *known == name) {
            Some((_, why)) => format!("its {name} is left out: {why}"),
            None => format!("missing field `{name}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;
    use serde_json::{Value, json};

    fn read(change: Value) -> Result<Metadata, FetchError> {
        read_by(None, change)
    }

    fn read_by(backchannel: Option<&Backchannel>, change: Value) -> Result<Metadata, FetchError> {
        let mut body = json!({
            "issuer": "https://i.example",
            "jwks_uri": "https://i.example/jwks",
            "authorization_endpoint": "https://i.example/authorize",
            "token_endpoint": "https://i.example/token",
        });
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        let url = Url::parse("https://i.example/.well-known/openid-configuration").expect("a URL");
        let document = Document { url, headers: HeaderMap::new(), body: body.to_string().into_bytes() };
        Metadata::read(document, "https://i.example", backchannel)
    }

    #[test]
    fn metadata_unusable_endpoint_is_left_out_with_why() {
        for name in [
            "authorization_endpoint",
            "token_endpoint",
            "userinfo_endpoint",
            "end_session_endpoint",
            "revocation_endpoint",
        ] {
            let endpoint = |read: &Metadata| match name {
                "authorization_endpoint" => read.authorization_endpoint.clone(),
                "token_endpoint" => read.token_endpoint.clone(),
                "userinfo_endpoint" => read.userinfo_endpoint.clone(),
                "end_session_endpoint" => read.end_session_endpoint.clone(),
                _ => read.revocation_endpoint.clone(),
            };
            let good = read(json!({name: "https://i.example/there"})).expect("a document");
            assert_eq!(endpoint(&good).as_deref(), Some("https://i.example/there"), "{name}");
            assert!(good.left_out.is_empty(), "{name}");
            for bad in [json!("http://i.example/there"), json!("/there"), json!(7), json!(["https://i.example"])] {
                let read = read(json!({name: bad})).expect("the API does without it");
                assert_eq!(endpoint(&read), None, "{name}: {bad}");
                assert!(read.jwks_uri.is_some() && read.left_out[0].0 == name, "{name}: {bad}");
                assert!(read.why_missing(name).contains("is not an https URL"), "{name}: {bad}");
                let is_needed = SIGN_IN_ENDPOINTS.contains(&name);
                assert_eq!(read.sign_in_endpoints().is_none(), is_needed, "{name}: {bad}");
                let missing: Vec<_> = read.missing_sign_in_endpoints().collect();
                assert_eq!(missing, if is_needed { vec![name] } else { vec![] }, "{bad}");
            }
            for absent in [json!(""), json!(" "), json!(null)] {
                let read = read(json!({name: absent})).expect("a document");
                assert!(endpoint(&read).is_none() && read.left_out.is_empty(), "{name}: {absent}");
                assert_eq!(read.why_missing(name), format!("missing field `{name}`"));
            }
        }
        assert_eq!(read(json!({})).expect("a document").revocation_endpoint, None);
    }

    #[test]
    fn metadata_internal_endpoint_is_left_out_and_keys_are_read() {
        let internal = Url::parse("http://keycloak:8080/").expect("a URL");
        let backchannel = Backchannel::new("https://i.example", &internal).expect("an issuer");
        for name in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"] {
            let read = read_by(Some(&backchannel), json!({name: "http://keycloak:9000/there"})).expect("a document");
            assert_eq!(read.jwks_uri.as_ref().map(Url::as_str), Some("http://keycloak:8080/jwks"));
            assert!(read.why_missing(name).contains("browsers cannot reach it"), "{}", read.why_missing(name));
            assert_eq!(read.sign_in_endpoints().is_none(), name != "userinfo_endpoint", "{name}");
        }
        let refused = read_by(Some(&backchannel), json!({"issuer": "http://keycloak:8080"})).expect_err("internal");
        assert!(refused.to_string().contains("hostname-backchannel-dynamic"), "{refused}");
    }

    #[test]
    fn metadata_odd_member_costs_only_what_it_is_for() {
        let read = |change| read(change).expect("a document");
        for (value, means) in [(json!(true), true), (json!("true"), true), (json!("false"), false), (json!(""), false)]
        {
            let found = read(json!({ISS_IN_CALLBACK: value}));
            assert_eq!(found.authorization_response_iss_parameter_supported, means, "{value}");
            assert!(found.left_out.is_empty(), "{value}");
        }
        let odd = read(json!({ISS_IN_CALLBACK: 1, "jwks_uri": "/jwks"}));
        assert_eq!(odd.left_out.len(), 2, "{odd:?}");
        assert!(odd.jwks_uri.is_none() && odd.sign_in_endpoints().is_some());
        assert!(odd.why_missing("jwks_uri").contains("\"/jwks\" is not a URL"));
    }

    #[test]
    fn metadata_endpoint_is_as_browsers_read_it() {
        for (written, read_as) in [
            ("https://b\u{fc}cher.example/u", Some("https://xn--bcher-kva.example/u")),
            ("https://i.exa\nmple/u", Some("https://i.example/u")),
            (" https://i.example/u", Some("https://i.example/u")),
            // Nobody but a provider on this machine has endpoints on it.
            ("http://127.0.0.1:1/u", None),
        ] {
            let found = read(json!({"userinfo_endpoint": written})).expect("a document");
            assert_eq!(found.userinfo_endpoint.as_deref(), read_as, "{written:?}");
        }
    }

    #[test]
    fn metadata_that_lacks_something_is_read_again_soon() {
        let hour = Duration::from_secs(3600);
        assert_eq!(read(json!({})).expect("whole").good_for(hour), hour);
        for name in ["jwks_uri", "token_endpoint"] {
            let lacking = read(json!({name: null})).expect("a document");
            assert!(lacking.good_for(hour) < MIN_REFRESH_INTERVAL, "{name}");
            assert_eq!(lacking.good_for(Duration::from_secs(1)), Duration::from_secs(1), "{name}");
        }
    }

    #[test]
    fn metadata_shows_no_query_and_no_control_characters() {
        let odd =
            read(json!({"token_endpoint": "http://i.example/t?key=hunter2", "userinfo_endpoint": "\u{1b}]0;x\n"}));
        let said = format!("{:?}", odd.expect("a document").left_out.iter().map(|(_, why)| why).collect::<Vec<_>>());
        assert!(!said.contains("hunter2") && said.contains("http://i.example/t"), "{said}");
        assert!(!said.contains(char::is_control), "{said}");
    }

    #[test]
    fn metadata_of_another_issuer_or_none_is_refused() {
        for issuer in [json!("https://i.example/"), json!("https://other.example"), json!(""), json!(7), json!(null)] {
            assert!(read(json!({"issuer": issuer})).is_err(), "{issuer}");
        }
    }
}
