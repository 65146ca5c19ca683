//! A provider that the server reaches at another address than browsers, as in a container network. The server reads its
//! documents at the internal address, and gives browsers public addresses only.

use serde_json::{Map, Value};
use url::{Host, ParseError, Position, Url};

use super::discovery;
use super::jwks::is_safe_to_fetch;

/// The two addresses of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backchannel {
    /// The issuer with the internal address, without a trailing slash.
    issuer: String,
    /// The URL of the discovery document.
    document: Url,
    /// The prefix of all public URLs, and below that of all internal ones. Both end with a slash.
    public: String,
    internal: String,
    public_host: Option<Host>,
    internal_host: Option<Host>,
}

impl Backchannel {
    /// Creates the mapping for the provider of `issuer` that this server reaches at `internal`.
    ///
    /// # Errors
    /// [`ParseError`] if `issuer` is not a URL.
    pub fn new(issuer: &str, internal: &Url) -> Result<Self, ParseError> {
        let public = Url::parse(issuer)?;
        let (mut public_path, mut internal_path) = (segments(&public), segments(internal));
        // A common suffix of the two paths, such as /realms/main, is not part of the prefix that differs.
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

    /// Returns the internal URL of the discovery document.
    #[must_use]
    pub fn document(&self) -> &Url {
        &self.document
    }

    /// Returns whether `url` has the internal origin: scheme, host and port.
    #[must_use]
    pub fn has_internal_origin(&self, url: &Url) -> bool {
        url.origin() == self.document.origin()
    }

    /// Returns the URL at which this server reaches `url`: the internal one, if `url` is under the public prefix.
    #[must_use]
    pub fn to_internal(&self, url: &Url) -> Url {
        replace_prefix(url, &self.public, &self.internal)
    }

    /// Rewrites the URLs in the `members` of the discovery document: `jwks_uri` becomes internal because the server
    /// uses it, and all others become public because browsers use them.
    ///
    /// # Errors
    /// Why the document cannot be used: it names the internal address as its issuer.
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

    /// Returns whether `url` has the internal host, which browsers cannot reach.
    #[must_use]
    pub fn is_internal(&self, url: &Url) -> bool {
        let host = url.host().map(|host| host.to_owned());
        self.internal_host != self.public_host && host == self.internal_host && !is_loopback(url)
    }
}

/// Returns whether `url` is on this machine. There, providers differ by port and not by host.
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

/// Returns `url` with the prefix `from` replaced by `to`. A URL with another prefix is returned unchanged.
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
        // Keycloak's document with hostname-backchannel-dynamic=true, and the same with a path before the realm.
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
        // `ProviderMetadata::read` rejects every other issuer.
        let other = json!({"issuer": "https://other.example"});
        assert_eq!(rewritten("http://keycloak:8080/realms/main", &other).expect("untouched"), other);
    }
}
