//! May a page of the site read what the provider answers (Fetch, "CORS protocol")? And what does it want of the client? The token endpoint is sent a code that is wrong on purpose: many providers answer any preflight, and only
//! the answer to a real request shows whose origin is allowed.

use http::{HeaderMap, HeaderValue, Method, header};
use portcullis::sign_in::AudienceParameter;
use portcullis_verifier::jwks::HttpResponse;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::{Attempt, VERIFIER, client};
use crate::doctor::case::Case;
use crate::doctor::finding::{Finding, long, plain};
use crate::doctor::fixes::Fault;

/// Checks both endpoints that pages of the site ask.
pub(super) async fn check(attempt: &Attempt<'_>, case: &mut Case<'_>) {
    match attempt.endpoint("token_endpoint") {
        Some(address) => token(attempt, &address, case).await,
        None => case.findings.push(Finding::skipped("CORS, token", "the provider names no token endpoint")),
    }
    match attempt.endpoint("userinfo_endpoint") {
        Some(address) => userinfo(attempt, &address, case).await,
        None => case.good("CORS, userinfo", "there is no userinfo endpoint; the profile shows the ID token's claims"),
    }
}

async fn token(attempt: &Attempt<'_>, address: &Url, case: &mut Case<'_>) {
    let check = "CORS, token";
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs([
        ("grant_type", "authorization_code"),
        ("client_id", attempt.client),
        ("code", "doctor"),
        ("redirect_uri", &attempt.redirect_uri()),
        ("code_verifier", VERIFIER),
    ]);
    if attempt.trust.audience_parameter == AudienceParameter::Resource {
        form.append_pair("resource", attempt.trust.issuer.audience());
    }
    let mut headers = attempt.headers_of_the_site();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let answer = match attempt.http.request(Method::POST, address, headers, form.finish().into_bytes()).await {
        Ok(answer) => answer,
        Err(error) => return case.bad(check, long(&error.to_string()), Fault::Unreachable),
    };
    if allows(&answer.headers, attempt.origin) {
        case.good(check, format!("pages of {} may read its answers", attempt.origin));
    } else if answer.status.is_server_error() || answer.status == http::StatusCode::TOO_MANY_REQUESTS {
        case.warn(check, format!("cannot tell: status {}", answer.status.as_u16()), Fault::Cors);
    } else {
        let seen = format!("pages of {} may not read its answers ({})", attempt.origin, named(&answer.headers));
        case.bad(check, seen, Fault::Cors);
    }
    public(&answer, attempt, case);
}

/// What is said of the wrong code, and by it of the client (RFC 6749 §5.2).
fn public(answer: &HttpResponse, attempt: &Attempt<'_>, case: &mut Case<'_>) {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let client_type = client::check_client_type(case, text("error"), text("error_description"));
    client::authentication(case, attempt.document, &client_type);
}

async fn userinfo(attempt: &Attempt<'_>, address: &Url, case: &mut Case<'_>) {
    let check = "CORS, userinfo";
    let mut headers = attempt.headers_of_the_site();
    headers.insert(header::ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("GET"));
    headers.insert(header::ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue::from_static("authorization"));
    let answer = match attempt.http.request(Method::OPTIONS, address, headers, Vec::new()).await {
        Ok(answer) => answer,
        // The profile is then shown by the ID token.
        Err(error) => return case.warn(check, long(&error.to_string()), Fault::Unreachable),
    };
    let headers = answer.headers.get_all(header::ACCESS_CONTROL_ALLOW_HEADERS).iter();
    let mut words = headers.filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(','));
    // A star does not stand for this one.
    let lets_authorization = words.any(|word| word.trim().eq_ignore_ascii_case("authorization"));
    if answer.status.is_success() && lets_authorization && allows(&answer.headers, attempt.origin) {
        return case.good(check, format!("pages of {} may ask it with a token", attempt.origin));
    }
    let (status, named) = (answer.status.as_u16(), named(&answer.headers));
    let seen = format!("pages of {} may not ask it with a token (status {status}, {named})", attempt.origin);
    case.warn(check, seen, Fault::Cors);
    case.note("signing in works without it: the profile then shows what the ID token says");
}

fn allows(headers: &HeaderMap, origin: &str) -> bool {
    let mut allowed = headers.get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN).iter();
    match (allowed.next(), allowed.next()) {
        // Browsers take one alone.
        (Some(one), None) => one == origin || one == "*",
        _ => false,
    }
}

/// Which origin the answer allows, in words.
fn named(headers: &HeaderMap) -> String {
    match headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        None => "no Access-Control-Allow-Origin".into(),
        Some(origin) => format!("Access-Control-Allow-Origin: {}", plain(&String::from_utf8_lossy(origin.as_bytes()))),
    }
}
