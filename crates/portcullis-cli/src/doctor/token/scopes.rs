//! What an accepted token allows: whether it names a user, and what its scopes give access to by the registry.

use portcullis::{Access, Registry, Scopes, Surface};
use portcullis_verifier::claims::Claims;
use portcullis_verifier::json::Object;
use portcullis_verifier::rights::find_claim;

use super::Step;
use super::checks::TokenChecks;
use crate::doctor::finding::{Finding, list};
use crate::doctor::fixes::Problem;

impl TokenChecks<'_> {
    /// Checks whether the token names a user. The gate accepts it without one, but then it cannot create anything.
    pub(super) fn subject(&mut self, payload: &Object<'_>) {
        let is_named = Claims(payload).subject().is_some_and(|subject| !subject.trim().is_empty());
        let finding = if is_named {
            Finding::good("subject", "sub names a user")
        } else {
            let seen = "sub is missing or empty: the token names no user, so it cannot create anything";
            Finding::warning("subject", seen, Problem::NoSubject.fix(self.provider, &self.facts))
        };
        self.steps.push(Step { finding, error: None });
    }

    /// Lists what the scopes give access to. A token without scopes is valid: the gate responds with 403 and not with 401.
    pub(super) fn scopes(&mut self, payload: &Object<'_>) {
        let rights = &self.auth.rights;
        let granted: Scopes = rights.scopes(payload).into_iter().collect();
        let seen = format!("it grants {}", list(granted.iter()));
        let is_allowed = |access: &Access| *access != Access::Public && access.missing_from(&granted).is_empty();
        let allowed = routes(self.registry).filter(|(_, access)| is_allowed(access)).map(|(name, _)| name);
        let denied = routes(self.registry).filter(|(_, access)| !access.missing_from(&granted).is_empty());
        let all = self.registry.scopes();
        let missing: Vec<&str> = all.iter().copied().filter(|one| !granted.iter().any(|has| has == *one)).collect();
        let finding = if missing.len() == all.len() {
            Finding::warning(
                "scopes",
                format!("{seen}: none of this app"),
                Problem::NoScopes.fix(self.provider, &self.facts),
            )
        } else {
            Finding::good("scopes", seen)
        };
        let mut finding = finding.note(format!("allows: {}", joined(allowed)));
        // Permissions and roles count only if AUTH_RIGHTS_CLAIMS names their claim.
        let unread = ["permissions", "roles", "groups", "realm_access.roles"]
            .into_iter()
            .filter(|claim| !rights.claims().iter().any(|read| read == claim) && find_claim(payload, claim).is_some());
        for claim in unread {
            finding = finding.note(format!("its claim {claim} gives no rights unless AUTH_RIGHTS_CLAIMS names it"));
        }
        for (name, access) in denied {
            finding = finding.note(format!("does not allow {name}: lacks {}", joined(access.missing_from(&granted))));
        }
        if !missing.is_empty() {
            finding = finding.note(format!("of the scopes of this app it lacks {}", missing.join(" ")));
        }
        self.steps.push(Step { finding, error: None });
    }
}

/// Returns every endpoint and page, with the access that it requires.
fn routes(registry: &Registry) -> impl Iterator<Item = (String, Access)> + use<> {
    let endpoints = registry.endpoints().map(|one| {
        let what = if one.surface == Surface::Rest { "" } else { "server function " };
        (format!("{what}{} {}", one.method.as_str(), one.path), one.right.access)
    });
    endpoints.chain(registry.pages().map(|page| (format!("page {}", page.path), page.access)))
}

fn joined(words: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
    if words.is_empty() { "nothing".into() } else { words.join(", ") }
}
