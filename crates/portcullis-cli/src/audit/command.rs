//! The command `audit`: its arguments, its announcements and its output.

use std::io::{Read, Write};

use portcullis_server::config;
use portcullis_verifier::jwks::{Http, is_safe_to_fetch};
use url::Url;

use super::report::{Report, html, json, junit, table};
use super::run::Plan;
use super::samples::{self, Settings};
use super::target::Target;
use super::target_info::{Issuer, TargetInfo};
use super::{AuditError, NotTried, announcement, listing};
use crate::Program;

/// The arguments of `audit`.
#[derive(clap::Args, Debug, Default)]
pub struct Arguments {
    /// Attack the deployment at this origin: https, or http on this machine. Without it, the routes are only listed.
    #[arg(long, value_name = "URL")]
    pub against: Option<String>,
    /// A sample token of the deployment, or - to read tokens from standard input, one on each line. Repeatable.
    ///
    /// Other processes of this machine can see arguments, so prefer -. The audit tries everything if it has an access
    /// token with every scope, one without each scope, an expired one, one for another API, and an ID token. Valid
    /// tokens are also sent in queries and forms, which proxies may log: use short-lived ones. AUTH_RIGHTS_CLAIMS,
    /// AUTH_ROLE_SCOPES and AUTH_LEEWAY_SECONDS must be set as on the deployment, because they decide what a sample may
    /// do.
    #[arg(long, value_name = "TOKEN", requires = "against")]
    pub token: Vec<String>,
    /// The format of the report on standard output. The default is table.
    ///
    /// table is for the terminal, json has every cell of the matrix, junit is for build servers and has a test case for
    /// each route and attack, and html is one self-contained page with the whole matrix as a picture.
    #[arg(long, value_name = "table|json|junit|html", requires = "against")]
    pub format: Option<String>,
    /// Takes words that clap would otherwise repeat in an error, because they may be tokens.
    #[arg(hide = true)]
    pub rest: Vec<String>,
}

/// The part of standard input that is read.
const MAX_INPUT_BYTES: u64 = 1024 * 1024;

/// The format of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A table for the terminal, by families of attacks.
    #[default]
    Table,
    /// JSON: every cell of the matrix.
    Json,
    /// JUnit XML, for build servers: one test case for each route and attack.
    Junit,
    /// One self-contained page with the whole matrix as a picture.
    Html,
}

impl Format {
    /// Parses a name.
    ///
    /// # Errors
    /// [`AuditError::Arguments`] for an unknown name. The error does not contain it: it may be a misplaced token.
    fn parse(name: Option<&str>) -> Result<Self, AuditError> {
        match name {
            None | Some("table") => Ok(Self::Table),
            Some("json") => Ok(Self::Json),
            Some("junit") => Ok(Self::Junit),
            Some("html") => Ok(Self::Html),
            Some(_) => Err(AuditError::Arguments("--format: expected table, json, junit or html")),
        }
    }

    /// Returns `report` in this format.
    #[must_use]
    pub fn write(self, report: &Report) -> String {
        match self {
            Self::Table => table::write(report),
            Self::Json => json::write(report),
            Self::Junit => junit::write(report),
            Self::Html => html::write(report),
        }
    }
}

/// Runs the audit. Returns whether nothing got past the gate and nothing was skipped.
///
/// # Errors
/// [`AuditError`] if it cannot be done, or if the program serves something else than the registry declares.
pub async fn run(program: &Program, arguments: Arguments) -> Result<bool, AuditError> {
    if !arguments.rest.is_empty() {
        return Err(AuditError::Arguments("audit takes only options: write --token before a token"));
    }
    let format = Format::parse(arguments.format.as_deref())?;
    let Some(against) = &arguments.against else {
        let (table, checked) = listing::checked(program, &portcullis_server::router::served(&program.app));
        print(&table);
        checked?;
        return Ok(true);
    };
    let target = Target::parse(against)?;
    let tokens = tokens(&arguments.token, &mut std::io::stdin())?;
    let lookup = &config::environment;
    let settings = Settings { rights: config::rights(program.registry(), lookup)?, leeway: config::leeway(lookup)? };
    let mut announce = |text: &str| _ = write!(std::io::stderr(), "{text}");
    let plan = prepare(program, target, tokens, &settings, &mut announce).await?;
    let report = plan.run().await?;
    print(&format.write(&report));
    Ok(report.is_good())
}

