//! How a page carries what the server says about signing in, so that one build serves any provider.

use std::time::{SystemTime, UNIX_EPOCH};

use js_sys::{JSON, Reflect};
use leptos::prelude::*;
use portcullis::sign_in::{ClientBinding, SignIn, SignInConfig, TokenPlace};

/// The id of the script element that holds a [`SignIn`] as JSON, and the server's time beside it.
pub(crate) const ELEMENT: &str = "sign-in";

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
pub(crate) fn given_with_the_page() -> SignIn {
    text().and_then(|json| serde_json::from_str(&json).ok()).unwrap_or(SignIn::Unavailable)
}

/// One member of the provider that the server gave, by the browser's own JSON: what the first download needs to know.
pub(crate) fn member(name: &str) -> Option<String> {
    let sign_in = JSON::parse(&text()?).ok()?;
    let provider = Reflect::get(&sign_in, &"at".into()).ok()?;
    Reflect::get(&provider, &name.into()).ok()?.as_string()
}

/// Where the tokens are kept.
pub(crate) fn token_place() -> TokenPlace {
    match attribute("data-tokens").as_deref() {
        Some("memory") => TokenPlace::Memory,
        _ => TokenPlace::LocalStorage,
    }
}

/// The issuer and the client that this page signs in with: what is kept for another of either is not for this page.
pub(crate) fn binding() -> Option<(String, String)> {
    Some((attribute("data-issuer")?, attribute("data-client")?))
}

/// What every key in the browser's storages begins with.
pub(crate) fn storage_prefix() -> String {
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
