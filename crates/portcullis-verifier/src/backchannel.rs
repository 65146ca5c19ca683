//! A provider that the server reaches at a different address than browsers, as in a container network. Its documents are
//! read at the internal address; browsers are told public addresses only.

use serde_json::{Map, Value};
use url::{Host, ParseError, Position, Url};

use super::discovery;
use super::jwks::is_safe_to_fetch;

/// The two addresses of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backchannel {
    /// The internal address in the place of the issuer, without a slash at its end.
    issuer: String,
    /// Where the discovery document is.
    document: Url,
    /// What every public address begins with, and every internal one: up to a slash.
    public: String,
    internal: String,
    public_host: Option<Host>,
    internal_host: Option<Host>,
}

impl Backchannel {
    /// Reaches the provider of `issuer` at `internal`, which stands in the place of the issuer.
    ///
    /// # Errors
    /// When `issuer` is not a URL.
    pub fn new(issuer: &str, internal: &Url) -> Result<Self, ParseError> {
        let public = Url::parse(issuer)?;
        let (mut public_path, mut internal_path) = (segments(&public), segments(internal));
        // What both paths end with belongs to the provider and not to the way to it: /realms/main, for example.
        while public_path.last().is_some() && public_path.last() == internal_path.last() {
            public_path.pop();
            internal_path.pop();
        }
        Ok(Self {
            issuer: internal.as_str().trim_end_matches('/').to_owned(),
            document: discovery::address(internal.as_str())?,
            public: base(&public, &public_path),
            internal: base(internal, &internal_path),
            public_host: public.host().map(|host| host.to_owned()),
            internal_host: internal.host().map(|host| host.to_owned()),
        })
    }

    /// Where the discovery document is.
    #[must_use]
    pub fn document(&self) -> &Url {
        &self.document
    }

    /// Whether `url` has the internal origin: its scheme, host and port.
    #[must_use]
    pub fn has_internal_origin(&self, url: &Url) -> bool {
        url.origin() == self.document.origin()
    }

    /// Returns the address at which this server reaches `url`: the internal one, if `url` is under the public one.
    #[must_use]
    pub fn to_internal(&self, url: &Url) -> Url {
        replace_prefix(url, &self.public, &self.internal)
    }

    /// Puts the addresses in the `members` of the discovery document in order: the keys' is the internal one, and all
    /// others, which are for browsers, are public where the internal address stands for the public one.
    ///
    /// # Errors
    /// Says why the document is unfit: the provider takes the internal address for its issuer.
    pub fn rewrite(&self, members: &mut Map<String, Value>) -> Result<(), &'static str> {
        if members.get("issuer").and_then(Value::as_str).is_some_and(|issuer| self.is_internal_issuer(issuer)) {
            return Err("it names the internal address as its issuer: let the provider name its public address there \
                        (Keycloak: hostname=https://PUBLIC-HOST and hostname-backchannel-dynamic=true)");
        }
        for (name, value) in members.iter_mut().filter(|(name, _)| *name != "issuer") {
            let Some(url) = value.as_str().and_then(|text| Url::parse(text).ok()) else { continue };
            let seen = match name.as_str() {
                "jwks_uri" => self.to_internal(&url),
                _ => replace_prefix(&url, &self.internal, &self.public),
            };
            if seen != url {
                *value = seen.as_str().into();
            }
        }
        Ok(())
    }

    fn is_internal_issuer(&self, issuer: &str) -> bool {
        self.internal != self.public && issuer.trim_end_matches('/') == self.issuer
    }

    /// Whether `url` leads to the internal host, which browsers do not have.
    #[must_use]
    pub fn is_internal(&self, url: &Url) -> bool {
        let host = url.host().map(|host| host.to_owned());
        self.internal_host != self.public_host && host == self.internal_host && !is_loopback(url)
    }
}

/// Whether `url` leads to this machine; there, ports tell providers apart and not hosts.
fn is_loopback(url: &Url) -> bool {
    let mut http = url.clone();
    http.set_scheme("http").is_ok() && is_safe_to_fetch(&http)
}

fn segments(url: &Url) -> Vec<&str> {
    url.path().split('/').filter(|segment| !segment.is_empty()).collect()
}

fn base(url: &Url, path: &[&str]) -> String {
    let origin = &url[..Position::BeforePath];
    path.iter().fold(format!("{origin}/"), |base, segment| base + segment + "/")
}

