//! Signing in: what the server tells the client about the identity provider, and what it knows about a caller.
//!
//! The server reads the provider's discovery document and embeds the result in every page, so one build of the client
//! works with any provider.

use serde::{Deserialize, Serialize};

use crate::{Access, Right, Scopes};

/// What the server tells every page about signing in.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct SignInConfig {
    /// Whether and how people can sign in now.
    pub sign_in: SignIn,
    /// Whose tokens this client keeps, also while the discovery document is unread; none without `AUTH_CLIENT_ID`.
    pub client: Option<ClientBinding>,
    /// Where the tokens are kept.
    pub token_place: TokenPlace,
    /// `AUTH_STORAGE_PREFIX`: what the names of stored values start with.
    pub storage_prefix: String,
}

/// The client at the issuer that it signs people in with. Tokens belong to both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientBinding {
    /// The issuer identifier.
    pub issuer: String,
    /// The id of this client.
    pub client_id: String,
}

/// Whether and how people can sign in.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one for each page, and a box would be code that everyone downloads"
)]
pub enum SignIn {
    /// At this provider.
    At(Provider),
    /// Not now: the provider's discovery document has not been read yet.
    #[default]
    Unavailable,
    /// Not as long as the settings stay as they are: what answers at `AUTH_ISSUER` is another issuer, or none.
    Misconfigured,
    /// Not at all: the server has no `AUTH_CLIENT_ID`.
    NotConfigured,
}

/// An OpenID Connect provider, as its discovery document describes it (OpenID Connect Discovery §3).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Provider {
    /// The issuer identifier.
    pub issuer: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where codes are exchanged for tokens.
    pub token_endpoint: String,
    /// Where the person's name and picture are.
    pub userinfo_endpoint: Option<String>,
    /// Where the provider's own session is ended (OpenID Connect RP-Initiated Logout §2).
    pub end_session_endpoint: Option<String>,
    /// Where refresh tokens are revoked (RFC 7009 §2).
    pub revocation_endpoint: Option<String>,
    /// Whether it names itself in the answer of a sign-in (RFC 9207 §3).
    pub iss_in_callback: bool,
    /// The id of this client.
    pub client_id: String,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// The audience that access tokens are wanted for.
    pub audience: String,
    /// How the provider is told that audience.
    pub audience_parameter: AudienceParameter,
    /// Where the tokens are kept.
    pub token_place: TokenPlace,
}

/// Where the tokens of a session are kept (`AUTH_TOKEN_STORE`).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// localStorage: there after a reload, and shared by all tabs.
    #[default]
    LocalStorage,
    /// The memory of a tab.
    Memory,
}

impl TokenPlace {
    /// The name of the place, as the page is told it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LocalStorage => "local_storage",
            Self::Memory => "memory",
        }
    }
}

/// How a sign-in names the audience it wants an access token for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudienceParameter {
    /// `audience=`, as Auth0 has it; others ignore it (RFC 6749 §3.1).
    Audience,
    /// `resource=` (RFC 8707 §2).
    Resource,
    /// Not at all: the provider knows.
    None,
}

/// The right to be told what one's own access token proves.
pub struct ReadIdentity;
impl Right for ReadIdentity {
    const NAME: &'static str = "ReadIdentity";
    const ACCESS: Access = Access::SignedIn;
    const IS_READ_ONLY: bool = true;
}

/// The caller as the gate sees it, and whether the ID token that came along is genuine.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Identity {
    /// The `iss` of the access token.
    pub issuer: String,
    /// The `sub` of the access token; none where it has none or an empty one.
    pub subject: Option<String>,
    /// The scopes that the access token grants, from all claims that the gate reads.
    pub scopes: Scopes,
    /// What the server found the ID token to be.
    pub id_token: IdTokenCheck,
}

/// What the server found an ID token to be. On the wire `"not_sent"`, `"verified"` or `{"refused": "…"}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenCheck {
    /// The request brought none.
    NotSent,
    /// It is signed by the provider, for this client, and valid now.
    Verified,
    /// It must not be believed; the text says why and holds nothing of the token.
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