/// Writes to standard output. A reader that is gone is not an error.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Returns the tokens of the arguments and of standard input, each with its name for reports.
fn tokens(given: &[String], input: &mut dyn Read) -> Result<Vec<(String, String)>, AuditError> {
    let mut tokens = Vec::new();
    for token in given {
        if token == "-" {
            let mut lines = String::new();
            let read = input.take(MAX_INPUT_BYTES).read_to_string(&mut lines);
            read.map_err(|error| AuditError::Tokens(error.to_string()))?;
            let before = tokens.len();
            let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
            tokens.extend(lines.map(|line| line.strip_prefix("Bearer ").unwrap_or(line).to_owned()));
            if tokens.len() == before {
                return Err(AuditError::Tokens(
                    "there is no token on standard input: expected one on each line".to_owned(),
                ));
            }
        } else {
            tokens.push(token.clone());
        }
    }
    if let Some(index) = tokens.iter().position(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
        return Err(AuditError::Tokens(format!("token {} is not a token: expected one ASCII word", index + 1)));
    }
    Ok(tokens.into_iter().enumerate().map(|(index, token)| (format!("token {}", index + 1), token)).collect())
}

/// Fetches what `target` says of itself, and plans the requests. `tokens` are classified by the `settings` of its
/// deployment. `say` announces requests before they are sent.
///
/// # Errors
/// [`AuditError`] if the requests cannot be planned.
pub async fn prepare(
    program: &Program,
    target: Target,
    mut tokens: Vec<(String, String)>,
    settings: &Settings,
    say: &mut dyn FnMut(&str),
) -> Result<Plan, AuditError> {
    say(&announcement::of_audit(program, &target));
    let http = Http::new()?;
    let mut not_tried: Vec<NotTried> = Vec::new();
    let info = TargetInfo::fetch(&target, &http, &mut not_tried).await;
    // The development provider is used for samples only on this machine.
    for issuer in info.issuers.iter().filter(|issuer| target.is_local() && is_development_provider(issuer)) {
        let Some(provider) = program.dev_provider else { break };
        if let Ok(samples) = provider.sample_tokens(&issuer.name).await {
            tokens.extend(samples);
            break;
        }
    }
    let samples = samples::read(tokens, &info, settings);
    for sample in &samples {
        say(&format!("Sample: {} ({})\n", sample.name, sample.kind.describe()));
    }
    let plan = Plan::new(program.registry(), target, &info, &samples, not_tried).await?;
    say(&announcement::of_attacks(&plan));
    Ok(plan)
}

/// Returns whether `issuer` may be one: an origin on this machine whose discovery document names this issuer.
fn is_development_provider(issuer: &Issuer) -> bool {
    let is_local_origin = |url: Url| url.scheme() == "http" && url.path() == "/" && is_safe_to_fetch(&url);
    issuer.key.is_some() && Url::parse(&issuer.name).is_ok_and(is_local_origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_from_arguments_and_standard_input() {
        let given = ["a.b.c".to_owned(), "-".to_owned()];
        let read = tokens(&given, &mut "d.e.f\n\n g.h.i \n".as_bytes()).expect("tokens");
        let names: Vec<_> = read.iter().map(|(name, token)| (name.as_str(), token.as_str())).collect();
        assert_eq!(names, [("token 1", "a.b.c"), ("token 2", "d.e.f"), ("token 3", "g.h.i")]);
    }

    #[test]
    fn standard_input_needs_one_token_on_each_line() {
        let of = |input: &str| tokens(&["-".to_owned()], &mut input.as_bytes());
        for empty in ["", "\n", "  \n\n"] {
            assert!(of(empty).expect_err("nothing").to_string().contains("no token on standard input"), "{empty:?}");
        }
        assert_eq!(of("Bearer a.b.c\n").expect("a token"), [("token 1".to_owned(), "a.b.c".to_owned())]);
        assert!(of("a.b.c d.e.f\n").is_err(), "one on each line");
    }

    #[test]
    fn format_error_does_not_contain_the_name() {
        let said = Format::parse(Some("eyJ.secret")).expect_err("no format").to_string();
        assert!(said.contains("json, junit or html") && !said.contains("eyJ"), "{said}");
    }

    #[test]
    fn token_error_does_not_contain_the_token() {
        for bad in ["Bearer a.b.c", "a.b\u{e9}.c", "a\tb"] {
            let said = tokens(&[bad.to_owned()], &mut std::io::empty()).expect_err(bad).to_string();
            assert!(said.contains("token 1") && !said.contains(bad), "{said}");
        }
    }
}
