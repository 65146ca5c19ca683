//! Checks whether the provider sends people back after they sign out (OpenID Connect RP-Initiated Logout §2 and §3). The
//! request has no session and no hint, so nobody is signed out.

use http::{HeaderMap, Method, header};
use url::Url;

use super::Attempt;
use crate::doctor::case::Case;
use crate::doctor::finding::long;
use crate::doctor::fixes::Problem;

const CHECK: &str = "post-logout redirect URI";

/// Sends the request of the client to the end-session endpoint.
pub(super) async fn check(attempt: &Attempt<'_>, case: &mut Case<'_>) {
    let Some(mut address) = attempt.endpoint("end_session_endpoint") else {
        return case.good(CHECK, "the provider has no end-session endpoint: people sign out only of this site");
    };
    let home = attempt.site.url(attempt.site.program.home_path);
    address.query_pairs_mut().extend_pairs([
        ("client_id", attempt.client),
        ("post_logout_redirect_uri", &home),
        ("state", "doctor"),
    ]);
    let answer = match attempt.http.request(Method::GET, &address, HeaderMap::new(), Vec::new()).await {
        Ok(answer) => answer,
        Err(error) => return case.warn(CHECK, long(&error.to_string()), Problem::Unreachable),
    };
    let status = answer.status;
    let to = answer.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
    let to = to.and_then(|to| address.join(to).ok()).map(|mut to: Url| {
        to.set_query(None);
        to.set_fragment(None);
        to
    });
    let is_error = to.as_ref().is_some_and(|to| to.as_str() != home && to.path().contains("error"));
    if to.as_ref().is_some_and(|to| to.as_str() == home) {
        case.good(CHECK, format!("the provider sends people back to {home} after they sign out"));
    } else if status.is_client_error() || status.is_server_error() || is_error {
        let seen = format!("status {}, when asked to send people back to {home} after they sign out", status.as_u16());
        case.warn(CHECK, seen, Problem::PostLogoutUri);
        case.note("if it is not registered, people see an error page of the provider when they sign out");
    } else {
        // It asks whether to sign out, which it would not do if it rejected the address.
        case.good(CHECK, format!("the provider does not reject {home}"));
    }
}
