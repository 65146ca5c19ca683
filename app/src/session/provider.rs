//! What the client must know of the identity provider. The server reads it from the provider's discovery
//! document and gives it along with every page, so that one build serves any provider.

use std::time::{SystemTime, UNIX_EPOCH};

use js_sys::{JSON, Reflect};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The id of the script element that holds a [`SignIn`] as JSON, and the server's time beside it.
pub(super) const ELEMENT: &str = "sign-in";

/// Whether and how people can sign in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// At this provider.
    At(Provider),
    /// Not now: the provider's discovery document has not been read yet.
    Unavailable,
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

/// The script element for the page's head that tells the client `sign_in`.
pub fn script(sign_in: &SignIn) -> impl IntoView + use<> {
    // Inside a script element only `<` could end it or open a comment.
    let json = serde_json::to_string(sign_in).unwrap_or_default().replace('<', "\\u003c");
    // By this clock the client tells when its tokens end; the device's may be wrong.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string();
    view! { <script type="application/json" id=ELEMENT data-now=now inner_html=json></script> }
}

/// What the server gave with the page; on the server itself there is nothing to read.
pub(super) fn given_with_the_page() -> SignIn {
    text().and_then(|json| serde_json::from_str(&json).ok()).unwrap_or(SignIn::Unavailable)
}

/// One member of the provider that the server gave, by the browser's own JSON: what the first download needs to know.
pub(super) fn member(name: &str) -> Option<String> {
    let sign_in = JSON::parse(&text()?).ok()?;
    let provider = Reflect::get(&sign_in, &"at".into()).ok()?;
    Reflect::get(&provider, &name.into()).ok()?.as_string()
}

/// Where the tokens are kept.
pub(super) fn token_place() -> TokenPlace {
    match member("token_place").as_deref() {
        Some("memory") => TokenPlace::Memory,
        _ => TokenPlace::LocalStorage,
    }
}

fn text() -> Option<String> {
    if cfg!(not(target_arch = "wasm32")) {
        return None;
    }
    document().get_element_by_id(ELEMENT)?.text_content()
}
