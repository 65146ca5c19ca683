//! One token, explained: every check of the verifier in its order, and at the end the verifier's own verdict.
//!
//! Nothing of the token is shown but its type, algorithm, key id, issuer, audience, times and scopes, and the names of
//! its claims: what it says of a person, and what could be used of it, stays where it was.

mod claims;
mod scopes;
mod times;
mod walk;

use std::io::BufRead;
use std::sync::Arc;

use portcullis::{Caller, Registry};
use portcullis_server::auth_services::AuthServices;
use portcullis_server::config::{Config, ConfigError, IssuerConfig, Trust, TrustedIssuer};
use portcullis_verifier::AuthError;
use portcullis_verifier::jwks::Http;

use super::finding::{Finding, Report};
use super::fixes::{Facts, Fault};
use super::provider::Provider;
use crate::Program;

/// The longest line that is read, in bytes: longer than any token that could be good.
const LONGEST_LINE: u64 = 64 * 1024;

/// Why there is no token to explain.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Standard input is at its end.
    #[error("there is no token on standard input: expected one line with it")]
    Empty,
    /// More than any token.
    #[error("the line on standard input is longer than {LONGEST_LINE} bytes: expected one token")]
    TooLong,
    /// No token, whatever else it is.
    #[error("the line on standard input is no text in UTF-8: expected one token")]
    NotText,
    /// It cannot be read.
    #[error("standard input cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// Reads one line with a token, with or without `Bearer` before it.
///
/// # Errors
/// When there is none, or what is there is no token by its length or its bytes.
pub fn read_line(input: impl BufRead) -> Result<String, InputError> {
    let mut line = Vec::new();
    input.take(LONGEST_LINE + 1).read_until(b'\n', &mut line)?;
    if line.len() as u64 > LONGEST_LINE {
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

/// A check, and the error by which it fails.
pub(super) struct Step {
    finding: Finding,
    error: Option<AuthError>,
}

/// What the checks have said of a token.
pub struct Explanation {
    steps: Vec<Step>,
    verdict: Result<Arc<Caller>, AuthError>,
}

impl Explanation {
    /// The first check that fails, as the explanation has it.
    #[must_use]
    pub fn first_fault(&self) -> Option<&AuthError> {
        self.steps.iter().find_map(|step| step.error.as_ref())
    }

    /// What the gate says.
    ///
    /// # Errors
    /// Why it refuses the token.
    pub fn verdict(&self) -> Result<(), &AuthError> {
        self.verdict.as_ref().map(|_| ())
    }

    fn findings(self) -> Vec<Finding> {
        let verdict = match &self.verdict {
            Ok(_) => Finding::good("verdict", "the gate takes this token; what it opens stands under scopes"),
            Err(error) => Finding::bad(
                "verdict",
                format!("the gate refuses this token: {error}"),
                "The first check above that is bad says why.",
            ),
        };
        self.steps.into_iter().map(|step| step.finding).chain([verdict]).collect()
    }
}

/// Explains `token` by `trust`, and what it allows in the app with `registry`.
///
/// # Errors
/// When the token check cannot be set up.
pub async fn explanation(
    token: &str,
    trust: &Trust,
    provider: Provider,
    registry: &Registry,
) -> Result<Explanation, portcullis_server::application::StartupError> {
    let services = AuthServices::start(trust)?;
    let verdict = services.verifier.verify(token).await;
    let mut walk = walk::Walk::new(trust, provider, registry);
    walk.all(token, &services.keys).await;
    Ok(Explanation { steps: walk.steps, verdict })
}

/// Reads `config` and explains `token`.
pub async fn explain(program: &Program, config: Result<Config, ConfigError>, token: &str) -> Report {
    let mut report = Report::default();
    let (finding, trust) = super::configuration(program, &config);
    report.add("Configuration", vec![finding]);
    let (Ok(config), Some(trust)) = (config, trust) else { return report };
    let provider = match &config.issuer {
        IssuerConfig::Development(_) => Provider::Development,
        IssuerConfig::Given(_) => provider_of(&trust.issuer).await,
    };
    let findings = match explanation(token, &trust, provider, program.registry()).await {
        Ok(explanation) => explanation.findings(),
        Err(error) => {
            let fix = Fault::Unreachable.fix(provider, &Facts::default());
            vec![Finding::bad("token", super::finding::long(&error.to_string()), fix)]
        }
    };
    report.add(format!("Token, for {} ({})", trust.issuer.issuer, provider.name()), findings);
    report
}

/// Who `trusted` is; asks for its document where its address does not say.
async fn provider_of(trusted: &TrustedIssuer) -> Provider {
    let provider = Provider::of(&trusted.issuer);
    if provider != Provider::Unknown {
        return provider;
    }
    let (Ok(http), Ok(address)) = (Http::new(), trusted.document()) else { return provider };
    match trusted.http(&http).get(&address).await {
        Ok(document) => provider.or_by(&serde_json::from_slice(&document.body).unwrap_or_default()),
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
    fn one_line_is_read_with_or_without_its_scheme() {
        for input in ["a.b.c", "a.b.c\n", " a.b.c \r\n", "Bearer a.b.c\n", "bearer   a.b.c", "a.b.c\nd.e.f\n"] {
            assert_eq!(line(input.as_bytes()).expect("a token"), "a.b.c", "{input:?}");
        }
        assert!(matches!(line(b""), Err(InputError::Empty)));
        assert!(matches!(line(b"\n"), Err(InputError::Empty)));
        assert!(matches!(line(b"\xff\n"), Err(InputError::NotText)));
    }

    #[test]
    fn a_line_without_end_is_not_read_to_its_end() {
        let endless = std::io::BufReader::new(std::io::repeat(b'x'));
        assert!(matches!(read_line(endless), Err(InputError::TooLong)));
        let most = vec![b'x'; LONGEST_LINE as usize];
        assert!(line(&most).is_ok());
    }
}
