//! The deployment that is attacked.

use portcullis_verifier::jwks::is_safe_to_fetch;
use url::Url;

use super::AuditError;

/// The origin of the deployment that is attacked.
#[derive(Clone, Debug)]
pub struct Target(Url);

impl Target {
    /// Parses an origin: https, or http on this machine, because tokens are sent there.
    ///
    /// # Errors
    /// [`AuditError::Target`] if it is anything else.
    pub fn parse(url: &str) -> Result<Self, AuditError> {
        let wrong = || AuditError::Target { why: "expected an origin such as https://app.example".to_owned() };
        let parsed = Url::parse(url).map_err(|_| wrong())?;
        let is_origin = parsed.has_host() && parsed.path() == "/" && parsed.query().is_none();
        if !is_origin || parsed.fragment().is_some() || !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(wrong());
        }
        if !is_safe_to_fetch(&parsed) {
            let why = "expected https, or http on this machine: tokens must not be sent unencrypted";
            return Err(AuditError::Target { why: why.to_owned() });
        }
        Ok(Self(parsed))
    }

    /// Returns the origin, without a slash at its end.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Returns whether it is on this machine: no proxy is used, and it can reach servers of the audit.
    #[must_use]
    pub fn is_local(&self) -> bool {
        // `parse` accepts http only on this machine.
        self.0.scheme() == "http"
    }

    /// Returns the URL of `path`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_is_https_or_on_this_machine() {
        for good in ["https://a.example", "https://a.example:8443/", "http://127.0.0.1:3000", "http://localhost:3000/"]
        {
            assert!(Target::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example",
            "http://10.0.0.1:3000",
            "https://a.example/path",
            "https://a.example/?q",
            "https://a.example/#f",
            "https://ada:hunter2@a.example",
            "a.example",
            "ftp://a.example",
            "",
        ] {
            let said = Target::parse(bad).expect_err(bad).to_string();
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
