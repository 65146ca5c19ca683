//! What the client must know of the identity provider. The server reads it from the provider's discovery
//! document and gives it along with every page, so that one build serves any provider.

use std::time::{SystemTime, UNIX_EPOCH};

use js_sys::{JSON, Reflect};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The id of the script element that holds a [`SignIn`] as JSON, and the server's time beside it.
pub(super) const ELEMENT: &str = "sign-in";

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

/// Returns the script element for the page's head that tells the client `config`.
///
/// The attributes are there even when the JSON says [`SignIn::Unavailable`]: stored tokens are read before anyone signs in.
pub fn script(config: SignInConfig) -> impl IntoView + use<> {
    let SignInConfig { sign_in, client, token_place, storage_prefix } = config;
    // Inside a script element only `<` could end it or open a comment.
    let json = serde_json::to_string(&sign_in).unwrap_or_default().replace('<', "\\u003c");
    // By this clock the client tells when its tokens end; the device's may be wrong.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string();
    let (issuer, client) = client.map(|ClientBinding { issuer, client_id }| (issuer, client_id)).unzip();
    view! {
        <script
            type="application/json"
            id=ELEMENT
            data-now=now
            data-issuer=issuer
            data-client=client
            data-tokens=token_place.as_str()
            data-prefix=storage_prefix
            inner_html=json
        ></script>
    }
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
    match attribute("data-tokens").as_deref() {
        Some("memory") => TokenPlace::Memory,
        _ => TokenPlace::LocalStorage,
    }
}

/// The issuer and the client that this page signs in with: what is kept for another of either is not for this page.
pub(super) fn binding() -> Option<(String, String)> {
    Some((attribute("data-issuer")?, attribute("data-client")?))
}

/// What every key in the browser's storages begins with.
pub(super) fn storage_prefix() -> String {
    attribute("data-prefix").unwrap_or_default()
}

/// An attribute of the script element: what the page knows even when the discovery document has not been read yet.
fn attribute(name: &str) -> Option<String> {
    element()?.get_attribute(name)
}

fn text() -> Option<String> {
    element()?.text_content()
}

fn element() -> Option<leptos::web_sys::Element> {
    if cfg!(not(target_arch = "wasm32")) {
        return None;
    }
    document().get_element_by_id(ELEMENT)
}
