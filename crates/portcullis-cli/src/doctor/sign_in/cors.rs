//! Checks whether pages of the site may read the provider's responses (Fetch, "CORS protocol"), and what it requires of the
//! client. Sends a wrong code to the token endpoint: many providers accept any preflight, and only the response to a real
//! request shows whether the origin is allowed.

use http::{HeaderMap, HeaderValue, Method, header};
use portcullis::sign_in::AudienceParameter;
use portcullis_verifier::jwks::HttpResponse;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::{Attempt, VERIFIER, client};
use crate::doctor::case::Case;
use crate::doctor::finding::{Finding, long, plain};
use crate::doctor::fixes::Problem;

/// Checks both endpoints to which pages of the site send requests.
pub(super) async fn check(attempt: &Attempt<'_>, case: &mut Case<'_>) {
    match attempt.endpoint("token_endpoint") {
        Some(address) => token(attempt, &address, case).await,
        None => case.findings.push(Finding::skipped("CORS, token", "the provider has no token endpoint")),
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
    if attempt.auth.audience_parameter == AudienceParameter::Resource {
        form.append_pair("resource", attempt.auth.issuer.audience());
    }
    let mut headers = attempt.site_headers();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let answer = match attempt.http.request(Method::POST, address, headers, form.finish().into_bytes()).await {
        Ok(answer) => answer,
        Err(error) => return case.bad(check, long(&error.to_string()), Problem::Unreachable),
    };
    if allows(&answer.headers, attempt.site.origin) {
        case.good(check, format!("pages of {} may read its responses", attempt.site.origin));
    } else if answer.status.is_server_error() || answer.status == http::StatusCode::TOO_MANY_REQUESTS {
        case.warn(check, format!("unknown: status {}", answer.status.as_u16()), Problem::Cors);
    } else {
        let seen = format!(
            "pages of {} may not read its responses ({})",
            attempt.site.origin,
            allowed_origin(&answer.headers)
        );
        case.bad(check, seen, Problem::Cors);
    }
    client_type(&answer, attempt, case);
}

/// Reads what the response to the wrong code says of the client (RFC 6749 §5.2).
fn client_type(answer: &HttpResponse, attempt: &Attempt<'_>, case: &mut Case<'_>) {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let client_type = client::check_client_type(case, text("error"), text("error_description"));
    client::authentication(case, attempt.document, &client_type);
}

async fn userinfo(attempt: &Attempt<'_>, address: &Url, case: &mut Case<'_>) {
    let check = "CORS, userinfo";
    let mut headers = attempt.site_headers();
    headers.insert(header::ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("GET"));
    headers.insert(header::ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue::from_static("authorization"));
    let answer = match attempt.http.request(Method::OPTIONS, address, headers, Vec::new()).await {
        Ok(answer) => answer,
        // The profile then shows the ID token.
        Err(error) => return case.warn(check, long(&error.to_string()), Problem::Unreachable),
    };
    let headers = answer.headers.get_all(header::ACCESS_CONTROL_ALLOW_HEADERS).iter();
    let mut words = headers.filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(','));
    // `*` does not include this header.
    let allows_authorization = words.any(|word| word.trim().eq_ignore_ascii_case("authorization"));
    if answer.status.is_success() && allows_authorization && allows(&answer.headers, attempt.site.origin) {
        return case.good(check, format!("pages of {} may send it a token", attempt.site.origin));
    }
    let (status, named) = (answer.status.as_u16(), allowed_origin(&answer.headers));
    let seen = format!("pages of {} may not send it a token (status {status}, {named})", attempt.site.origin);
    case.warn(check, seen, Problem::Cors);
    case.note("sign-in works without it: the profile then shows the claims of the ID token");
}

fn allows(headers: &HeaderMap, origin: &str) -> bool {
    let mut allowed = headers.get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN).iter();
    match (allowed.next(), allowed.next()) {
        // Browsers accept exactly one.
        (Some(one), None) => one == origin || one == "*",
        _ => false,
    }
}

/// Returns which origin the response allows, in words.
fn allowed_origin(headers: &HeaderMap) -> String {
    match headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        None => "no Access-Control-Allow-Origin".into(),
        Some(origin) => format!("Access-Control-Allow-Origin: {}", plain(&String::from_utf8_lossy(origin.as_bytes()))),
    }
}
