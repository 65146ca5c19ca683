//! The verdict on one response: what a route must respond to an attack, compared with what it did respond. Pure.

use portcullis::Scopes;

use super::attack::{Attack, Expectation};
use super::outcome::Outcome;
use super::routes::{Guard, Route};

/// What was observed, without the content of the response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observed {
    /// No response, and why.
    NoResponse(String),
    /// A response.
    Response {
        /// The status.
        status: u16,
        /// The `WWW-Authenticate` header, if any.
        challenge: Option<String>,
        /// Whether a header or the body contains the token or a part of it.
        has_token: bool,
        /// Whether the body says that the signing key is not known yet.
        is_key_pending: bool,
    },
}

/// One cell of the matrix.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// The outcome.
    pub outcome: Outcome,
    /// The status, if there was a response.
    pub status: Option<u16>,
    /// The reason, in one line.
    pub why: String,
}

/// The response that one route must give to one attack.
enum Required {
    /// One of these statuses.
    Rejection(&'static [u16]),
    /// Any response except a rejection by the gate.
    Access,
    /// 404 or 405: the gate accepts the caller, and there is no handler.
    NotFound,
}

/// Judges what was `observed` of an `attack` on `route`. `baseline` is the status of the same route without a token.
#[must_use]
pub fn judge(route: &Route, attack: &Attack, observed: &Observed, baseline: Option<u16>) -> Cell {
    let (status, challenge, has_token, is_key_pending) = match observed {
        Observed::NoResponse(why) => return Cell { outcome: Outcome::Skipped, status: None, why: why.clone() },
        Observed::Response { status, challenge, has_token, is_key_pending } => {
            (*status, challenge.as_deref(), *has_token, *is_key_pending)
        }
    };
    let cell = |outcome, why: String| Cell { outcome, status: Some(status), why };
    let is_protected = matches!(route.guard, Guard::Gate(_) | Guard::Refusal);
    if status == 503
        && is_key_pending
        && attack.expectation == Expectation::UnauthorizedOrKeyPending
        && is_protected
        && !has_token
    {
        return cell(Outcome::Refused, format!("{status}: the key is not known yet, and access was refused"));
    }
    if status >= 500 || status == 429 {
        return cell(Outcome::Skipped, format!("{status}: the server could not respond properly"));
    }
    let (outcome, why) = match route.guard {
        Guard::Open => judge_open(status, baseline),
        Guard::Gate(_) | Guard::Refusal => judge_protected(&required(route, attack), status, challenge),
    };
    if has_token && outcome != Outcome::Hole {
        return cell(Outcome::Finding, format!("{status}: the response contains the token that was sent"));
    }
    cell(outcome, why)
}

fn judge_open(status: u16, baseline: Option<u16>) -> (Outcome, String) {
    match baseline {
        // The route is open by declaration, and yet requests without a token are rejected. So something else than this
        // server responds, or another check is in front of it.
        Some(baseline @ (401 | 403)) => (
            Outcome::Skipped,
            format!("{baseline} without a token, although the route is open: is this the right server?"),
        ),
        Some(baseline) if baseline != status => {
            (Outcome::Finding, format!("{status}, but {baseline} without a token: an open route must ignore tokens"))
        }
        _ => (Outcome::Open, format!("{status}, the same as without a token")),
    }
}

fn required(route: &Route, attack: &Attack) -> Required {
    let by_scopes = |granted: &Scopes, behind: Required| match route.guard {
        Guard::Gate(access) if access.missing_from(granted).is_empty() => behind,
        Guard::Gate(_) => Required::Rejection(&[403]),
        Guard::Refusal | Guard::Open => Required::NotFound,
    };
    match &attack.expectation {
        Expectation::Unauthorized | Expectation::UnauthorizedOrKeyPending => Required::Rejection(&[401]),
        Expectation::UnauthorizedOrMalformed => Required::Rejection(&[401, 400, 431]),
        Expectation::BadRequest => Required::Rejection(&[400]),
        Expectation::ByScopes(granted) => by_scopes(granted, Required::Access),
        Expectation::ByScopesThenBadRequest(granted) => by_scopes(granted, Required::Rejection(&[400])),
    }
}

fn judge_protected(required: &Required, status: u16, challenge: Option<&str>) -> (Outcome, String) {
    let is_rejection = matches!(status, 401 | 403);
    match required {
        Required::Access if is_rejection => (Outcome::Finding, format!("{status}, but the registry allows this token")),
        Required::Access => (Outcome::Admitted, format!("{status}: accepted, as the registry says")),
        Required::NotFound if matches!(status, 404 | 405) => {
            (Outcome::Refused, format!("{status}: the caller is known, and the route does not exist"))
        }
        Required::NotFound if is_rejection => (Outcome::Finding, format!("{status}, expected 404 or 405")),
        Required::NotFound => (Outcome::Hole, format!("{status}: an undeclared route responds")),
        Required::Rejection(expected) if expected.contains(&status) => judge_challenge(status, challenge),
        // Rejected, but with the wrong status.
        Required::Rejection(expected) if is_rejection => {
            (Outcome::Finding, format!("{status}, expected {}", expected[0]))
        }
        Required::Rejection(expected) => {
            (Outcome::Hole, format!("{status}, expected {}: it got past the gate", expected[0]))
        }
    }
}

/// Judges whether a rejection has the right challenge (RFC 6750 §3).
fn judge_challenge(status: u16, challenge: Option<&str>) -> (Outcome, String) {
    let is_bearer =
        challenge.is_some_and(|text| text.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer")));
    match status {
        401 | 403 if !is_bearer => {
            (Outcome::Finding, format!("{status} without a Bearer challenge in WWW-Authenticate"))
        }
        403 if !challenge.is_some_and(|text| text.contains("insufficient_scope")) => {
            (Outcome::Finding, "403 without insufficient_scope in its challenge".to_owned())
        }
        _ => (Outcome::Refused, format!("{status}, as expected")),
    }
}

#[cfg(test)]
mod tests;
