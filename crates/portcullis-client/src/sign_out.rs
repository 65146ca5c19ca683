//! Signing out: the end of the refresh token (RFC 7009) and of the provider's session (OpenID Connect RP-Initiated Logout
//! §2), and what is said of them afterwards.

use std::time::Duration;

use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;
use web_sys::{Url, UrlSearchParams};

use crate::config;
use crate::lock::within;
use crate::notice::Notice;
use crate::provider::member;
use crate::random::random;
use crate::revocation;
use crate::sign_in::BEGUN;
use crate::storage::Kept;
use crate::tokens::Tokens;

/// The sessionStorage key of the sign-out that is under way: its `state`, empty where the provider is not asked, and
/// [`REMAINS`] where the refresh token may live on.
pub const LEFT: &str = "portcullis_sign_out";
/// The refresh token was not confirmed to be revoked.
const REMAINS: &str = " remains";

/// How long a sign-out waits for the provider to confirm that the refresh token is revoked.
const REVOCATION_PATIENCE: Duration = Duration::from_secs(1);
/// The longest address to end a session at. Servers refuse longer ones, and an ID token alone may be longer.
const MAX_ADDRESS: usize = 4_000;

/// Revokes the refresh token of `tokens`, then goes to the provider's end-session endpoint where there is one, else to
/// the home page.
pub(crate) async fn leave(tokens: Option<Tokens>) {
    let (id_token, refresh_token) = tokens.map(|tokens| (tokens.id_token, tokens.refresh_token)).unwrap_or_default();
    let remains = match refresh_token {
        Some(token) => within(REVOCATION_PATIENCE, async move { revocation::send(&token).await }).await != Some(true),
        None => false,
    };
    // The person may have gone on to sign in again.
    if Kept::InThisTab.holds(BEGUN) {
        return;
    }
    let home = config::get().home;
    let home = location().origin().map(|origin| format!("{origin}{home}")).unwrap_or_else(|_| home.to_owned());
    let state = random();
    let address = end_session(&home, id_token.as_deref(), &state);
    let state = if address.is_some() { state.as_str() } else { "" };
    // Where it cannot be kept, nothing is said afterwards.
    let _ = Kept::InThisTab.put(LEFT, format!("{state}{}", if remains { REMAINS } else { "" }));
    let _ = location().assign(&address.unwrap_or(home));
}

/// The address that ends the provider's session, by the browser's own URLs: those of a library weigh more than all the
/// rest of signing out.
fn end_session(home: &str, id_token: Option<&str>, state: &str) -> Option<String> {
    let url = Url::new(&member("end_session_endpoint")?).ok()?;
    let query = url.search_params();
    // With the client's id the hint may be left out.
    query.append("client_id", &member("client_id")?);
    query.append("post_logout_redirect_uri", home);
    query.append("state", state);
    let without_hint = url.href();
    let hint = id_token.filter(|id_token| without_hint.len() + id_token.len() < MAX_ADDRESS);
    if let Some(id_token) = hint {
        query.append("id_token_hint", id_token);
    }
    Some(url.href())
}

/// What to say to somebody who has just signed out in this tab. Takes the `state` from storage and address.
pub(crate) fn returned() -> Option<Notice> {
    let left = Kept::InThisTab.text(LEFT)?;
    Kept::InThisTab.delete(LEFT);
    let (left, remains) = left.strip_suffix(REMAINS).map_or((left.as_str(), false), |state| (state, true));
    if left.is_empty() {
        return Some(Notice::SignedOutHere);
    }
    let query = UrlSearchParams::new_with_str(&location().search().unwrap_or_default()).ok();
    let state = query.and_then(|query| query.get("state"));
    if state.is_some()
        && let Ok(history) = window().history()
    {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(config::get().home));
    }
    Some(match state {
        Some(state) if state == left && remains => Notice::SignedOutTokenRemains,
        Some(state) if state == left => Notice::SignedOut,
        _ => Notice::SignedOutPerhaps,
    })
}
