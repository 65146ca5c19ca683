//! Is the discovery document to be had, and is it this issuer's (OpenID Connect Discovery §4.3)?

use http::HeaderMap;
use portcullis_verifier::jwks::{Document, FetchError, Http, members};
use portcullis_verifier::metadata::ProviderMetadata;
use serde_json::{Map, Value};
use url::Url;

use super::case::Case;
use super::finding::long;
use super::fixes::Fault;
use super::provider::Provider;

const CHECK: &str = "discovery";

/// What was read of the provider.
pub(super) struct Seen {
    /// The discovery document, whoever's it is.
    pub document: Value,
    /// The headers that it came with.
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
    fn at_all(self) -> bool {
        self.for_keys || self.for_sign_in
    }
}

/// Reads the discovery document, as far as it is `needed`.
pub(super) async fn check(http: &Http, case: &mut Case<'_>, needed: Needed) -> Option<Seen> {
    let issuer = case.trusted.issuer.clone();
    let address = case.trusted.document().ok()?;
    let document = match http.get(&address).await {
        Ok(document) => document,
        Err(error) => {
            let asked =
                matches!(error, FetchError::Unsafe { .. } | FetchError::Transport { .. } | FetchError::Tls { .. });
            let fault = if asked { Fault::Unreachable } else { Fault::NoDocument };
            missing(http, case, needed, fault, &error).await;
            return None;
        }
    };
    let Some((mut members, found)) = read(&document) else {
        let error = document.unfit("not a discovery document: it is no JSON with an issuer");
        missing(http, case, needed, Fault::NoDocument, &error).await;
        return None;
    };
    let backchannel = case.trusted.backchannel.clone();
    if let Some(Err(reason)) = backchannel.as_ref().map(|backchannel| backchannel.rewrite(&mut members)) {
        report(case, needed, long(&document.unfit(reason).to_string()), Fault::Endpoints);
        return None;
    }
    let metadata = ProviderMetadata::of(&members, &found, backchannel.as_deref());
    let value = Value::Object(members);
    case.provider = case.provider.or_by(&value);
    endpoints(case, needed, &metadata, long(address.as_str()));
    if found == *issuer {
        case.good("issuer", format!("the provider says the same, to the byte: {}", long(&found)));
    } else {
        case.facts.found = long(&found);
        let seen = format!("AUTH_ISSUER is {:?}, but the provider says {:?}", long(&issuer), long(&found));
        report_as(case, "issuer", needed, seen, difference(&issuer, &found));
    }
    Some(Seen { document: value, headers: document.headers })
}

/// Tells what of the document cannot be used, by the rules of the server itself.
fn endpoints(case: &mut Case<'_>, needed: Needed, metadata: &ProviderMetadata, address: String) {
    let mut lacking = Vec::new();
    if needed.for_keys && metadata.jwks_uri.is_none() {
        lacking.push("jwks_uri");
    }
    if needed.for_sign_in {
        lacking.extend(metadata.missing_sign_in_endpoints());
    }
    if lacking.is_empty() {
        case.good(CHECK, format!("{address} answers"));
    } else {
        let reasons: Vec<String> = lacking.iter().map(|name| metadata.why_missing(name)).collect();
        report(case, needed, long(&format!("{address}: {}", reasons.join("; "))), Fault::Endpoints);
    }
    for (name, _) in metadata.left_out.iter().filter(|(name, _)| !lacking.contains(name)) {
        case.warn("endpoints", long(&metadata.why_missing(name)), Fault::Endpoints);
    }
}

/// The members of the document and its issuer, if it is one.
fn read(document: &Document) -> Option<(Map<String, Value>, String)> {
    let members = members(&document.body).ok()?;
    let issuer = members.get("issuer")?.as_str()?.to_owned();
    Some((members, issuer))
}

/// In what an issuer differs from the configured one.
fn difference(configured: &str, found: &str) -> Fault {
    let without_slash = |issuer: &str| issuer.trim_end_matches('/').to_owned();
    let without_scheme = |issuer: &str| issuer.split_once("://").map_or_else(String::new, |(_, rest)| rest.to_owned());
    match () {
        () if found.contains('{') => Fault::IssuerTemplate,
        () if without_slash(configured) == without_slash(found) => Fault::IssuerSlash,
        () if configured.eq_ignore_ascii_case(found) => Fault::IssuerCase,
        () if without_scheme(configured) == without_scheme(found) => Fault::IssuerScheme,
        () => Fault::IssuerOther,
    }
}

