//! The command `doctor`: says what is wrong with the configuration or at the provider, and how to fix it.
//!
//! | file | duty |
//! |---|---|
//! | `finding` | the findings, and what of a foreign value is shown |
//! | `provider` | the known providers |
//! | `fixes` | what to do about a problem, and where at a known provider |
//! | `case` | one issuer that is examined |
//! | `discovery` | the discovery document, and whether it belongs to the issuer |
//! | `clock` | the provider's clock, compared with this machine's |
//! | `keys` | the signing keys, and why some of them are not usable |
//! | `audience` | whether access tokens can have the audience |
//! | `sign_in` | code flow, PKCE, scopes, redirect URIs, CORS, what the provider requires of the client |
//! | `token` | one token, check by check |
//! | `print` | the findings on a terminal |
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
pub use finding::{CheckStatus, Diagnosis, Finding, Section};
use fixes::Facts;
pub use print::text;
pub use provider::ProviderKind;
pub use token::{Explanation, InputError, explain, explanation, read_line};

use crate::Program;
use portcullis_server::config::{AuthConfig, Config, ConfigError, IssuerConfig};
use portcullis_verifier::jwks::Http;

/// Returns the finding about the configuration itself, and whom it trusts unless it cannot be read.
fn configuration(program: &Program, config: &Result<Config, ConfigError>) -> (Finding, Option<AuthConfig>) {
    let problem = |error: &dyn std::fmt::Display| {
        let fix = "Fix this variable in the environment or in .env. README.md lists all variables under Configuration.";
        (Finding::bad("configuration", finding::long(&error.to_string()), fix), None)
    };
    let config = match config {
        Ok(config) => config,
        Err(error) => return problem(error),
    };
    match &config.issuer {
        IssuerConfig::Given(auth) => {
            let number = auth.issuers().count();
            let seen = format!("all variables are valid; AUTH_ISSUER has {number}");
            (Finding::good("configuration", seen), Some(AuthConfig::clone(auth)))
        }
        IssuerConfig::Development(at) => {
            let seen = format!("AUTH_ISSUER is not set: the development provider at http://{}", at.addr);
            (Finding::good("configuration", seen), program.dev_provider.map(|provider| provider.auth_at(at.addr)))
        }
    }
}

/// Examines `config` and every provider in it.
pub async fn examine(program: &Program, config: Result<Config, ConfigError>) -> Diagnosis {
    let mut diagnosis = Diagnosis::default();
    let (finding, auth) = configuration(program, &config);
    diagnosis.add("Configuration", vec![finding]);
    let (Ok(config), Some(auth)) = (config, auth) else { return diagnosis };
    let http = match Http::new() {
        Ok(http) => http,
        Err(error) => {
            let fix = "Check that the certificates of this machine can be read.";
            diagnosis.add("This machine", vec![Finding::bad("TLS", finding::long(&error.to_string()), fix)]);
            return diagnosis;
        }
    };
    let (origin, is_development) = (origin(&config), matches!(config.issuer, IssuerConfig::Development(_)));
    let facts = Facts {
        client: auth.client_id.clone().unwrap_or_default(),
        origin: origin.clone().unwrap_or_default(),
        ..Facts::default()
    };
    for (index, trusted) in auth.issuers().enumerate() {
        let provider =
            if is_development { ProviderKind::Development } else { ProviderKind::from_issuer(&trusted.issuer) };
        let mut case = Case::new(trusted, provider, facts.clone());
        let signs_in = index == 0 && auth.client_id.is_some();
        let http = trusted.http(&http);
        let needed = discovery::Needed { for_keys: trusted.jwks_uri.is_none(), for_sign_in: signs_in };
        let seen = discovery::check(&http, &mut case, needed).await;
        if let Some(seen) = &seen {
            clock::check(&mut case, &seen.headers, SystemTime::now(), auth.leeway);
        }
        let document = seen.map(|seen| seen.document);
        keys::check(&http, &mut case, &auth.algorithms, document.as_ref()).await;
        audience::check(&mut case, &auth, signs_in);
        match document {
            Some(document) if index == 0 => {
                let site = origin.as_deref().map(|origin| sign_in::Site { origin, program });
                sign_in::check(&http, &mut case, &auth, &document, site).await;
            }
            None if signs_in => {
                case.findings.push(Finding::skipped("sign-in", "without discovery nobody can sign in"));
            }
            _ => {}
        }
        diagnosis.add(format!("{} ({})", trusted.issuer, case.provider.name()), case.findings);
    }
    diagnosis.hint = Some(format!(
        "The content of access tokens cannot be requested from a provider: explain one with `{} doctor --token -` on \
         standard input.",
        program.binary
    ));
    diagnosis
}

/// Returns the origin by which browsers reach the site, if the configuration says it.
fn origin(config: &Config) -> Option<String> {
    let is_local = config.site_addr.ip().is_loopback() && config.site_addr.port() != 0;
    config.site_url.clone().or_else(|| is_local.then(|| format!("http://{}", config.site_addr)))
}
