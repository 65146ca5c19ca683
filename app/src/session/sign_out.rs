//! Leaving: the end of the provider's session (OpenID Connect RP-Initiated Logout §2).

use leptos::prelude::*;
use web_sys::Url;

use super::provider::member;

/// Goes to the provider's end-session endpoint where there is one, else to the home page.
pub(super) fn leave(id_token: Option<&str>) {
    let home = location().origin().map(|origin| format!("{origin}/")).unwrap_or_else(|_| "/".to_owned());
    let address = end_session(&home, id_token).unwrap_or(home);
    let _ = location().assign(&address);
}

/// The address that ends the provider's session, by the browser's own URLs: those of a library weigh more than all the
/// rest of signing out.
fn end_session(home: &str, id_token: Option<&str>) -> Option<String> {
    let url = Url::new(&member("end_session_endpoint")?).ok()?;
    let query = url.search_params();
    query.append("client_id", &member("client_id")?);
    query.append("post_logout_redirect_uri", home);
    if let Some(id_token) = id_token {
        query.append("id_token_hint", id_token);
    }
    Some(url.href())
}
