//! `server doctor` with a provider that has exactly one mistake.

mod client;
mod command;
mod discovery;
mod provider;
mod registration;
mod token;

use portcullis_cli::doctor::{CheckStatus, Diagnosis, Finding};
use portcullis_server::config::{AuthConfig, Config, IssuerConfig};
use portcullis_verifier::test_support::AUDIENCE;
use serde_json::{Value, json};

use crate::support::Issuer;

/// The origin of the site in these tests. Nothing listens there, and no request is sent to it.
const ORIGIN: &str = "http://127.0.0.1:3999";

/// Returns the configuration for `variables`, with defaults for the others.
pub fn config(variables: &[(&str, &str)]) -> Result<Config, portcullis_server::config::ConfigError> {
    let defaults = [("LEPTOS_SITE_ADDR", "127.0.0.1:3999"), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_CLIENT_ID", "web")];
    Config::read(server::PROGRAM.build(), &|name| {
        let mut all = variables.iter().chain(&defaults);
        Ok(all.find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    })
}

/// Returns the authentication settings for `variables`.
pub fn auth(variables: &[(&str, &str)]) -> AuthConfig {
    match config(variables) {
        Ok(Config { issuer: IssuerConfig::Given(auth), .. }) => *auth,
        other => panic!("{other:?}"),
    }
}

/// Returns the findings for `variables`.
async fn examined(variables: &[(&str, &str)]) -> Diagnosis {
    portcullis_cli::doctor::examine(&server::PROGRAM, config(variables)).await
}

/// Returns the findings for `issuer`.
async fn at(issuer: &Issuer) -> Diagnosis {
    examined(&[("AUTH_ISSUER", issuer.url())]).await
}

/// Returns the first finding of `check`.
fn finding<'r>(report: &'r Diagnosis, check: &str) -> &'r Finding {
    report.findings().find(|one| one.check == check).unwrap_or_else(|| panic!("{check}: {}", text(report)))
}

fn text(report: &Diagnosis) -> String {
    portcullis_cli::doctor::text(report, false)
}

/// Asserts that `check` has `status`, and that its text contains all of `words`.
fn says(report: &Diagnosis, check: &str, status: CheckStatus, words: &[&str]) {
    let one = finding(report, check);
    let said = format!("{}\n{}\n{}", one.seen, one.notes.join("\n"), one.fix.as_deref().unwrap_or_default());
    assert_eq!(one.status, status, "{check}: {said}");
    for word in words {
        assert!(said.contains(word), "{check} says nothing of {word:?}: {said}");
    }
}

/// Returns members of a discovery document that cause no finding.
fn whole(issuer: &Issuer) -> Value {
    json!({
        "userinfo_endpoint": format!("{}/userinfo", issuer.url()),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": [
            "openid", "profile", "email", "read:items", "write:items", "delete:items", "admin:items",
        ],
    })
}
