//! Which of the known providers an issuer is: by its address, or by what its discovery document gives away.

use serde_json::Value;
use url::Url;

/// A provider whose ways are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Auth0.
    Auth0,
    /// Keycloak.
    Keycloak,
    /// Microsoft Entra ID.
    Entra,
    /// Okta.
    Okta,
    /// Google.
    Google,
    /// Zitadel.
    Zitadel,
    /// The development provider of this program.
    Development,
    /// Another.
    Unknown,
}

impl Provider {
    /// Every one of them.
    pub const ALL: [Self; 8] = [
        Self::Auth0,
        Self::Keycloak,
        Self::Entra,
        Self::Okta,
        Self::Google,
        Self::Zitadel,
        Self::Development,
        Self::Unknown,
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth0 => "Auth0",
            Self::Keycloak => "Keycloak",
            Self::Entra => "Microsoft Entra ID",
            Self::Okta => "Okta",
            Self::Google => "Google",
            Self::Zitadel => "Zitadel",
            Self::Development => "the development provider",
            Self::Unknown => "a provider that is not known here",
        }
    }

    /// Which it is by the address `issuer`.
    #[must_use]
    pub fn of(issuer: &str) -> Self {
        let Ok(url) = Url::parse(issuer) else { return Self::Unknown };
        let host = url.host_str().unwrap_or_default();
        let is_under = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        match host {
            "accounts.google.com" => Self::Google,
            "login.microsoftonline.com" | "sts.windows.net" => Self::Entra,
            _ if is_under("ciamlogin.com") => Self::Entra,
            _ if is_under("auth0.com") => Self::Auth0,
            _ if is_under("okta.com") || is_under("oktapreview.com") || is_under("okta-emea.com") => Self::Okta,
            _ if is_under("zitadel.cloud") => Self::Zitadel,
            _ if url.path().contains("/realms/") => Self::Keycloak,
            _ => Self::Unknown,
        }
    }

    /// Which it is by its discovery document: for those that are reached by a name of the customer's own.
    #[must_use]
    pub fn by_document(document: &Value) -> Self {
        let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
        let (authorization, token) = (text("authorization_endpoint"), text("token_endpoint"));
        let has = |name: &str| document.get(name).is_some();
        match () {
            () if authorization.contains("/protocol/openid-connect/") => Self::Keycloak,
            () if has("tenant_region_scope") || has("cloud_graph_host_name") => Self::Entra,
            () if token.ends_with("/oauth/token") && has("mfa_challenge_endpoint") => Self::Auth0,
            () if authorization.contains("/oauth2/") && authorization.ends_with("/v1/authorize") => Self::Okta,
            () if authorization.ends_with("/oauth/v2/authorize") && token.ends_with("/oauth/v2/token") => Self::Zitadel,
            () => Self::Unknown,
        }
    }

    /// This one, or what `document` gives away where it is not known.
    #[must_use]
    pub fn or_by(self, document: &Value) -> Self {
        if self == Self::Unknown { Self::by_document(document) } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_provider_is_known_by_its_address() {
        for (issuer, provider) in [
            ("https://tenant.eu.auth0.com/", Provider::Auth0),
            ("https://id.example/realms/main", Provider::Keycloak),
            ("https://id.example/auth/realms/main", Provider::Keycloak),
            ("https://login.microsoftonline.com/72f988bf/v2.0", Provider::Entra),
            ("https://sts.windows.net/72f988bf/", Provider::Entra),
            ("https://dev-1.okta.com/oauth2/default", Provider::Okta),
            ("https://dev-1.oktapreview.com", Provider::Okta),
            ("https://accounts.google.com", Provider::Google),
            ("https://mine-abc.zitadel.cloud", Provider::Zitadel),
            ("https://id.example/", Provider::Unknown),
            ("https://auth0.com.example/", Provider::Unknown),
            ("https://myauth0.com/", Provider::Unknown),
            ("https://accounts.google.com.example/", Provider::Unknown),
            ("no address", Provider::Unknown),
        ] {
            assert_eq!(Provider::of(issuer), provider, "{issuer}");
        }
    }

    #[test]
    fn behind_a_domain_of_the_customers_own_its_document_gives_it_away() {
        let at = |path: &str| format!("https://id.example{path}");
        for (document, provider) in [
            (json!({"authorization_endpoint": at("/x/protocol/openid-connect/auth")}), Provider::Keycloak),
            (json!({"token_endpoint": at("/oauth/token"), "mfa_challenge_endpoint": at("/mfa")}), Provider::Auth0),
            (json!({"authorization_endpoint": at("/oauth2/default/v1/authorize")}), Provider::Okta),
            (json!({"authorization_endpoint": at("/oauth2/v1/authorize")}), Provider::Okta),
            (
                json!({"authorization_endpoint": at("/oauth/v2/authorize"), "token_endpoint": at("/oauth/v2/token")}),
                Provider::Zitadel,
            ),
            (json!({"tenant_region_scope": "EU"}), Provider::Entra),
            (json!({"authorization_endpoint": at("/authorize"), "token_endpoint": at("/token")}), Provider::Unknown),
            (json!([]), Provider::Unknown),
        ] {
            assert_eq!(Provider::Unknown.or_by(&document), provider, "{document}");
        }
        let keycloak = json!({"authorization_endpoint": at("/x/protocol/openid-connect/auth")});
        assert_eq!(Provider::Okta.or_by(&keycloak), Provider::Okta, "the address says enough");
    }
}
