//! What a token is good for once the gate takes it: whether it names a user, and what its scopes open by the registry.

use app::registry::REGISTRY;
use portcullis::{Access, Scopes, Surface};
use portcullis_verifier::claims::Claims;
use portcullis_verifier::json::Object;
use portcullis_verifier::rights::find_claim;

use super::Step;
use super::walk::Walk;
use crate::doctor::finding::{Finding, list};
use crate::doctor::fixes::Fault;

impl Walk<'_> {
    /// Says whether the token names a user. Without one the gate takes it, and creating anything is refused.
    pub(super) fn subject(&mut self, payload: &Object<'_>) {
        let is_named = Claims(payload).subject().is_some_and(|subject| !subject.trim().is_empty());
        let finding = if is_named {
            Finding::good("subject", "sub names a user")
        } else {
            let seen = "sub is missing or empty: the token names no user, so nothing can be created in its name";
            Finding::warning("subject", seen, Fault::NoSubject.fix(self.provider, &self.facts))
        };
        self.steps.push(Step { finding, error: None });
    }

    /// Tells what the scopes open. None is no fault of the token: the gate answers 403 and not 401.
    pub(super) fn scopes(&mut self, payload: &Object<'_>) {
        let rights = &self.trust.rights;
        let granted: Scopes = rights.scopes(payload).into_iter().collect();
        let seen = format!("it grants {}", list(granted.iter()));
        let is_open = |access: &Access| *access != Access::Public && access.missing_from(&granted).is_empty();
        let opens = ways().filter(|(_, access)| is_open(access)).map(|(name, _)| name);
        let closed = ways().filter(|(_, access)| !access.missing_from(&granted).is_empty());
        let missing: Vec<&str> =
            REGISTRY.scopes().into_iter().filter(|one| !granted.iter().any(|has| has == *one)).collect();
        let finding = if missing.len() == REGISTRY.scopes().len() {
            Finding::warning(
                "scopes",
                format!("{seen}: none of this site's"),
                Fault::NoScopes.fix(self.provider, &self.facts),
            )
        } else {
            Finding::good("scopes", seen)
        };
        let mut finding = finding.note(format!("opens: {}", joined(opens)));
        // What a provider calls permissions or roles counts only where it is set.
        let unread = ["permissions", "roles", "groups", "realm_access.roles"]
            .into_iter()
            .filter(|claim| !rights.claims().iter().any(|read| read == claim) && find_claim(payload, claim).is_some());
        for claim in unread {
            finding = finding.note(format!("its claim {claim} carries no rights unless AUTH_RIGHTS_CLAIMS names it"));
        }
        for (name, access) in closed {
            finding = finding.note(format!("does not open {name}: lacks {}", joined(access.missing_from(&granted))));
        }
        if !missing.is_empty() {
            finding = finding.note(format!("of this site's scopes it lacks {}", missing.join(" ")));
        }
        self.steps.push(Step { finding, error: None });
    }
}

/// Every endpoint and page, with what it takes.
fn ways() -> impl Iterator<Item = (String, Access)> {
    let endpoints = REGISTRY.endpoints().map(|one| {
        let what = if one.surface == Surface::Rest { "" } else { "server function " };
        (format!("{what}{} {}", one.method.as_str(), one.path), one.right.access)
    });
    endpoints.chain(REGISTRY.pages().map(|page| (format!("page {}", page.path), page.access)))
}

fn joined(words: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
    if words.is_empty() { "nothing".into() } else { words.join(", ") }
}
