//! Every outcome of every group of routes.

use super::super::attack::{Family, bearer};
use super::super::routes::{self, Group};
use super::*;
use crate::test_program::REGISTRY;

fn route(group: Group) -> Route {
    routes::all(&REGISTRY).into_iter().find(|route| route.group == group).expect("a route")
}

fn attack(expect: Expectation) -> Attack {
    Attack::new(Family::Forged, "test", bearer("t")).expecting(expect)
}

fn response(status: u16, challenge: &str) -> Observed {
    let challenge = Some(challenge.to_owned()).filter(|text| !text.is_empty());
    Observed::Response { status, challenge, has_token: false, is_key_pending: false }
}

#[test]
fn judge_pending_key_is_a_rejection_of_unknown_keys() {
    let pending = Observed::Response { status: 503, challenge: None, has_token: false, is_key_pending: true };
    let of = |group, expect, got: &Observed| judge(&route(group), &attack(expect), got, Some(200)).outcome;
    for group in [Group::Rest, Group::ServerFn, Group::Undeclared] {
        assert_eq!(of(group, Expectation::UnauthorizedOrKeyPending, &pending), Outcome::Refused);
        assert_eq!(of(group, Expectation::Unauthorized, &pending), Outcome::Skipped);
        assert_eq!(of(group, Expectation::UnauthorizedOrKeyPending, &response(503, "")), Outcome::Skipped);
        assert_eq!(of(group, Expectation::UnauthorizedOrKeyPending, &response(401, INVALID)), Outcome::Refused);
        assert_eq!(of(group, Expectation::UnauthorizedOrKeyPending, &response(200, "")), Outcome::Hole);
    }
    assert_eq!(of(Group::Page, Expectation::UnauthorizedOrKeyPending, &pending), Outcome::Skipped);
}

fn outcome(group: Group, expect: Expectation, status: u16, challenge: &str) -> Outcome {
    judge(&route(group), &attack(expect), &response(status, challenge), Some(200)).outcome
}

const INVALID: &str = r#"Bearer error="invalid_token""#;
const SCOPE: &str = r#"bearer error="insufficient_scope""#;

#[test]
fn judge_response_past_the_gate_is_a_hole() {
    for group in [Group::Rest, Group::ServerFn, Group::Undeclared] {
        for status in [200, 201, 204, 302, 304, 400, 404, 405, 415, 422] {
            assert_eq!(outcome(group, Expectation::Unauthorized, status, ""), Outcome::Hole, "{group:?} {status}");
        }
        for status in [200, 404, 422] {
            assert_eq!(outcome(group, Expectation::UnauthorizedOrMalformed, status, ""), Outcome::Hole, "{status}");
            assert_eq!(outcome(group, Expectation::BadRequest, status, ""), Outcome::Hole, "{group:?} {status}");
        }
    }
    let short = Expectation::ByScopes(Scopes::default());
    for status in [200, 400, 404] {
        assert_eq!(outcome(Group::Rest, short.clone(), status, ""), Outcome::Hole, "{status}");
    }
    for status in [200, 400, 403 - 1] {
        assert_eq!(outcome(Group::Undeclared, short.clone(), status, ""), Outcome::Hole, "{status}");
    }
}

#[test]
fn judge_rejection_needs_status_and_challenge() {
    assert_eq!(outcome(Group::Rest, Expectation::Unauthorized, 401, INVALID), Outcome::Refused);
    assert_eq!(outcome(Group::Rest, Expectation::Unauthorized, 401, ""), Outcome::Finding);
    assert_eq!(outcome(Group::Rest, Expectation::Unauthorized, 401, "Basic"), Outcome::Finding);
    assert_eq!(outcome(Group::Rest, Expectation::Unauthorized, 403, SCOPE), Outcome::Finding);
    assert_eq!(outcome(Group::Rest, Expectation::UnauthorizedOrMalformed, 431, ""), Outcome::Refused);
    assert_eq!(outcome(Group::Rest, Expectation::BadRequest, 400, ""), Outcome::Refused);
    assert_eq!(outcome(Group::Rest, Expectation::BadRequest, 401, INVALID), Outcome::Finding);
}

#[test]
fn judge_scopes_follow_the_registry() {
    let (none, all) = (Scopes::default(), Scopes::parse(&REGISTRY.scopes().join(" ")));
    assert_eq!(outcome(Group::Rest, Expectation::ByScopes(none.clone()), 403, SCOPE), Outcome::Refused);
    assert_eq!(outcome(Group::Rest, Expectation::ByScopes(none.clone()), 403, INVALID), Outcome::Finding);
    assert_eq!(outcome(Group::Rest, Expectation::ByScopes(none.clone()), 401, INVALID), Outcome::Finding);
    for status in [200, 400, 404] {
        assert_eq!(outcome(Group::Rest, Expectation::ByScopes(all.clone()), status, ""), Outcome::Admitted);
    }
    assert_eq!(outcome(Group::Rest, Expectation::ByScopes(all.clone()), 403, SCOPE), Outcome::Finding);
    assert_eq!(outcome(Group::Rest, Expectation::ByScopesThenBadRequest(none.clone()), 403, SCOPE), Outcome::Refused);
    assert_eq!(outcome(Group::Rest, Expectation::ByScopesThenBadRequest(all.clone()), 400, ""), Outcome::Refused);
    assert_eq!(outcome(Group::Rest, Expectation::ByScopesThenBadRequest(all.clone()), 200, ""), Outcome::Hole);
    assert_eq!(outcome(Group::Undeclared, Expectation::ByScopes(all), 404, ""), Outcome::Refused);
    assert_eq!(outcome(Group::Undeclared, Expectation::ByScopes(none), 405, ""), Outcome::Refused);
}

#[test]
fn judge_open_route_ignores_credentials() {
    for group in [Group::Page, Group::Operational] {
        assert_eq!(outcome(group, Expectation::Unauthorized, 200, ""), Outcome::Open);
        assert_eq!(outcome(group, Expectation::Unauthorized, 401, INVALID), Outcome::Finding);
    }
}

#[test]
fn judge_open_route_with_401_is_skipped() {
    for refused in [401, 403] {
        let cell =
            judge(&route(Group::Page), &attack(Expectation::Unauthorized), &response(refused, INVALID), Some(refused));
        assert_eq!(cell.outcome, Outcome::Skipped, "{refused}");
    }
}

#[test]
fn judge_no_response_is_skipped() {
    for group in Group::ALL {
        for status in [429, 500, 502, 503] {
            assert_eq!(outcome(group, Expectation::Unauthorized, status, ""), Outcome::Skipped, "{group:?} {status}");
        }
        let cell =
            judge(&route(group), &attack(Expectation::Unauthorized), &Observed::NoResponse("no response".into()), None);
        assert_eq!((cell.outcome, cell.status), (Outcome::Skipped, None));
    }
}

#[test]
fn judge_response_with_token_is_a_finding() {
    let with_token =
        |status| Observed::Response { status, challenge: Some(INVALID.into()), has_token: true, is_key_pending: false };
    for (group, status) in [(Group::Rest, 401), (Group::Page, 200)] {
        let cell = judge(&route(group), &attack(Expectation::Unauthorized), &with_token(status), Some(200));
        assert_eq!(cell.outcome, Outcome::Finding, "{group:?}");
    }
    assert_eq!(
        judge(&route(Group::Rest), &attack(Expectation::Unauthorized), &with_token(200), None).outcome,
        Outcome::Hole
    );
}
