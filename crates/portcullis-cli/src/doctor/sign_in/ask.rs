//! Sends the authorization request (RFC 6749 §4.1.1) with `prompt=none`: nobody sees a page, and the redirect says
//! whether the provider knows the client and its redirect URI.

use http::{HeaderMap, Method, StatusCode, header};
use portcullis::sign_in::AudienceParameter;
use portcullis_verifier::jwks::HttpResponse;
use url::Url;

use super::client::{report, required_feature};
use super::{Attempt, CHALLENGE};
use crate::doctor::case::Case;
use crate::doctor::finding::{Finding, long, plain};
use crate::doctor::fixes::Problem;

const CHECK: &str = "redirect URI";
/// Errors which only say that nobody is signed in (OpenID Connect Core §3.1.2.6).
const NOT_SIGNED_IN: [&str; 4] =
    ["login_required", "interaction_required", "consent_required", "account_selection_required"];

/// Sends the request, and reads the response.
pub(super) async fn check(attempt: &Attempt<'_>, case: &mut Case<'_>) {
    let Some(address) = attempt.endpoint("authorization_endpoint") else {
        return case.findings.push(Finding::skipped(CHECK, "the provider has no authorization endpoint"));
    };
    match attempt.http.request(Method::GET, &request(attempt, address), HeaderMap::new(), Vec::new()).await {
        Ok(answer) => read(&answer, attempt, case),
        Err(error) => case.bad(CHECK, long(&error.to_string()), Problem::Unreachable),
    }
}

fn request(attempt: &Attempt<'_>, mut address: Url) -> Url {
    let (scopes, audience) = (attempt.auth.scopes.join(" "), attempt.auth.issuer.audience());
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
    match attempt.auth.audience_parameter {
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
            Some(to) if is_at(&to, &redirect_uri) => read_redirect(&to, attempt, case),
            Some(to) if to.path().contains("error") => {
                let seen = format!("the provider redirects to its own error page, {}", without_query(&to));
                case.bad(CHECK, seen, Problem::RedirectUri);
            }
            to => {
                let place = to.map_or_else(|| "nowhere".to_owned(), |to| without_query(&to));
                let seen = format!("unknown: the provider redirects to {place} first");
                case.warn(CHECK, seen, Problem::RedirectUri);
                case.note("sign in with a browser: the page of the provider says whether the client or the redirect URI is wrong");
            }
        };
    }
    let page = String::from_utf8_lossy(&answer.body);
    // Before the redirect URI, because a provider that rejects the client does not check it.
    if let Some(problem) = required_feature("", &page).filter(|_| status.is_client_error()) {
        return report(case, problem, &format!("status {}", status.as_u16()));
    }
    // Entra's error pages have status 200, and a code for the error.
    let known = [("AADSTS50011", "the redirect URI"), ("AADSTS700016", "the client ID")];
    if let Some((code, what)) = known.into_iter().find(|(code, _)| page.contains(code)) {
        return case.bad(CHECK, format!("the provider does not know {what} ({code})"), Problem::RedirectUri);
    }
    let busy = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
    if status.is_client_error() && !busy {
        let seen = format!("status {}: the provider does not redirect to {redirect_uri}", status.as_u16());
        return case.bad(CHECK, seen, Problem::RedirectUri);
    }
    let seen = format!("unknown: status {} and no redirect, although the request forbids a page", status.as_u16());
    case.warn(CHECK, seen, Problem::RedirectUri);
    case.note("sign in with a browser: the page of the provider says whether the client or the redirect URI is wrong");
}

/// Returns `url` for a message, without query and fragment.
fn without_query(url: &Url) -> String {
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

/// Reads a redirect to the redirect URI: the provider knows both the client and the URI, but may report another error.
fn read_redirect(to: &Url, attempt: &Attempt<'_>, case: &mut Case<'_>) {
    let known = format!("the provider redirects {} to {}", plain(attempt.client), attempt.redirect_uri());
    case.good(CHECK, long(&known));
    let said = |name: &str| to.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    let Some(error) = said("error") else { return };
    let description = said("error_description").unwrap_or_default();
    let seen = format!("the provider rejects the sign-in: {} {}", plain(&error), long(&description));
    let seen = seen.trim_end();
    if let Some(problem) = required_feature(&error, &description) {
        return report(case, problem, &format!("{} {}", plain(&error), plain(&description)));
    }
    match error.as_str() {
        error if NOT_SIGNED_IN.contains(&error) => {}
        "invalid_scope" => case.bad("scopes", seen, Problem::ScopesRefused),
        // RFC 8707 §2, and Auth0's message for an unknown API.
        "invalid_target" => case.bad("audience", seen, Problem::AudienceUnknown),
        _ if description.contains("Service not found") => case.bad("audience", seen, Problem::AudienceUnknown),
        // Entra does not support `resource`.
        _ if description.contains("AADSTS901002") => case.bad("audience", seen, Problem::AudienceParameter),
        "unsupported_response_type" | "unauthorized_client" => case.bad("code flow", seen, Problem::NoCodeFlow),
        _ => case.warn("sign-in", seen, Problem::ScopesRefused),
    }
}
