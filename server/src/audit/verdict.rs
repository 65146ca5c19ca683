//! The verdict on one answer: what must come back from a way, and what to call that which did. Pure.

use portcullis::Scopes;

use super::attack::{Attack, Expect};
use super::ways::{Guard, Way};

/// What came of one attack on one way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was refused, as it must be.
    Refused,
    /// It was let in, as the registry says.
    Admitted,
    /// The way is open by declaration, and answered as it does without a token.
    Open,
    /// It got through.
    Hole,
    /// It did not get through, but the answer is not what it should be.
    Finding,
    /// There was no answer to judge.
    Skipped,
}

impl Outcome {
    /// Every outcome, the worst first.
    pub const ALL: [Self; 6] = [Self::Hole, Self::Skipped, Self::Finding, Self::Refused, Self::Admitted, Self::Open];

    /// What it is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Admitted => "let in as declared",
            Self::Open => "open by declaration",
            Self::Hole => "hole",
            Self::Finding => "finding",
            Self::Skipped => "skipped",
        }
    }

    /// Its sign in pictures and tables, so that colour is not all that tells it.
    #[must_use]
    pub fn symbol(self) -> char {
        match self {
            Self::Refused => '✓',
            Self::Admitted => '→',
            Self::Open => '=',
            Self::Hole => '✗',
            Self::Finding => '!',
            Self::Skipped => '?',
        }
    }
}

/// What came back, without anything of its content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Got {
    /// No answer, and why.
    Nothing(String),
    /// An answer.
    Answer {
        /// Its status.
        status: u16,
        /// Its `WWW-Authenticate`, where it has one.
        challenge: Option<String>,
        /// Whether the token, or a part of it, stands in a header or the body.
        echoes: bool,
        /// Whether the body says that the signing key is not known.
        lacks_key: bool,
    },
}

/// One field of the matrix.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// What came of it.
    pub outcome: Outcome,
    /// The status, where there was an answer.
    pub status: Option<u16>,
    /// One line for a person.
    pub why: String,
}

