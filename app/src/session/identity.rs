//! What the server knows of the caller: the types and the server function by which a page asks for it.
//!
//! The page does not decode access tokens: they are meant for the API, and providers differ in what they say there
//! (docs/decisions/0016).

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::PostUrl;

use super::AuthorizedClient;
use crate::error::AppError;
use crate::policy::{Access, Right, Scopes};
use crate::resources::{DeclaredRight, Endpoint, Resource};

/// The path of [`identify`].
pub(super) const PATH: &str = "/rpc/session/identify";

/// The right to be told what one's own access token proves.
pub struct ReadIdentity;
impl Right for ReadIdentity {
    const NAME: &'static str = "ReadIdentity";
    const ACCESS: Access = Access::SignedIn;
    const IS_READ_ONLY: bool = true;
}

/// The declaration of this resource.
pub static RESOURCE: Resource = Resource {
    name: "session",
    rights: &[DeclaredRight::of::<ReadIdentity>()],
    endpoints: &[Endpoint::server_fn::<ReadIdentity>(PATH)],
    pages: &[],
};

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

/// Returns what the gate knows of the caller, and verifies the ID token of the same sign-in.
///
/// A refused ID token is part of the answer and not an error: the access token was accepted.
///
/// # Errors
/// 401 if the caller is not authorized, 503 if the provider's signing keys are not available.
#[server(prefix = "/rpc", endpoint = "session/identify", client = AuthorizedClient, input = PostUrl)]
pub async fn identify(
    /// The ID token that came with the access token; an empty one counts as not sent.
    id_token: Option<String>,
    /// The `nonce` that the ID token must repeat; none or empty where it need not repeat one.
    nonce: Option<String>,
) -> Result<Identity, AppError> {
    use crate::ssr::{identity::id_tokens, permit::permit};
    let permit = permit::<ReadIdentity>()?;
    let caller = permit.caller();
    let id_token = match &id_token {
        None => IdTokenCheck::NotSent,
        Some(id_token) => id_tokens()?.check(&permit, id_token, nonce.as_deref()).await?,
    };
    let subject = caller.known_subject().map(str::to_owned);
    Ok(Identity { issuer: caller.issuer.to_string(), subject, scopes: caller.scopes.clone(), id_token })
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
