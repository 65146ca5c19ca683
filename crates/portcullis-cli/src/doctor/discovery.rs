//! Fetches the discovery document, and checks that it belongs to the issuer (OpenID Connect Discovery §4.3).

use http::HeaderMap;
use portcullis_verifier::jwks::{Document, FetchError, Http, members};
use portcullis_verifier::metadata::ProviderMetadata;
use serde_json::{Map, Value};
use url::Url;

use super::case::Case;
use super::finding::long;
use super::fixes::Problem;
use super::provider::ProviderKind;

const CHECK: &str = "discovery";

/// The response with the discovery document.
pub(super) struct Fetched {
    /// The discovery document, which may be of another issuer.
    pub document: Value,
    /// The headers of the response.
    pub headers: HeaderMap,
}

/// What the discovery document is needed for.
#[derive(Clone, Copy)]
pub(super) struct Needed {
    /// Without it, no token can be checked.
    pub for_keys: bool,
    /// Without it, nobody can sign in.
    pub for_sign_in: bool,
}

impl Needed {
    fn is_any(self) -> bool {
        self.for_keys || self.for_sign_in
    }
}

/// Fetches the discovery document. Problems are warnings if nothing is `needed` of it.
pub(super) async fn check(http: &Http, case: &mut Case<'_>, needed: Needed) -> Option<Fetched> {
    let issuer = case.trusted.issuer.clone();
    let address = case.trusted.document().ok()?;
    let document = match http.get(&address).await {
        Ok(document) => document,
        Err(error) => {
            let asked =
                matches!(error, FetchError::Unsafe { .. } | FetchError::Transport { .. } | FetchError::Tls { .. });
            let problem = if asked { Problem::Unreachable } else { Problem::NoDocument };
            missing(http, case, needed, problem, &error).await;
            return None;
        }
    };
    let Some((mut members, found)) = read(&document) else {
        let error = document.unfit("not a discovery document: expected JSON with an issuer");
        missing(http, case, needed, Problem::NoDocument, &error).await;
        return None;
    };
    let backchannel = case.trusted.backchannel.clone();
    if let Some(Err(reason)) = backchannel.as_ref().map(|backchannel| backchannel.rewrite(&mut members)) {
        report(case, needed, long(&document.unfit(reason).to_string()), Problem::Endpoints);
        return None;
    }
    let metadata = ProviderMetadata::of(&members, &found, backchannel.as_deref());
    let value = Value::Object(members);
    case.provider = case.provider.or_from_document(&value);
    endpoints(case, needed, &metadata, long(address.as_str()));
    if found == *issuer {
        case.good("issuer", format!("the provider has exactly the same issuer: {}", long(&found)));
    } else {
        case.facts.found = long(&found);
        let seen = format!("AUTH_ISSUER is {:?}, but the issuer of the provider is {:?}", long(&issuer), long(&found));
        report_as(case, "issuer", needed, seen, difference(&issuer, &found));
    }
    Some(Fetched { document: value, headers: document.headers })
}

/// Reports the endpoints that are missing or cannot be used, by the rules of the server itself.
fn endpoints(case: &mut Case<'_>, needed: Needed, metadata: &ProviderMetadata, address: String) {
    let mut lacking = Vec::new();
    if needed.for_keys && metadata.jwks_uri.is_none() {
        lacking.push("jwks_uri");
    }
    if needed.for_sign_in {
        lacking.extend(metadata.missing_sign_in_endpoints());
    }
    if lacking.is_empty() {
        case.good(CHECK, format!("{address} responds"));
    } else {
        let reasons: Vec<String> = lacking.iter().map(|name| metadata.why_missing(name)).collect();
        report(case, needed, long(&format!("{address}: {}", reasons.join("; "))), Problem::Endpoints);
    }
    for (name, _) in metadata.left_out.iter().filter(|(name, _)| !lacking.contains(name)) {
        case.warn("endpoints", long(&metadata.why_missing(name)), Problem::Endpoints);
    }
}

/// Returns the members of the document and its issuer, if it is a discovery document.
fn read(document: &Document) -> Option<(Map<String, Value>, String)> {
    let members = members(&document.body).ok()?;
    let issuer = members.get("issuer")?.as_str()?.to_owned();
    Some((members, issuer))
}

/// Returns in what the `found` issuer differs from the `configured` one.
fn difference(configured: &str, found: &str) -> Problem {
    let without_slash = |issuer: &str| issuer.trim_end_matches('/').to_owned();
    let without_scheme = |issuer: &str| issuer.split_once("://").map_or_else(String::new, |(_, rest)| rest.to_owned());
    match () {
        () if found.contains('{') => Problem::IssuerTemplate,
        () if without_slash(configured) == without_slash(found) => Problem::IssuerSlash,
        () if configured.eq_ignore_ascii_case(found) => Problem::IssuerCase,
        () if without_scheme(configured) == without_scheme(found) => Problem::IssuerScheme,
        () => Problem::IssuerOther,
    }
}