fn report(case: &mut Case<'_>, needed: Needed, seen: String, fault: Fault) {
    report_as(case, CHECK, needed, seen, fault);
}

fn report_as(case: &mut Case<'_>, check: &'static str, needed: Needed, seen: String, fault: Fault) {
    if needed.at_all() {
        case.bad(check, seen, fault);
    } else {
        case.warn(check, seen, fault);
        case.note("nothing depends on it: the keys come from AUTH_URI, and nobody signs in with this issuer");
    }
}

/// Notes that there is no document, in words, and where there is one.
async fn missing(http: &Http, case: &mut Case<'_>, needed: Needed, fault: Fault, error: &FetchError) {
    report(case, needed, long(&error.to_string()), fault);
    if let Some(words) = in_words(error) {
        case.note(words);
    }
    if fault == Fault::NoDocument {
        for (at, issuer) in elsewhere(http, &case.trusted.issuer, case.provider).await {
            case.note(format!("there is a document at {at}: perhaps you mean AUTH_ISSUER={issuer}"));
        }
    }
}

/// What an error of the network is in plain words.
fn in_words(error: &FetchError) -> Option<&'static str> {
    match error {
        FetchError::Transport { error, .. } if error.is_timeout() => Some("no whole answer came within 5 seconds"),
        FetchError::Tls { .. } => Some(
            "install CA certificates here (the package ca-certificates), or name a file with them in SSL_CERT_FILE",
        ),
        FetchError::Transport { .. } => plainly(&error.to_string()),
        _ => None,
    }
}

/// What the innermost cause of an error says, where it says it less plainly.
fn plainly(cause: &str) -> Option<&'static str> {
    let cause = cause.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| cause.contains(word));
    match () {
        () if says(&["lookup", "dns", "resolve"]) => Some("the host's name is not known to this machine's name server"),
        () if says(&["corrupt message"]) => Some("TLS failed: what answers there speaks something else, such as http"),
        () if says(&["certificate", "tls", "handshake"]) => {
            Some("TLS failed: the certificate is not trusted here, has expired, or is for another host")
        }
        () if says(&["refused"]) => Some("nothing listens at that host and port"),
        () => None,
    }
}

/// Other addresses at which providers have their documents; those that have one, with the issuer that it names.
async fn elsewhere(http: &Http, issuer: &str, provider: Provider) -> Vec<(String, String)> {
    let Ok(base) = Url::parse(issuer) else { return Vec::new() };
    let path = base.path().trim_end_matches('/').to_owned();
    let mut paths = vec![
        // RFC 8414 §3.1: the well-known part stands before the path.
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
        "/.well-known/openid-configuration".to_owned(),
    ];
    let openid = |path: String| format!("{path}/.well-known/openid-configuration");
    match (provider, path.strip_prefix("/auth/")) {
        (Provider::Keycloak, Some(rest)) => paths.push(openid(format!("/{rest}"))),
        (Provider::Keycloak, None) => paths.push(openid(format!("/auth{path}"))),
        (Provider::Entra, _) => paths.push(openid(format!("{path}/v2.0"))),
        (Provider::Okta, _) => paths.push(openid("/oauth2/default".to_owned())),
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
    fn the_networks_errors_are_put_plainly() {
        for (cause, words) in [
            ("failed to lookup address information: Name or service not known", "name server"),
            ("invalid peer certificate: UnknownIssuer", "the certificate is not trusted here"),
            ("invalid peer certificate: certificate expired", "has expired"),
            ("received corrupt message of type InvalidContentType", "speaks something else"),
            ("Connection refused (os error 111)", "nothing listens"),
        ] {
            assert!(plainly(cause).is_some_and(|said| said.contains(words)), "{cause}");
        }
        assert_eq!(plainly("Connection reset by peer (os error 104)"), None);
    }

    #[test]
    fn it_is_said_in_what_two_issuers_differ() {
        for (configured, found, fault) in [
            ("https://i.example", "https://i.example/", Fault::IssuerSlash),
            ("https://i.example/", "https://i.example", Fault::IssuerSlash),
            ("https://i.example/realms/Main", "https://i.example/realms/main", Fault::IssuerCase),
            ("https://i.example/a", "http://i.example/a", Fault::IssuerScheme),
            ("https://i.example/common/v2.0", "https://i.example/{tenantid}/v2.0", Fault::IssuerTemplate),
            ("https://i.example/", "https://other.example/", Fault::IssuerOther),
            ("https://i.example", "", Fault::IssuerOther),
        ] {
            assert_eq!(difference(configured, found), fault, "{configured} and {found}");
        }
    }
}
