//! `server doctor`: what is wrong with the configuration or at the provider, in plain words and with the fix.
//!
//! | file | duty |
//! |---|---|
//! | `finding` | what the doctor finds, and what of a value from outside may be shown |
//! | `provider` | which of the known providers an issuer is |
//! | `fixes` | what to do about a fault, and where at a known provider |
//! | `case` | one issuer under examination |
//! | `discovery` | the discovery document, and whether it is this issuer's |
//! | `clock` | the provider's clock and ours |
//! | `keys` | the signing keys, and why some are not usable |
//! | `audience` | whether access tokens can have the audience at all |
//! | `sign_in` | code flow, PKCE, scopes, redirect URIs, CORS, what the provider requires of the client |
//! | `token` | one token, check by check |
//! | `print` | the report on a terminal |
//! | `command` | the command line |

mod audience;
mod case;
mod clock;
pub(crate) mod command;
mod discovery;
pub(crate) mod finding;
mod fixes;
mod keys;
mod print;
mod provider;
mod sign_in;
mod token;

use std::time::SystemTime;

use case::Case;
pub use finding::{Finding, Outcome, Report, Section};
use fixes::Facts;
pub use print::text;
pub use provider::Provider;
pub use token::{Explanation, InputError, explain, explanation, read_line};

use crate::Program;
use portcullis_server::config::{Config, ConfigError, IssuerConfig, Trust};
use portcullis_verifier::jwks::Http;

/// What cannot be asked.
const HINT: &str =
    "What stands in an access token cannot be asked: explain one with `server doctor --token -` on standard input.";

/// Whom `config` trusts, with the findings about the configuration itself; none where it cannot be read.
fn configuration(program: &Program, config: &Result<Config, ConfigError>) -> (Finding, Option<Trust>) {
    let fault = |error: &dyn std::fmt::Display| {
        let fix = "Fix this variable in the environment or in .env; README.md, Configuration, lists all of them.";
        (Finding::bad("configuration", finding::long(&error.to_string()), fix), None)
    };
    let config = match config {
        Ok(config) => config,
        Err(error) => return fault(error),
    };
    match &config.issuer {
        IssuerConfig::Given(trust) => {
            let number = trust.issuers().count();
            let seen = format!("every variable can be read; AUTH_ISSUER names {number}");
            (Finding::good("configuration", seen), Some(Trust::clone(trust)))
        }
        IssuerConfig::Development(at) => {
            let seen = format!("AUTH_ISSUER is not set: the development provider at http://{}", at.addr);
            (Finding::good("configuration", seen), program.dev_provider.map(|provider| provider.trust_at(at.addr)))
        }
    }
}

/// Reads `config`, asks every provider, and tells what was found.
pub async fn examine(program: &Program, config: Result<Config, ConfigError>) -> Report {
    let mut report = Report::default();
    let (finding, trust) = configuration(program, &config);
    report.add("Configuration", vec![finding]);
    let (Ok(config), Some(trust)) = (config, trust) else { return report };
    let http = match Http::new() {
        Ok(http) => http,
        Err(error) => {
            let fix = "See that this machine's certificates can be read.";
            report.add("This machine", vec![Finding::bad("TLS", finding::long(&error.to_string()), fix)]);
            return report;
        }
    };
    let (origin, develops) = (origin(&config), matches!(config.issuer, IssuerConfig::Development(_)));
    let facts = Facts {
        client: trust.client_id.clone().unwrap_or_default(),
        origin: origin.clone().unwrap_or_default(),
        ..Facts::default()
    };
    for (place, trusted) in trust.issuers().enumerate() {
        let provider = if develops { Provider::Development } else { Provider::of(&trusted.issuer) };
        let mut case = Case::new(trusted, provider, facts.clone());
        let signs_in = place == 0 && trust.client_id.is_some();
        let http = trusted.http(&http);
        let needed = discovery::Needed { for_keys: trusted.jwks_uri.is_none(), for_sign_in: signs_in };
        let seen = discovery::check(&http, &mut case, needed).await;
        if let Some(seen) = &seen {
            clock::check(&mut case, &seen.headers, SystemTime::now(), trust.leeway);
        }
        let document = seen.map(|seen| seen.document);
        keys::check(&http, &mut case, &trust.algorithms, document.as_ref()).await;
        audience::check(&mut case, &trust, signs_in);
        match document {
            Some(document) if place == 0 => {
                let site = origin.as_deref().map(|origin| sign_in::Site { origin, program });
                sign_in::check(&http, &mut case, &trust, &document, site).await;
            }
            None if signs_in => {
                case.findings.push(Finding::skipped("sign-in", "nobody can sign in without discovery"));
            }
            _ => {}
        }
        report.add(format!("{} ({})", trusted.issuer, case.provider.name()), case.findings);
    }
    report.hint = Some(HINT);
    report
}

/// The origin of the site as browsers name it, as far as the configuration says.
fn origin(config: &Config) -> Option<String> {
    let own = config.site_addr.ip().is_loopback() && config.site_addr.port() != 0;
    config.site_url.clone().or_else(|| own.then(|| format!("http://{}", config.site_addr)))
}
