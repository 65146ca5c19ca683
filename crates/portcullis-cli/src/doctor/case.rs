//! One issuer under examination: who it is, what is known of it, and what was found so far.

use portcullis_server::config::TrustedIssuer;

use super::finding::Finding;
use super::fixes::{Facts, Fault};
use super::provider::Provider;

/// One issuer under examination.
pub(super) struct Case<'a> {
    /// The issuer as it is configured.
    pub trusted: &'a TrustedIssuer,
    /// Who it is, as far as that is known by now.
    pub provider: Provider,
    /// What a fix may name.
    pub facts: Facts,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl<'a> Case<'a> {
    /// A case of which nothing is known but the configuration.
    pub fn new(trusted: &'a TrustedIssuer, provider: Provider, facts: Facts) -> Self {
        let facts =
            Facts { issuer: trusted.issuer.to_string(), audience: trusted.audiences.expected().to_string(), ..facts };
        Self { trusted, provider, facts, findings: Vec::new() }
    }

    /// The fix of `fault` here.
    pub fn fix(&self, fault: Fault) -> String {
        fault.fix(self.provider, &self.facts)
    }

    /// Notes that `check` came out well.
    pub fn good(&mut self, check: &'static str, seen: impl Into<String>) {
        self.findings.push(Finding::good(check, seen));
    }

    /// Notes what may be `fault`.
    pub fn warn(&mut self, check: &'static str, seen: impl Into<String>, fault: Fault) {
        self.findings.push(Finding::warning(check, seen, self.fix(fault)));
    }

    /// Notes `fault`.
    pub fn bad(&mut self, check: &'static str, seen: impl Into<String>, fault: Fault) {
        self.findings.push(Finding::bad(check, seen, self.fix(fault)));
    }

    /// Adds a line to what was noted last.
    pub fn note(&mut self, note: impl Into<String>) {
        if let Some(finding) = self.findings.last_mut() {
            finding.notes.push(note.into());
        }
    }
}
