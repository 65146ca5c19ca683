//! Does the provider lead people back after they have signed out (OpenID Connect RP-Initiated Logout §2 and §3)? Asked
//! without a session and without a hint, so nobody is signed out.

use app::pages::HOME_PAGE;
use http::{HeaderMap, Method, header};
use url::Url;

use super::Attempt;
use crate::doctor::case::Case;
use crate::doctor::finding::long;
use crate::doctor::fixes::Fault;

const CHECK: &str = "post-logout redirect URI";

/// Asks the end-session endpoint, as the client does.
pub(super) async fn check(attempt: &Attempt<'_>, case: &mut Case<'_>) {
    let Some(mut address) = attempt.endpoint("end_session_endpoint") else {
        return case.good(CHECK, "the provider names no end-session endpoint: people sign out of this site alone");
    };
    let home = format!("{}{}", attempt.origin, HOME_PAGE.path);
    address.query_pairs_mut().extend_pairs([
        ("client_id", attempt.client),
        ("post_logout_redirect_uri", &home),
        ("state", "doctor"),
    ]);
    let answer = match attempt.http.request(Method::GET, &address, HeaderMap::new(), Vec::new()).await {
        Ok(answer) => answer,
        Err(error) => return case.warn(CHECK, long(&error.to_string()), Fault::Unreachable),
    };
    let status = answer.status;
    let to = answer.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
    let to = to.and_then(|to| address.join(to).ok()).map(|mut to: Url| {
        to.set_query(None);
        to.set_fragment(None);
        to
    });
    let leads_to_error = to.as_ref().is_some_and(|to| to.as_str() != home && to.path().contains("error"));
    if to.as_ref().is_some_and(|to| to.as_str() == home) {
        case.good(CHECK, format!("the provider leads people back to {home} after they have signed out"));
    } else if status.is_client_error() || status.is_server_error() || leads_to_error {
        let seen = format!("status {}, asked to lead people back to {home} after signing out", status.as_u16());
        case.warn(CHECK, seen, Fault::PostLogoutUri);
        case.note("if it is not registered, people end on an error page of the provider when they sign out");
    } else {
        // It asks whether to sign out, which it would not do with an address that it refuses.
        case.good(CHECK, format!("the provider raises no objection to {home}"));
    }
}
