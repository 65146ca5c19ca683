//! Explains one token: every check of the verifier in its order, and then the verdict of the verifier itself.
//!
//! Of the token it shows only type, algorithm, key ID, issuer, audience, times and scopes, and the names of its claims:
//! nothing about a person, and nothing that could be used.

mod checks;
mod claims;
mod scopes;
mod structure;
mod times;

use std::io::BufRead;
use std::sync::Arc;

use portcullis::{Caller, Registry};
use portcullis_server::auth_services::{AuthServices, AuthServicesError};
use portcullis_server::config::{AuthConfig, Config, ConfigError, IssuerConfig, TrustedIssuer};
use portcullis_verifier::AuthError;
use portcullis_verifier::jwks::Http;

use super::finding::{Diagnosis, Finding};
use super::fixes::{Facts, Problem};
use super::provider::ProviderKind;
use crate::Program;

/// The maximum length of the line with the token. No valid token is that long.
const MAX_LINE_BYTES: u64 = 64 * 1024;

/// Why there is no token to explain.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Standard input is empty.
    #[error("there is no token on standard input: expected one line with it")]
    Empty,
    /// The line is longer than any token.
    #[error("the line on standard input is longer than {MAX_LINE_BYTES} bytes: expected one token")]
    TooLong,
    /// The line is not UTF-8.
    #[error("the line on standard input is not UTF-8: expected one token")]
    NotText,
    /// Standard input cannot be read.
    #[error("standard input cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// Reads one line with a token, with or without `Bearer` in front of it.
///
/// # Errors
/// [`InputError`] if there is no line, or it cannot be a token.
pub fn read_line(input: impl BufRead) -> Result<String, InputError> {
    let mut line = Vec::new();
    input.take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut line)?;
    if line.len() as u64 > MAX_LINE_BYTES {
        return Err(InputError::TooLong);
    }
    let line = String::from_utf8(line).map_err(|_| InputError::NotText)?;
    let token = line.trim();
    let token = match token.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") => token.trim_start(),
        _ => token,
    };
    if token.is_empty() { Err(InputError::Empty) } else { Ok(token.to_owned()) }
}

/// A check, and the error if it failed.
pub(super) struct Step {
    finding: Finding,
    error: Option<AuthError>,
}

/// The checks of a token, and the verdict.
pub struct Explanation {
    steps: Vec<Step>,
    verdict: Result<Arc<Caller>, AuthError>,
}

impl Explanation {
    /// Returns the error of the first check that failed.
    #[must_use]
    pub fn first_error(&self) -> Option<&AuthError> {
        self.steps.iter().find_map(|step| step.error.as_ref())
    }

    /// Returns the verdict of the gate.
    ///
    /// # Errors
    /// [`AuthError`] says why the gate rejects the token.
    pub fn verdict(&self) -> Result<(), &AuthError> {
        self.verdict.as_ref().map(|_| ())
    }

    fn findings(self) -> Vec<Finding> {
        let verdict = match &self.verdict {
            Ok(_) => Finding::good("verdict", "the gate accepts this token; scopes lists what it gives access to"),
            Err(error) => Finding::bad(
                "verdict",
                format!("the gate rejects this token: {error}"),
                "The first bad check above says why.",
            ),
        };
        self.steps.into_iter().map(|step| step.finding).chain([verdict]).collect()
    }
}

/// Explains `token` by `trust`, and what it allows in the app with `registry`.
///
/// # Errors
/// [`AuthServicesError`] if the token check cannot be set up.
pub async fn explanation(
    token: &str,
    auth: &AuthConfig,
    provider: ProviderKind,
    registry: &Registry,
) -> Result<Explanation, AuthServicesError> {
    let services = AuthServices::start(auth)?;
    let verdict = services.verifier.verify(token).await;
    let mut checks = checks::TokenChecks::new(auth, provider, registry);
    checks.run(token, &services.keys).await;
    Ok(Explanation { steps: checks.steps, verdict })
}

/// Explains `token` by `config`.
pub async fn explain(program: &Program, config: Result<Config, ConfigError>, token: &str) -> Diagnosis {
    let mut diagnosis = Diagnosis::default();
    let (finding, auth) = super::configuration(program, &config);
    diagnosis.add("Configuration", vec![finding]);
    let (Ok(config), Some(auth)) = (config, auth) else { return diagnosis };
    let provider = match &config.issuer {
        IssuerConfig::Development(_) => ProviderKind::Development,
        IssuerConfig::Given(_) => provider_of(&auth.issuer).await,
    };
    let findings = match explanation(token, &auth, provider, program.registry()).await {
        Ok(explanation) => explanation.findings(),
        Err(error) => {
            let fix = Problem::Unreachable.fix(provider, &Facts::default());
            vec![Finding::bad("token", super::finding::long(&error.to_string()), fix)]
        }
    };
    diagnosis.add(format!("Token, for {} ({})", auth.issuer.issuer, provider.name()), findings);
    diagnosis
}

/// Returns the kind of provider. Fetches the discovery document if the issuer does not show it.
async fn provider_of(trusted: &TrustedIssuer) -> ProviderKind {
    let provider = ProviderKind::from_issuer(&trusted.issuer);
    if provider != ProviderKind::Unknown {
        return provider;
    }
    let (Ok(http), Ok(address)) = (Http::new(), trusted.document()) else { return provider };
    match trusted.http(&http).get(&address).await {
        Ok(document) => provider.or_from_document(&serde_json::from_slice(&document.body).unwrap_or_default()),
        Err(_) => provider,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(input: &[u8]) -> Result<String, InputError> {
        read_line(input)
    }

    #[test]
    fn read_line_accepts_a_token_with_or_without_scheme() {
        for input in ["a.b.c", "a.b.c\n", " a.b.c \r\n", "Bearer a.b.c\n", "bearer   a.b.c", "a.b.c\nd.e.f\n"] {
            assert_eq!(line(input.as_bytes()).expect("a token"), "a.b.c", "{input:?}");
        }
        assert!(matches!(line(b""), Err(InputError::Empty)));
        assert!(matches!(line(b"\n"), Err(InputError::Empty)));
        assert!(matches!(line(b"\xff\n"), Err(InputError::NotText)));
    }

    #[test]
    fn read_line_rejects_an_endless_line() {
        let endless = std::io::BufReader::new(std::io::repeat(b'x'));
        assert!(matches!(read_line(endless), Err(InputError::TooLong)));
        let most = vec![b'x'; MAX_LINE_BYTES as usize];
        assert!(line(&most).is_ok());
    }
}
