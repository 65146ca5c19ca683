//! Checks whether people can sign in: by the discovery document, and by requests like those of a browser.

mod ask;
mod client;
mod cors;
mod logout;

use http::{HeaderMap, HeaderValue, header};
use portcullis_server::config::AuthConfig;
use portcullis_verifier::jwks::Http;
use serde_json::Value;
use url::Url;

use super::case::Case;
use super::finding::{Finding, list};
use super::fixes::Problem;
use super::provider::ProviderKind;
use crate::Program;

/// The verifier and the challenge of RFC 7636 appendix B. No code is exchanged with them.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A sign-in that the doctor tries.
struct Attempt<'a> {
    http: &'a Http,
    auth: &'a AuthConfig,
    client: &'a str,
    site: Site<'a>,
    document: &'a Value,
}

/// The site on which people sign in.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    /// The origin by which browsers reach it.
    pub origin: &'a str,
    /// The app that it serves.
    pub program: &'a Program,
}

impl Site<'_> {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl Attempt<'_> {
    fn redirect_uri(&self) -> String {
        self.site.url(self.site.program.callback_path)
    }

    /// Returns an endpoint of the document, at the address by which this machine reaches it.
    fn endpoint(&self, name: &str) -> Option<Url> {
        let public = Url::parse(self.document.get(name)?.as_str()?).ok()?;
        Some(
            self.auth
                .issuer
                .backchannel
                .as_ref()
                .map_or_else(|| public.clone(), |internal| internal.to_internal(&public)),
        )
    }

    /// Returns the headers of a request from a page of the site.
    fn site_headers(&self) -> HeaderMap {
        let origin = HeaderValue::from_str(self.site.origin).map(|origin| (header::ORIGIN, origin));
        origin.into_iter().chain([(header::ACCEPT, HeaderValue::from_static("application/json"))]).collect()
    }
}

/// Checks everything that a sign-in needs, on `site` if its origin is known.
pub(super) async fn check(
    http: &Http,
    case: &mut Case<'_>,
    auth: &AuthConfig,
    document: &Value,
    site: Option<Site<'_>>,
) {
    let Some(client) = auth.client_id.as_deref() else {
        return case.good(
            "sign-in",
            "AUTH_CLIENT_ID is not set: nobody signs in here, and the server only checks tokens from elsewhere",
        );
    };
    code_flow(case, document);
    pkce(case, document);
    scopes(case, auth, document);
    client::pushed_requests(case, document);
    let Some(site) = site else {
        let seen =
            "SITE_URL is not set, and browsers cannot use LEPTOS_SITE_ADDR: CORS and redirect URI were not checked";
        let fix = "Set SITE_URL to the origin by which browsers reach the site, such as https://app.example";
        return case.findings.push(Finding::warning("sign-in", seen, fix));
    };
    let attempt = Attempt { http, auth, client, site, document };
    ask::check(&attempt, case).await;
    cors::check(&attempt, case).await;
    logout::check(&attempt, case).await;
}

/// Returns the texts of a list in the document, if there is one.
fn texts<'a>(document: &'a Value, name: &str) -> Option<Vec<&'a str>> {
    Some(document.get(name)?.as_array()?.iter().filter_map(Value::as_str).collect())
}

fn code_flow(case: &mut Case<'_>, document: &Value) {
    let check = "code flow";
    match texts(document, "response_types_supported") {
        Some(types) if types.contains(&"code") => case.good(check, "the provider supports response_type code"),
        Some(types) => {
            case.bad(check, format!("the provider does not support code, only {}", list(types)), Problem::NoCodeFlow);
        }
        None => case.warn(check, "the provider does not say which response types it supports", Problem::NoCodeFlow),
    }
}

fn pkce(case: &mut Case<'_>, document: &Value) {
    match texts(document, "code_challenge_methods_supported") {
        Some(methods) if methods.contains(&"S256") => case.good("PKCE", "the provider supports S256"),
        Some(methods) => {
            case.bad("PKCE", format!("the provider does not support S256, only {}", list(methods)), Problem::NoPkce)
        }
        // By RFC 8414 §2 this means no support, but Entra supports it and does not say so.
        None if case.provider == ProviderKind::Entra => case.good("PKCE", "Entra supports S256, but does not say so"),
        None => case.warn("PKCE", "the provider does not say whether it supports S256", Problem::NoPkce),
    }
}

fn scopes(case: &mut Case<'_>, auth: &AuthConfig, document: &Value) {
    let Some(offered) = texts(document, "scopes_supported") else {
        case.facts.scopes = list(auth.scopes.iter().map(String::as_str));
        return case.warn(
            "scopes",
            "the provider does not list its scopes, so this is unknown",
            Problem::ScopesNotListed,
        );
    };
    let asked = auth.scopes.iter().map(String::as_str);
    let missing: Vec<&str> = asked.filter(|scope| !offered.contains(scope)).collect();
    if missing.is_empty() {
        return case.good("scopes", "the provider lists every scope of AUTH_SCOPES");
    }
    case.facts.scopes = list(missing);
    let seen = format!("AUTH_SCOPES has some that the provider does not list: {}", case.facts.scopes);
    case.warn("scopes", seen, Problem::ScopesNotListed);
}
