//! Leaving: the end of the provider's session (OpenID Connect RP-Initiated Logout §2), and the words after it.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;
use web_sys::{Url, UrlSearchParams};

use super::notice::Notice;
use super::provider::member;
use super::storage::Kept;
use crate::pages::HOME_PAGE;

/// The sessionStorage key of the `state` of a sign-out that is under way; empty where the provider is not asked.
pub const LEFT: &str = "sign_out";

/// Goes to the provider's end-session endpoint where there is one, else to the home page.
pub(super) fn leave(id_token: Option<&str>) {
    let home = location().origin().map(|origin| format!("{origin}/")).unwrap_or_else(|_| "/".to_owned());
    let state = random();
    let address = end_session(&home, id_token, &state);
    // Where it cannot be kept, nothing is said afterwards.
    let _ = Kept::InThisTab.put(LEFT, if address.is_some() { state.as_str() } else { "" });
    let _ = location().assign(&address.unwrap_or(home));
}

/// A number that nobody can guess, in hexadecimal digits.
fn random() -> String {
    let mut bytes = [0; 16];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    let digit = |half: u8| char::from_digit(half.into(), 16);
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(digit).collect()
}

/// The address that ends the provider's session, by the browser's own URLs: those of a library weigh more than all the
/// rest of signing out.
fn end_session(home: &str, id_token: Option<&str>, state: &str) -> Option<String> {
    let url = Url::new(&member("end_session_endpoint")?).ok()?;
    let query = url.search_params();
    query.append("client_id", &member("client_id")?);
    query.append("post_logout_redirect_uri", home);
    query.append("state", state);
    if let Some(id_token) = id_token {
        query.append("id_token_hint", id_token);
    }
    Some(url.href())
}

/// What to say to somebody who has just signed out in this tab. Takes the `state` from storage and address.
pub(super) fn returned() -> Option<Notice> {
    let left = Kept::InThisTab.text(LEFT)?;
    Kept::InThisTab.delete(LEFT);
    if left.is_empty() {
        return Some(Notice::SignedOutHere);
    }
    let query = UrlSearchParams::new_with_str(&location().search().unwrap_or_default()).ok();
    let state = query.and_then(|query| query.get("state"));
    if state.is_some()
        && let Ok(history) = window().history()
    {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(HOME_PAGE.path));
    }
    Some(match state {
        Some(state) if state == left => Notice::SignedOut,
        _ => Notice::SignedOutPerhaps,
    })
}
