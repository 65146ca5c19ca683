//! The audit: it tries every attack, finds planted faults, and changes nothing.

mod command;
mod coverage;
mod holes;
mod report;

use axum::response::{IntoResponse, Response};
use portcullis_cli::audit::command::prepare;
use portcullis_cli::audit::outcome::Outcome;
use portcullis_cli::audit::report::Report;
use portcullis_cli::audit::samples::Settings;
use portcullis_cli::audit::target::Target;
use portcullis_verifier::test_support::now;
use serde_json::{Value, json};

use crate::support::{OURS, claims};

fn target(url: &str) -> Target {
    Target::parse(url).expect("an origin")
}

fn named(tokens: &[String]) -> Vec<(String, String)> {
    tokens.iter().enumerate().map(|(place, token)| (format!("token {}", place + 1), token.clone())).collect()
}

/// Audits `url` with `tokens`, on the routes whose name `is_tested` picks. Returns the report and the announcements.
async fn audit(url: &str, tokens: &[String], is_tested: fn(&str) -> bool) -> (Report, String) {
    let mut said = String::new();
    let mut plan =
        prepare(&server::PROGRAM, target(url), named(tokens), &Settings::default(), &mut |words| said += words)
            .await
            .expect("a plan");
    plan.routes.retain(|route| is_tested(&route.name()));
    (plan.run().await.expect("a report"), said)
}

/// Returns the attacks on `route` with `outcome`.
fn attacks(report: &Report, route: &str, outcome: Outcome) -> Vec<String> {
    let of_route = report.with(outcome).filter(|(known, ..)| known.name() == route);
    of_route.map(|(_, attack, _)| attack.to_owned()).collect()
}

fn everything(_: &str) -> bool {
    true
}

/// Returns one token of each kind that the audit needs.
fn samples(issuer: &str) -> Vec<String> {
    let of = |change: Value| OURS.sign(&claims(issuer, change));
    let all = ["read:items", "write:items", "delete:items", "admin:items"];
    let mut samples = vec![of(json!({"scope": all.join(" ")}))];
    for without in all {
        let scopes = all.into_iter().filter(|scope| *scope != without);
        samples.push(of(json!({"scope": scopes.collect::<Vec<_>>().join(" ")})));
    }
    samples.push(of(json!({"exp": now() - 60})));
    samples.push(of(json!({"aud": "https://other.example"})));
    let head = json!({"alg": "RS256", "typ": "JWT", "kid": "ours"});
    samples.push(OURS.sign_with(&head, &claims(issuer, json!({"nonce": "n", "at_hash": "h"}))));
    samples
}

fn ok() -> Option<Response> {
    Some("every customer".into_response())
}
