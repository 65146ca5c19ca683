//! One issuer that the doctor examines: what is known of it, and the findings so far.

use portcullis_server::config::TrustedIssuer;

use super::finding::Finding;
use super::fixes::{Facts, Problem};
use super::provider::ProviderKind;

/// One issuer that the doctor examines.
pub(super) struct Case<'a> {
    /// The issuer as it is configured.
    pub trusted: &'a TrustedIssuer,
    /// The kind of provider, as far as it is known by now.
    pub provider: ProviderKind,
    /// What a fix can name.
    pub facts: Facts,
    /// The findings so far.
    pub findings: Vec<Finding>,
}

impl<'a> Case<'a> {
    /// Creates a case of which only the configuration is known.
    pub fn new(trusted: &'a TrustedIssuer, provider: ProviderKind, facts: Facts) -> Self {
        let facts =
            Facts { issuer: trusted.issuer.to_string(), audience: trusted.audiences.expected().to_string(), ..facts };
        Self { trusted, provider, facts, findings: Vec::new() }
    }

    /// Returns the fix for `problem` at this issuer.
    pub fn fix(&self, problem: Problem) -> String {
        problem.fix(self.provider, &self.facts)
    }

    /// Adds the finding that `check` passed.
    pub fn good(&mut self, check: &'static str, seen: impl Into<String>) {
        self.findings.push(Finding::good(check, seen));
    }

    /// Adds the finding that `problem` is possible.
    pub fn warn(&mut self, check: &'static str, seen: impl Into<String>, problem: Problem) {
        self.findings.push(Finding::warning(check, seen, self.fix(problem)));
    }

    /// Adds the finding of `problem`.
    pub fn bad(&mut self, check: &'static str, seen: impl Into<String>, problem: Problem) {
        self.findings.push(Finding::bad(check, seen, self.fix(problem)));
    }

    /// Adds a line to the last finding.
    pub fn note(&mut self, note: impl Into<String>) {
        if let Some(finding) = self.findings.last_mut() {
            finding.notes.push(note.into());
        }
    }
}
