//! Ending the provider's session (OpenID Connect RP-Initiated Logout §2), and what the person is told afterwards.

use std::time::Duration;

use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;
use web_sys::{Url, UrlSearchParams};

use super::revocation::revoke;
use crate::config;
use crate::embedded_config::provider_member;
use crate::notice::Notice;
use crate::random::random;
use crate::sign_in::PENDING_KEY;
use crate::storage::WebStorage;
use crate::time::timeout;
use crate::tokens::Tokens;

/// The sessionStorage key of the current sign-out. The value is its `state`, empty if the provider can't end its
/// session, followed by [`NOT_REVOKED`] if the refresh token may still be valid.
pub const SIGN_OUT_KEY: &str = "portcullis_sign_out";
/// The provider did not confirm that the refresh token is revoked.
const NOT_REVOKED: &str = " remains";

/// How long a sign-out waits for the provider to confirm that the refresh token is revoked.
const REVOCATION_TIMEOUT: Duration = Duration::from_secs(1);
/// The longest URL to end a session at. Servers refuse longer ones, and the ID token alone may be longer.
const MAX_URL_BYTES: usize = 4_000;

/// Revokes the refresh token of `tokens`, then leaves for the provider's end-session endpoint, or else the home page.
pub(super) async fn leave(tokens: Option<Tokens>) {
    let (id_token, refresh_token) = tokens.map(|tokens| (tokens.id_token, tokens.refresh_token)).unwrap_or_default();
    let is_revoked = match refresh_token {
        Some(token) => timeout(REVOCATION_TIMEOUT, async move { revoke(&token).await }).await == Some(true),
        None => true,
    };
    // The person may have started another sign-in.
    if WebStorage::Session.contains(PENDING_KEY) {
        return;
    }
    let home = config::get().home;
    let home = location().origin().map(|origin| format!("{origin}{home}")).unwrap_or_else(|_| home.to_owned());
    let state = random();
    let url = end_session_url(&home, id_token.as_deref(), &state);
    let state = if url.is_some() { state.as_str() } else { "" };
    // If it can't be stored, the person is told nothing afterwards.
    let _ = WebStorage::Session.set_js(SIGN_OUT_KEY, format!("{state}{}", if is_revoked { "" } else { NOT_REVOKED }));
    let _ = location().assign(&url.unwrap_or(home));
}

/// Returns the URL that ends the provider's session. It is built with the browser's `URL`: that of a library would be
/// most of the code for signing out.
fn end_session_url(home: &str, id_token: Option<&str>, state: &str) -> Option<String> {
    let url = Url::new(&provider_member("end_session_endpoint")?).ok()?;
    let query = url.search_params();
    // With the client's ID, the hint is optional.
    query.append("client_id", &provider_member("client_id")?);
    query.append("post_logout_redirect_uri", home);
    query.append("state", state);
    let without_hint = url.href();
    let hint = id_token.filter(|id_token| without_hint.len() + id_token.len() < MAX_URL_BYTES);
    if let Some(id_token) = hint {
        query.append("id_token_hint", id_token);
    }
    Some(url.href())
}

/// Returns what to tell a person who has just signed out in this tab, and removes the `state` from storage and URL.
pub fn take_notice() -> Option<Notice> {
    let stored = WebStorage::Session.text(SIGN_OUT_KEY)?;
    WebStorage::Session.delete(SIGN_OUT_KEY);
    let (expected, is_revoked) = stored.strip_suffix(NOT_REVOKED).map_or((&*stored, true), |state| (state, false));
    if expected.is_empty() {
        return Some(Notice::SignedOutLocally);
    }
    let query = UrlSearchParams::new_with_str(&location().search().unwrap_or_default()).ok();
    let state = query.and_then(|query| query.get("state"));
    if state.is_some()
        && let Ok(history) = window().history()
    {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(config::get().home));
    }
    Some(match state {
        Some(state) if state == expected && is_revoked => Notice::SignedOut,
        Some(state) if state == expected => Notice::SignedOutTokenNotRevoked,
        _ => Notice::SignedOutUnconfirmed,
    })
}