/// What is expected of one attack on one way.
enum Demand {
    /// One of these.
    Refusal(&'static [u16]),
    /// Let in: anything that is not a refusal of the gate.
    Pass,
    /// 404 or 405: the gate lets the caller through, and there is nothing behind it.
    Nothing,
}

/// Judges what `way` answered to `attack`; `usual` is what it answers without a token.
#[must_use]
pub fn judge(way: &Way, attack: &Attack, got: &Got, usual: Option<u16>) -> Cell {
    let (status, challenge, echoes, lacks_key) = match got {
        Got::Nothing(why) => return Cell { outcome: Outcome::Skipped, status: None, why: why.clone() },
        Got::Answer { status, challenge, echoes, lacks_key } => (*status, challenge.as_deref(), *echoes, *lacks_key),
    };
    let cell = |outcome, why: String| Cell { outcome, status: Some(status), why };
    let is_gate = matches!(way.guard, Guard::Gate(_) | Guard::Refusal);
    if status == 503 && lacks_key && attack.expect == Expect::UnknownKey && is_gate && !echoes {
        return cell(Outcome::Refused, format!("{status}: the key is not known yet, and nothing was let in"));
    }
    if status >= 500 || status == 429 {
        return cell(Outcome::Skipped, format!("{status}: the server could not answer now"));
    }
    let (outcome, why) = match way.guard {
        Guard::Open => open(status, usual),
        Guard::Gate(_) | Guard::Refusal => guarded(&demand(way, attack), status, challenge),
    };
    if echoes && outcome != Outcome::Hole {
        return cell(Outcome::Finding, format!("{status}: the answer holds the token that was sent"));
    }
    cell(outcome, why)
}

fn open(status: u16, usual: Option<u16>) -> (Outcome, String) {
    match usual {
        // It is open by declaration, and refuses who comes without a token: whatever answers there is not what the
        // registry speaks of, or stands behind something else.
        Some(usual @ (401 | 403)) => {
            (Outcome::Skipped, format!("{usual} without a token, though the way is open: is this the server?"))
        }
        Some(usual) if usual != status => (
            Outcome::Finding,
            format!("{status}, but {usual} without a token: the way is open and should not look at it"),
        ),
        _ => (Outcome::Open, format!("{status}, as without a token")),
    }
}

fn demand(way: &Way, attack: &Attack) -> Demand {
    let by_scopes = |granted: &Scopes, behind: Demand| match way.guard {
        Guard::Gate(access) if access.missing_from(granted).is_empty() => behind,
        Guard::Gate(_) => Demand::Refusal(&[403]),
        Guard::Refusal | Guard::Open => Demand::Nothing,
    };
    match &attack.expect {
        Expect::Unknown | Expect::UnknownKey => Demand::Refusal(&[401]),
        Expect::UnknownOrUnreadable => Demand::Refusal(&[401, 400, 431]),
        Expect::Ambiguous => Demand::Refusal(&[400]),
        Expect::ByScopes(granted) => by_scopes(granted, Demand::Pass),
        Expect::ByScopesThenAmbiguous(granted) => by_scopes(granted, Demand::Refusal(&[400])),
    }
}

fn guarded(demand: &Demand, status: u16, challenge: Option<&str>) -> (Outcome, String) {
    let is_refusal = matches!(status, 401 | 403);
    match demand {
        Demand::Pass if is_refusal => (Outcome::Finding, format!("{status}, but the registry lets this token in")),
        Demand::Pass => (Outcome::Admitted, format!("{status}: past the gate, as the registry says")),
        Demand::Nothing if matches!(status, 404 | 405) => {
            (Outcome::Refused, format!("{status}: a known caller, and nothing there"))
        }
        Demand::Nothing if is_refusal => (Outcome::Finding, format!("{status}, expected 404 or 405")),
        Demand::Nothing => (Outcome::Hole, format!("{status}: something answers that nobody declared")),
        Demand::Refusal(expected) if expected.contains(&status) => challenged(status, challenge),
        // Refused all the same, by a status that is not the right one.
        Demand::Refusal(expected) if is_refusal => (Outcome::Finding, format!("{status}, expected {}", expected[0])),
        Demand::Refusal(expected) => {
            (Outcome::Hole, format!("{status}, expected {}: the gate did not stop it", expected[0]))
        }
    }
}

/// Whether a refusal says what it must (RFC 6750 §3).
fn challenged(status: u16, challenge: Option<&str>) -> (Outcome, String) {
    let starts =
        challenge.is_some_and(|text| text.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer")));
    match status {
        401 | 403 if !starts => (Outcome::Finding, format!("{status} without a Bearer challenge in WWW-Authenticate")),
        403 if !challenge.is_some_and(|text| text.contains("insufficient_scope")) => {
            (Outcome::Finding, "403 whose challenge does not say insufficient_scope".to_owned())
        }
        _ => (Outcome::Refused, format!("{status}, as it must be")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::attack::{Family, bearer};
    use super::super::ways::{self, Group};
    use super::*;

    fn way(group: Group) -> Way {
        ways::all().into_iter().find(|way| way.group == group).expect("a way")
    }

    fn attack(expect: Expect) -> Attack {
        Attack::new(Family::Forged, "test", bearer("t")).expecting(expect)
    }

    fn got(status: u16, challenge: &str) -> Got {
        let challenge = Some(challenge.to_owned()).filter(|text| !text.is_empty());
        Got::Answer { status, challenge, echoes: false, lacks_key: false }
    }

    #[test]
    fn judge_pending_key_is_a_refusal_of_unknown_keys_alone() {
        let pending = Got::Answer { status: 503, challenge: None, echoes: false, lacks_key: true };
        let of = |group, expect, got: &Got| judge(&way(group), &attack(expect), got, Some(200)).outcome;
        for group in [Group::Rest, Group::ServerFn, Group::Undeclared] {
            assert_eq!(of(group, Expect::UnknownKey, &pending), Outcome::Refused);
            assert_eq!(of(group, Expect::Unknown, &pending), Outcome::Skipped);
            assert_eq!(of(group, Expect::UnknownKey, &got(503, "")), Outcome::Skipped);
            assert_eq!(of(group, Expect::UnknownKey, &got(401, INVALID)), Outcome::Refused);
            assert_eq!(of(group, Expect::UnknownKey, &got(200, "")), Outcome::Hole);
        }
        assert_eq!(of(Group::Page, Expect::UnknownKey, &pending), Outcome::Skipped);
    }

    fn outcome(group: Group, expect: Expect, status: u16, challenge: &str) -> Outcome {
        judge(&way(group), &attack(expect), &got(status, challenge), Some(200)).outcome
    }

    const INVALID: &str = r#"Bearer error="invalid_token""#;
    const SCOPE: &str = r#"bearer error="insufficient_scope""#;

    #[test]
    fn whatever_gets_past_the_gate_is_a_hole() {
        for group in [Group::Rest, Group::ServerFn, Group::Undeclared] {
            for status in [200, 201, 204, 302, 304, 400, 404, 405, 415, 422] {
                assert_eq!(outcome(group, Expect::Unknown, status, ""), Outcome::Hole, "{group:?} {status}");
            }
            for status in [200, 404, 422] {
                assert_eq!(outcome(group, Expect::UnknownOrUnreadable, status, ""), Outcome::Hole, "{status}");
                assert_eq!(outcome(group, Expect::Ambiguous, status, ""), Outcome::Hole, "{group:?} {status}");
            }
        }
        let short = Expect::ByScopes(Scopes::default());
        for status in [200, 400, 404] {
            assert_eq!(outcome(Group::Rest, short.clone(), status, ""), Outcome::Hole, "{status}");
        }
        for status in [200, 400, 403 - 1] {
            assert_eq!(outcome(Group::Undeclared, short.clone(), status, ""), Outcome::Hole, "{status}");
        }
    }

    #[test]
    fn a_refusal_is_good_when_it_says_what_it_must() {
        assert_eq!(outcome(Group::Rest, Expect::Unknown, 401, INVALID), Outcome::Refused);
        assert_eq!(outcome(Group::Rest, Expect::Unknown, 401, ""), Outcome::Finding);
        assert_eq!(outcome(Group::Rest, Expect::Unknown, 401, "Basic"), Outcome::Finding);
        assert_eq!(outcome(Group::Rest, Expect::Unknown, 403, SCOPE), Outcome::Finding);
        assert_eq!(outcome(Group::Rest, Expect::UnknownOrUnreadable, 431, ""), Outcome::Refused);
        assert_eq!(outcome(Group::Rest, Expect::Ambiguous, 400, ""), Outcome::Refused);
        assert_eq!(outcome(Group::Rest, Expect::Ambiguous, 401, INVALID), Outcome::Finding);
    }

    #[test]
    fn scopes_are_predicted_from_the_registry() {
        let (none, all) = (Scopes::default(), Scopes::parse(&app::registry::REGISTRY.scopes().join(" ")));
        assert_eq!(outcome(Group::Rest, Expect::ByScopes(none.clone()), 403, SCOPE), Outcome::Refused);
        assert_eq!(outcome(Group::Rest, Expect::ByScopes(none.clone()), 403, INVALID), Outcome::Finding);
        assert_eq!(outcome(Group::Rest, Expect::ByScopes(none.clone()), 401, INVALID), Outcome::Finding);
        for status in [200, 400, 404] {
            assert_eq!(outcome(Group::Rest, Expect::ByScopes(all.clone()), status, ""), Outcome::Admitted);
        }
        assert_eq!(outcome(Group::Rest, Expect::ByScopes(all.clone()), 403, SCOPE), Outcome::Finding);
        assert_eq!(outcome(Group::Rest, Expect::ByScopesThenAmbiguous(none.clone()), 403, SCOPE), Outcome::Refused);
        assert_eq!(outcome(Group::Rest, Expect::ByScopesThenAmbiguous(all.clone()), 400, ""), Outcome::Refused);
        assert_eq!(outcome(Group::Rest, Expect::ByScopesThenAmbiguous(all.clone()), 200, ""), Outcome::Hole);
        assert_eq!(outcome(Group::Undeclared, Expect::ByScopes(all), 404, ""), Outcome::Refused);
        assert_eq!(outcome(Group::Undeclared, Expect::ByScopes(none), 405, ""), Outcome::Refused);
    }

    #[test]
    fn an_open_way_answers_everyone_alike() {
        for group in [Group::Page, Group::Operational] {
            assert_eq!(outcome(group, Expect::Unknown, 200, ""), Outcome::Open);
            assert_eq!(outcome(group, Expect::Unknown, 401, INVALID), Outcome::Finding);
        }
    }

    #[test]
    fn an_open_way_that_refuses_everyone_is_no_way_of_ours() {
        for refused in [401, 403] {
            let cell = judge(&way(Group::Page), &attack(Expect::Unknown), &got(refused, INVALID), Some(refused));
            assert_eq!(cell.outcome, Outcome::Skipped, "{refused}");
        }
    }

    #[test]
    fn no_answer_is_no_verdict() {
        for group in Group::ALL {
            for status in [429, 500, 502, 503] {
                assert_eq!(outcome(group, Expect::Unknown, status, ""), Outcome::Skipped, "{group:?} {status}");
            }
            let cell = judge(&way(group), &attack(Expect::Unknown), &Got::Nothing("no answer".into()), None);
            assert_eq!((cell.outcome, cell.status), (Outcome::Skipped, None));
        }
    }

    #[test]
    fn an_answer_that_holds_the_token_is_never_good() {
        let echo = |status| Got::Answer { status, challenge: Some(INVALID.into()), echoes: true, lacks_key: false };
        for (group, status) in [(Group::Rest, 401), (Group::Page, 200)] {
            let cell = judge(&way(group), &attack(Expect::Unknown), &echo(status), Some(200));
            assert_eq!(cell.outcome, Outcome::Finding, "{group:?}");
        }
        assert_eq!(judge(&way(Group::Rest), &attack(Expect::Unknown), &echo(200), None).outcome, Outcome::Hole);
    }
}
