//! Sign-in: what the server tells the client about the identity provider, and what it tells a caller about itself.
//!
//! The server reads the provider's discovery document and embeds the result in every page, so one build of the client
//! works with any provider.

use serde::{Deserialize, Serialize};

use crate::{Access, Right, Scopes};

/// The sign-in configuration in every page.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct SignInConfig {
    /// Whether and how users can sign in now.
    pub sign_in: SignIn,
    /// The issuer and the client that stored tokens belong to, also before the discovery document is read. `None`
    /// without `AUTH_CLIENT_ID`.
    pub client: Option<ClientBinding>,
    /// Where the client stores its tokens.
    pub token_place: TokenPlace,
    /// `AUTH_STORAGE_PREFIX`: the prefix for the keys in web storage.
    pub storage_prefix: String,
}

/// The client and the issuer that it uses for sign-in. Tokens belong to both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientBinding {
    /// The issuer identifier.
    pub issuer: String,
    /// The id of this client.
    pub client_id: String,
}

/// Whether and how users can sign in.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one for each page, and a box would be code that everyone downloads"
)]
pub enum SignIn {
    /// Sign-in works with this provider.
    At(Provider),
    /// Sign-in is not available yet: the provider's discovery document has not been read.
    #[default]
    Unavailable,
    /// Sign-in needs a change of the configuration: the response for `AUTH_ISSUER` comes from another issuer, or from
    /// none.
    Misconfigured,
    /// Sign-in is not configured: the server has no `AUTH_CLIENT_ID`.
    NotConfigured,
}

/// An OpenID Connect provider, as its discovery document describes it (OpenID Connect Discovery §3).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Provider {
    /// The issuer identifier.
    pub issuer: String,
    /// The authorization endpoint.
    pub authorization_endpoint: String,
    /// The token endpoint.
    pub token_endpoint: String,
    /// The userinfo endpoint, for the name and picture of the user.
    pub userinfo_endpoint: Option<String>,
    /// The end session endpoint (OpenID Connect RP-Initiated Logout §2).
    pub end_session_endpoint: Option<String>,
    /// The revocation endpoint (RFC 7009 §2).
    pub revocation_endpoint: Option<String>,
    /// Whether the callback has an `iss` parameter (RFC 9207 §3).
    pub iss_in_callback: bool,
    /// The id of this client.
    pub client_id: String,
    /// The scopes to request.
    pub scopes: Vec<String>,
    /// The audience to request for access tokens.
    pub audience: String,
    /// How to request the audience.
    pub audience_parameter: AudienceParameter,
    /// Where the client stores its tokens.
    pub token_place: TokenPlace,
}

/// Where the client stores the tokens of a session (`AUTH_TOKEN_STORE`).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// localStorage: kept after a reload, and shared by all tabs.
    #[default]
    LocalStorage,
    /// The memory of a tab.
    Memory,
}

impl TokenPlace {
    /// Returns the name of the place in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LocalStorage => "local_storage",
            Self::Memory => "memory",
        }
    }
}

/// The parameter with the audience in an authorization request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudienceParameter {
    /// `audience=`, for example for Auth0. Other providers ignore it (RFC 6749 §3.1).
    Audience,
    /// `resource=` (RFC 8707 §2).
    Resource,
    /// No parameter: the provider knows the audience.
    None,
}

/// The right to read the content of one's own access token.
pub struct ReadIdentity;
impl Right for ReadIdentity {
    const NAME: &'static str = "ReadIdentity";
    const ACCESS: Access = Access::SignedIn;
    const IS_READ_ONLY: bool = true;
}

/// The caller as the gate identifies it, and the result of the ID token check.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Identity {
    /// The `iss` of the access token.
    pub issuer: String,
    /// The `sub` of the access token, or `None` if it is missing or empty.
    pub subject: Option<String>,
    /// The scopes of the access token, from all claims that the gate reads.
    pub scopes: Scopes,
    /// The result of the ID token check.
    pub id_token: IdTokenCheck,
}

/// The result of the ID token check. Serialized as `"not_sent"`, `"verified"` or `{"refused": "…"}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenCheck {
    /// The request contained no ID token.
    NotSent,
    /// The ID token is signed by the provider, issued to this client, and valid now.
    Verified,
    /// The ID token was rejected. The text is the reason, and contains no part of the token.
    Refused(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn identity_on_the_wire_is_plain_json() {
        let mut identity = Identity {
            issuer: "https://issuer.example".into(),
            subject: Some("ada".into()),
            scopes: Scopes::parse("write:items read:items"),
            id_token: IdTokenCheck::Verified,
        };
        let mut wire = json!({
            "issuer": "https://issuer.example",
            "subject": "ada",
            "scopes": ["read:items", "write:items"],
            "id_token": "verified",
        });
        for (check, value) in [
            (IdTokenCheck::Verified, json!("verified")),
            (IdTokenCheck::NotSent, json!("not_sent")),
            (IdTokenCheck::Refused("why".into()), json!({"refused": "why"})),
        ] {
            identity.id_token = check;
            wire["id_token"] = value;
            assert_eq!(serde_json::to_value(&identity).expect("plain JSON"), wire);
            assert_eq!(serde_json::from_value::<Identity>(wire.clone()).expect("the client reads it"), identity);
        }
    }
}