/// Returns `url` with its prefix `from` replaced by `to`, or as it is if it has another prefix.
fn replace_prefix(url: &Url, from: &str, to: &str) -> Url {
    let replaced = url.as_str().strip_prefix(from).map(|rest| format!("{to}{rest}"));
    replaced.and_then(|replaced| Url::parse(&replaced).ok()).unwrap_or_else(|| url.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ISSUER: &str = "https://id.example/realms/main";

    fn backchannel(internal: &str) -> Backchannel {
        Backchannel::new(ISSUER, &Url::parse(internal).expect("a URL")).expect("an issuer")
    }

    fn rewritten(internal: &str, document: &Value) -> Result<Value, &'static str> {
        let mut members = document.as_object().expect("an object").clone();
        backchannel(internal).rewrite(&mut members)?;
        Ok(Value::Object(members))
    }

    #[test]
    fn backchannel_reads_the_document_at_the_internal_address() {
        for internal in ["http://keycloak:8080/realms/main", "http://keycloak:8080/realms/main/"] {
            let document = backchannel(internal).document().to_string();
            assert_eq!(document, "http://keycloak:8080/realms/main/.well-known/openid-configuration");
        }
    }

    #[test]
    fn backchannel_gives_browsers_public_endpoints_only() {
        // As Keycloak answers with hostname-backchannel-dynamic=true; and the same with a path before the realm.
        for (internal, at) in [
            ("http://keycloak:8080/realms/main", "http://keycloak:8080/realms/main"),
            ("http://keycloak:8080/auth/realms/main", "http://keycloak:8080/auth/realms/main"),
        ] {
            let document = json!({
                "issuer": ISSUER,
                "authorization_endpoint": "https://id.example/realms/main/protocol/auth",
                "token_endpoint": format!("{at}/protocol/token"),
                "userinfo_endpoint": format!("{at}/protocol/userinfo"),
                "jwks_uri": format!("{at}/protocol/certs"),
                "scopes_supported": ["openid"],
            });
            let seen = rewritten(internal, &document).expect("a document");
            assert_eq!(seen["issuer"], ISSUER);
            assert_eq!(seen["authorization_endpoint"], "https://id.example/realms/main/protocol/auth");
            assert_eq!(seen["token_endpoint"], "https://id.example/realms/main/protocol/token");
            assert_eq!(seen["userinfo_endpoint"], "https://id.example/realms/main/protocol/userinfo");
            assert_eq!(seen["jwks_uri"], format!("{at}/protocol/certs"));
            assert_eq!(seen["scopes_supported"], json!(["openid"]));
        }
    }

    #[test]
    fn backchannel_reads_keys_at_the_internal_address() {
        for (named, asked) in [
            ("https://id.example/realms/main/certs", "http://keycloak:8080/realms/main/certs"),
            ("https://id.example/keys?v=1", "http://keycloak:8080/keys?v=1"),
            ("http://keycloak:8080/realms/main/certs", "http://keycloak:8080/realms/main/certs"),
            ("https://keys.example/certs", "https://keys.example/certs"),
            ("https://id.example.org/certs", "https://id.example.org/certs"),
        ] {
            let seen = rewritten("http://keycloak:8080/realms/main", &json!({"jwks_uri": named})).expect("a document");
            assert_eq!(seen["jwks_uri"], asked);
        }
    }

    #[test]
    fn backchannel_hosts_of_the_internal_address_are_internal() {
        let backchannel = backchannel("http://keycloak:8080/realms/main");
        for (url, is_internal) in [
            ("https://keycloak:8443/there", true),
            ("http://keycloak:9000/userinfo", true),
            ("https://id.example/there", false),
            ("https://other.example/there", false),
        ] {
            assert_eq!(backchannel.is_internal(&Url::parse(url).expect("a URL")), is_internal, "{url}");
        }
    }

    #[test]
    fn backchannel_error_of_an_internal_issuer_names_the_fix() {
        let document = json!({"issuer": "http://keycloak:8080/realms/main"});
        let error = rewritten("http://keycloak:8080/realms/main", &document).expect_err("another issuer");
        assert!(error.contains("internal address as its issuer") && error.contains("hostname"), "{error}");
        // Any other issuer is for the reader of the document to refuse.
        let other = json!({"issuer": "https://other.example"});
        assert_eq!(rewritten("http://keycloak:8080/realms/main", &other).expect("untouched"), other);
    }
}
