//! What the server says about signing in, embedded in each page, so that one build works with any provider.

use std::time::{SystemTime, UNIX_EPOCH};

use js_sys::{JSON, Reflect};
use leptos::prelude::*;
use portcullis::sign_in::{ClientBinding, SignIn, SignInConfig, TokenPlace};

/// The id of the script element that holds a [`SignIn`] as JSON. Its attributes hold the rest.
const ELEMENT: &str = "sign-in";

/// Returns the script element that passes `config` to the client. It belongs in the page's head.
///
/// The attributes are present even if the JSON says [`SignIn::Unavailable`]: stored tokens are read before anyone signs
/// in.
pub fn sign_in_script(config: SignInConfig) -> impl IntoView + use<> {
    let SignInConfig { sign_in, client, token_place, storage_prefix } = config;
    // Inside a script element only `<` could end it or open a comment.
    let json = serde_json::to_string(&sign_in).unwrap_or_default().replace('<', "\\u003c");
    // The client measures the lifetime of tokens by this clock: the device's may be wrong.
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

/// Returns what the server says about signing in. On the server itself this is [`SignIn::Unavailable`].
pub fn embedded_config() -> SignIn {
    text().and_then(|json| serde_json::from_str(&json).ok()).unwrap_or(SignIn::Unavailable)
}

/// Returns one member of the [`Provider`](portcullis::sign_in::Provider), parsed by the browser: serde's JSON is not in
/// the first download.
pub fn provider_member(name: &str) -> Option<String> {
    let sign_in = JSON::parse(&text()?).ok()?;
    let provider = Reflect::get(&sign_in, &"at".into()).ok()?;
    Reflect::get(&provider, &name.into()).ok()?.as_string()
}

/// Returns where the tokens are stored.
pub fn token_place() -> TokenPlace {
    match attribute("data-tokens").as_deref() {
        Some("memory") => TokenPlace::Memory,
        _ => TokenPlace::LocalStorage,
    }
}

/// Returns the issuer and the client ID of this page. Tokens of any other are not for this page.
pub fn binding() -> Option<(String, String)> {
    Some((attribute("data-issuer")?, attribute("data-client")?))
}

/// Returns the start of every storage key.
pub fn storage_prefix() -> String {
    attribute("data-prefix").unwrap_or_default()
}

/// Returns the server's time when it rendered the page, in milliseconds since 1970.
pub fn rendered_at() -> Option<u64> {
    attribute("data-now")?.parse().ok()
}

/// Returns an attribute of the script element. Unlike the provider, these are known before discovery has succeeded.
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
