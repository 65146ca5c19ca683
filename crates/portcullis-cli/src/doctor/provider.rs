//! The known providers, and how to recognize them by the issuer or by the discovery document.

use serde_json::Value;
use url::Url;

/// A provider for which the doctor knows where things are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderKind {
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
    /// The development provider.
    Development,
    /// Any other.
    Unknown,
}

impl ProviderKind {
    /// All kinds.
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

    /// Returns the name.
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
            Self::Unknown => "another provider",
        }
    }

    /// Recognizes a provider by its `issuer`.
    #[must_use]
    pub fn from_issuer(issuer: &str) -> Self {
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

    /// Recognizes a provider by its discovery document, for providers under a custom domain.
    #[must_use]
    pub fn from_document(document: &Value) -> Self {
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

    /// Returns this kind, or the kind that `document` shows if this one is [`Self::Unknown`].
    #[must_use]
    pub fn or_from_document(self, document: &Value) -> Self {
        if self == Self::Unknown { Self::from_document(document) } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn provider_is_recognized_by_its_issuer() {
        for (issuer, provider) in [
            ("https://tenant.eu.auth0.com/", ProviderKind::Auth0),
            ("https://id.example/realms/main", ProviderKind::Keycloak),
            ("https://id.example/auth/realms/main", ProviderKind::Keycloak),
            ("https://login.microsoftonline.com/72f988bf/v2.0", ProviderKind::Entra),
            ("https://sts.windows.net/72f988bf/", ProviderKind::Entra),
            ("https://dev-1.okta.com/oauth2/default", ProviderKind::Okta),
            ("https://dev-1.oktapreview.com", ProviderKind::Okta),
            ("https://accounts.google.com", ProviderKind::Google),
            ("https://mine-abc.zitadel.cloud", ProviderKind::Zitadel),
            ("https://id.example/", ProviderKind::Unknown),
            ("https://auth0.com.example/", ProviderKind::Unknown),
            ("https://myauth0.com/", ProviderKind::Unknown),
            ("https://accounts.google.com.example/", ProviderKind::Unknown),
            ("no address", ProviderKind::Unknown),
        ] {
            assert_eq!(ProviderKind::from_issuer(issuer), provider, "{issuer}");
        }
    }

    #[test]
    fn provider_is_recognized_by_its_document() {
        let at = |path: &str| format!("https://id.example{path}");
        for (document, provider) in [
            (json!({"authorization_endpoint": at("/x/protocol/openid-connect/auth")}), ProviderKind::Keycloak),
            (json!({"token_endpoint": at("/oauth/token"), "mfa_challenge_endpoint": at("/mfa")}), ProviderKind::Auth0),
            (json!({"authorization_endpoint": at("/oauth2/default/v1/authorize")}), ProviderKind::Okta),
            (json!({"authorization_endpoint": at("/oauth2/v1/authorize")}), ProviderKind::Okta),
            (
                json!({"authorization_endpoint": at("/oauth/v2/authorize"), "token_endpoint": at("/oauth/v2/token")}),
                ProviderKind::Zitadel,
            ),
            (json!({"tenant_region_scope": "EU"}), ProviderKind::Entra),
            (
                json!({"authorization_endpoint": at("/authorize"), "token_endpoint": at("/token")}),
                ProviderKind::Unknown,
            ),
            (json!([]), ProviderKind::Unknown),
        ] {
            assert_eq!(ProviderKind::Unknown.or_from_document(&document), provider, "{document}");
        }
        let keycloak = json!({"authorization_endpoint": at("/x/protocol/openid-connect/auth")});
        assert_eq!(ProviderKind::Okta.or_from_document(&keycloak), ProviderKind::Okta, "the issuer takes precedence");
    }
}
