//! The authorization request (RFC 6749 §4.1.1), with `prompt=none`: nobody is asked anything, and the provider says
//! by its redirect whether it knows the client and its redirect URI.

use http::{HeaderMap, Method, StatusCode, header};
use portcullis::sign_in::AudienceParameter;
use portcullis_verifier::jwks::HttpResponse;
use url::Url;

use super::client::{report, required_feature};
use super::{Attempt, CHALLENGE};
use crate::doctor::case::Case;
use crate::doctor::finding::{Finding, long, plain};
use crate::doctor::fixes::Fault;

const CHECK: &str = "redirect URI";
/// Errors that say: all is well, but nobody is signed in (OpenID Connect Core §3.1.2.6).
const NOBODY: [&str; 4] = ["login_required", "interaction_required", "consent_required", "account_selection_required"];

/// Asks, and reads the answer.
pub(super) async fn check(attempt: &Attempt<'_>, case: &mut Case<'_>) {
    let Some(address) = attempt.endpoint("authorization_endpoint") else {
        return case.findings.push(Finding::skipped(CHECK, "the provider names no authorization endpoint"));
    };
    match attempt.http.request(Method::GET, &request(attempt, address), HeaderMap::new(), Vec::new()).await {
        Ok(answer) => read(&answer, attempt, case),
        Err(error) => case.bad(CHECK, long(&error.to_string()), Fault::Unreachable),
    }
}

fn request(attempt: &Attempt<'_>, mut address: Url) -> Url {
    let (scopes, audience) = (attempt.trust.scopes.join(" "), attempt.trust.issuer.audience());
    let mut query = address.query_pairs_mut();
    query.extend_pairs([
        ("response_type", "code"),
        ("client_id", attempt.client),
        ("redirect_uri", &attempt.redirect_uri()),
        ("scope", &scopes),
        ("state", "doctor"),
        ("nonce", "doctor"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("prompt", "none"),
    ]);
    match attempt.trust.audience_parameter {
        AudienceParameter::Audience => _ = query.append_pair("audience", audience),
        AudienceParameter::Resource => _ = query.append_pair("resource", audience),
        AudienceParameter::None => {}
    }
    drop(query);
    address
}

fn read(answer: &HttpResponse, attempt: &Attempt<'_>, case: &mut Case<'_>) {
    let redirect_uri = attempt.redirect_uri();
    let status = answer.status;
    if status.is_redirection() {
        let to =
            answer.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).and_then(|to| Url::parse(to).ok());
        return match to {
            Some(to) if is_at(&to, &redirect_uri) => back(&to, attempt, case),
            Some(to) if to.path().contains("error") => {
                let seen = format!("the provider leads to an error page of its own, {}", place(&to));
                case.bad(CHECK, seen, Fault::RedirectUri);
            }
            to => {
                let place = to.map_or_else(|| "nowhere".to_owned(), |to| place(&to));
                let seen = format!("cannot tell: the provider leads to {place} first");
                case.warn(CHECK, seen, Fault::RedirectUri);
                case.note("sign in by a browser: the provider's page says whether client or redirect URI are wrong");
            }
        };
    }
    let page = String::from_utf8_lossy(&answer.body);
    // Before the redirect URI: a provider that refuses the client does not look at it.
    if let Some(fault) = required_feature("", &page).filter(|_| status.is_client_error()) {
        return report(case, fault, &format!("status {}", status.as_u16()));
    }
    // Entra's error pages come with status 200, and name what is wrong by a number.
    let known = [("AADSTS50011", "the redirect URI"), ("AADSTS700016", "the client id")];
    if let Some((code, what)) = known.into_iter().find(|(code, _)| page.contains(code)) {
        return case.bad(CHECK, format!("the provider does not know {what} ({code})"), Fault::RedirectUri);
    }
    let busy = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
    if status.is_client_error() && !busy {
        let seen = format!("status {}: the provider does not send people back to {redirect_uri}", status.as_u16());
        return case.bad(CHECK, seen, Fault::RedirectUri);
    }
    let seen = format!("cannot tell: status {} and no redirect, to a request that forbids a page", status.as_u16());
    case.warn(CHECK, seen, Fault::RedirectUri);
    case.note("sign in by a browser: the provider's page says whether client or redirect URI are wrong");
}

/// Where `url` is, without what it carries.
fn place(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    long(url.as_str())
}

fn is_at(url: &Url, redirect_uri: &str) -> bool {
    let mut place = url.clone();
    place.set_query(None);
    place.set_fragment(None);
    place.as_str() == redirect_uri
}

/// The provider has sent us back: client and redirect URI are known. Is there anything else that it does not like?
fn back(to: &Url, attempt: &Attempt<'_>, case: &mut Case<'_>) {
    let known = format!("the provider sends {} back to {}", plain(attempt.client), attempt.redirect_uri());
    case.good(CHECK, long(&known));
    let said = |name: &str| to.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    let Some(error) = said("error") else { return };
    let description = said("error_description").unwrap_or_default();
    let seen = format!("the provider refuses the sign-in: {} {}", plain(&error), long(&description));
    let seen = seen.trim_end();
    if let Some(fault) = required_feature(&error, &description) {
        return report(case, fault, &format!("{} {}", plain(&error), plain(&description)));
    }
    match error.as_str() {
        error if NOBODY.contains(&error) => {}
        "invalid_scope" => case.bad("scopes", seen, Fault::ScopesRefused),
        // RFC 8707 §2; and as Auth0 says that there is no such API.
        "invalid_target" => case.bad("audience", seen, Fault::AudienceUnknown),
        _ if description.contains("Service not found") => case.bad("audience", seen, Fault::AudienceUnknown),
        // Entra's word for `resource`.
        _ if description.contains("AADSTS901002") => case.bad("audience", seen, Fault::AudienceParameter),
        "unsupported_response_type" | "unauthorized_client" => case.bad("code flow", seen, Fault::NoCodeFlow),
        _ => case.warn("sign-in", seen, Fault::ScopesRefused),
    }
}