fn report(case: &mut Case<'_>, needed: Needed, seen: String, problem: Problem) {
    report_as(case, CHECK, needed, seen, problem);
}

fn report_as(case: &mut Case<'_>, check: &'static str, needed: Needed, seen: String, problem: Problem) {
    if needed.is_any() {
        case.bad(check, seen, problem);
    } else {
        case.warn(check, seen, problem);
        case.note("the document is not needed: the keys come from AUTH_URI, and nobody signs in with this issuer");
    }
}

/// Reports that there is no document, why, and other addresses that have one.
async fn missing(http: &Http, case: &mut Case<'_>, needed: Needed, problem: Problem, error: &FetchError) {
    report(case, needed, long(&error.to_string()), problem);
    if let Some(cause) = describe(error) {
        case.note(cause);
    }
    if problem == Problem::NoDocument {
        for (at, issuer) in elsewhere(http, &case.trusted.issuer, case.provider).await {
            case.note(format!("there is a document at {at}: did you mean AUTH_ISSUER={issuer}"));
        }
    }
}

/// Returns the cause of an error in plain words.
fn describe(error: &FetchError) -> Option<&'static str> {
    match error {
        FetchError::Transport { error, .. } if error.is_timeout() => Some("no complete response within 5 seconds"),
        FetchError::Tls { .. } => Some(
            "install CA certificates on this machine (the package ca-certificates), or set SSL_CERT_FILE to a file with them",
        ),
        FetchError::Transport { .. } => describe_transport(&error.to_string()),
        _ => None,
    }
}

/// Returns the innermost `cause` of a transport error in plain words, if it is known.
fn describe_transport(cause: &str) -> Option<&'static str> {
    let cause = cause.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| cause.contains(word));
    match () {
        () if says(&["lookup", "dns", "resolve"]) => Some("the name server of this machine does not know the host"),
        () if says(&["corrupt message"]) => Some("TLS failed: the other side does not use TLS; perhaps it uses http"),
        () if says(&["certificate", "tls", "handshake"]) => {
            Some("TLS failed: the certificate is not trusted on this machine, has expired, or is for another host")
        }
        () if says(&["refused"]) => Some("nothing listens at this host and port"),
        () => None,
    }
}

/// Tries other addresses at which providers have their documents. Returns those that have one, with its issuer.
async fn elsewhere(http: &Http, issuer: &str, provider: ProviderKind) -> Vec<(String, String)> {
    let Ok(base) = Url::parse(issuer) else { return Vec::new() };
    let path = base.path().trim_end_matches('/').to_owned();
    let mut paths = vec![
        // RFC 8414 §3.1: the well-known part comes before the path.
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
        "/.well-known/openid-configuration".to_owned(),
    ];
    let openid = |path: String| format!("{path}/.well-known/openid-configuration");
    match (provider, path.strip_prefix("/auth/")) {
        (ProviderKind::Keycloak, Some(rest)) => paths.push(openid(format!("/{rest}"))),
        (ProviderKind::Keycloak, None) => paths.push(openid(format!("/auth{path}"))),
        (ProviderKind::Entra, _) => paths.push(openid(format!("{path}/v2.0"))),
        (ProviderKind::Okta, _) => paths.push(openid("/oauth2/default".to_owned())),
        _ => {}
    }
    let mut found = Vec::new();
    for path in paths {
        let mut at = base.clone();
        at.set_path(&path);
        let Ok(document) = http.get(&at).await else { continue };
        let Some((_, issuer)) = read(&document) else { continue };
        let one = (long(at.as_str()), long(&issuer));
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describe_transport_names_known_causes() {
        for (cause, words) in [
            ("failed to lookup address information: Name or service not known", "name server"),
            ("invalid peer certificate: UnknownIssuer", "the certificate is not trusted on this machine"),
            ("invalid peer certificate: certificate expired", "has expired"),
            ("received corrupt message of type InvalidContentType", "does not use TLS"),
            ("Connection refused (os error 111)", "nothing listens"),
        ] {
            assert!(describe_transport(cause).is_some_and(|said| said.contains(words)), "{cause}");
        }
        assert_eq!(describe_transport("Connection reset by peer (os error 104)"), None);
    }

    #[test]
    fn difference_of_two_issuers_is_named() {
        for (configured, found, problem) in [
            ("https://i.example", "https://i.example/", Problem::IssuerSlash),
            ("https://i.example/", "https://i.example", Problem::IssuerSlash),
            ("https://i.example/realms/Main", "https://i.example/realms/main", Problem::IssuerCase),
            ("https://i.example/a", "http://i.example/a", Problem::IssuerScheme),
            ("https://i.example/common/v2.0", "https://i.example/{tenantid}/v2.0", Problem::IssuerTemplate),
            ("https://i.example/", "https://other.example/", Problem::IssuerOther),
            ("https://i.example", "", Problem::IssuerOther),
        ] {
            assert_eq!(difference(configured, found), problem, "{configured} and {found}");
        }
    }
}
