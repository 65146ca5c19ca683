//! The corpus: all attacks that are possible with what is known of the target, in the order of reports.

use portcullis::{Registry, Scopes};
use serde_json::{Value, json};

use super::AuditError;
use super::attack::{Attack, Credentials, Expectation, Family, bearer, header};
use super::attacker_key_server::AttackerKeyServer;
use super::forged_tokens::{self, Forger};
use super::forger_key::{hs256, now, signing_input};
use super::samples::{self, Sample, SampleKind, decode};
use super::target_info::{Issuer, TargetInfo};

/// Returns all attacks on the target that `info` describes, with the tokens in `samples`. Forged tokens have every scope
/// of `registry`.
///
/// # Errors
/// [`AuditError::Randomness`] if no keys can be generated.
pub fn all(
    registry: &Registry,
    info: &TargetInfo,
    samples: &[Sample],
    key_server: &AttackerKeyServer,
) -> Result<Vec<Attack>, AuditError> {
    let scopes = registry.scopes();
    let best = samples::most_privileged(samples, &scopes);
    let issuers = issuers(info, best);
    let mut forgers = Vec::new();
    for issuer in issuers {
        forgers.push(Forger::new(issuer, audiences(info, best), scopes.join(" "))?);
    }
    let mut attacks = vec![
        Attack::new(Family::NoToken, "no header", Credentials::default()),
        Attack::new(Family::NoToken, "an empty header", header("")),
    ];
    // With a forged token these attacks prove less, but still something.
    let carried = match best {
        Some(best) => best.token.clone(),
        None => forgers[0].token(&json!({}))?,
    };
    let granted = best.map(|best| match &best.kind {
        SampleKind::Access(scopes) => scopes.clone(),
        _ => Scopes::default(),
    });
    attacks.extend(malformed_headers(&carried));
    attacks.extend(elsewhere(&carried, granted));
    if let Some(best) = best {
        attacks.extend(tampered(best, &forgers[0])?);
    }
    attacks.extend(forged_tokens::malformed(&forgers[0])?);
    for (index, forger) in forgers.iter().enumerate() {
        let suffix = if index == 0 { String::new() } else { format!(" (issuer {})", index + 1) };
        attacks.extend(forged_tokens::well_formed(forger, &suffix, key_server)?);
    }
    attacks.extend(samples.iter().map(|one| sample(one, &scopes)));
    attacks.sort_by_key(|attack| attack.family);
    Ok(attacks)
}

/// Returns the issuers whose tokens are forged: those of the target, otherwise that of the sample or an invented one.
fn issuers(info: &TargetInfo, best: Option<&Sample>) -> Vec<Issuer> {
    if !info.issuers.is_empty() {
        return info.issuers.clone();
    }
    let claims = best.and_then(|best| decode(&best.token)).map(|(_, claims)| claims);
    let name = claims.and_then(|claims| Some(claims.get("iss")?.as_str()?.to_owned()));
    vec![Issuer { name: name.unwrap_or_else(|| "https://issuer.example".to_owned()), key: None }]
}

/// Returns the audiences of forged tokens: those of the sample, and the resource identifier of the target.
fn audiences(info: &TargetInfo, best: Option<&Sample>) -> Vec<String> {
    let of_sample = best.and_then(|best| decode(&best.token)).map(|(_, claims)| samples::strings(&claims, "aud"));
    of_sample.unwrap_or_default().into_iter().chain(info.resource.clone()).collect()
}

fn malformed_headers(token: &str) -> Vec<Attack> {
    let of = |name: &str, value: Vec<u8>| Attack::new(Family::Header, name, header(value));
    vec![
        of("another scheme", format!("Basic {token}").into()),
        of("a scheme that begins alike", format!("BearerX {token}").into()),
        of("no scheme", token.into()),
        of("a scheme and no token", "Bearer".into()),
        of("three words", format!("Bearer {token} x").into()),
        of("a colon after the scheme", format!("Bearer: {token}").into()),
        of("a token in quotes", format!("Bearer \"{token}\"").into()),
        of("two tokens with a comma", format!("Bearer {token}, Bearer {token}").into()),
        of("bytes that are not text", [b"Bearer \xff\xfe.".as_slice(), token.as_bytes()].concat())
            .expecting(Expectation::UnauthorizedOrMalformed),
    ]
}

/// Returns attacks with `token` outside the header. `granted` are its scopes if it is valid.
fn elsewhere(token: &str, granted: Option<Scopes>) -> Vec<Attack> {
    let of = |name: &str, credentials: Credentials| Attack::new(Family::Elsewhere, name, credentials);
    let parameter = Some(format!("access_token={token}"));
    let twice = Some(format!("access_token={token}&access_token={token}"));
    let value = format!("Bearer {token}").into_bytes();
    let cookie = Some(format!("access_token={token}; token={token}; Authorization=Bearer {token}"));
    let behind_gate = granted.map_or(Expectation::Unauthorized, Expectation::ByScopesThenBadRequest);
    vec![
        of("in the query", Credentials { query: parameter.clone(), ..Credentials::default() }),
        of("in a form", Credentials { form: parameter.clone(), ..Credentials::default() }),
        of("in a cookie", Credentials { cookie, ..Credentials::default() }),
        of("header twice", Credentials { headers: vec![value.clone(), value.clone()], ..Credentials::default() })
            .expecting(Expectation::BadRequest),
        of("query twice", Credentials { query: twice, ..Credentials::default() }).expecting(Expectation::BadRequest),
        of(
            "header and query",
            Credentials { headers: vec![value.clone()], query: parameter.clone(), ..Credentials::default() },
        )
        .expecting(Expectation::BadRequest),
        of("header and form", Credentials { headers: vec![value], form: parameter, ..Credentials::default() })
            .expecting(behind_gate),
    ]
}

/// Returns attacks with changes to a valid token.
fn tampered(sample: &Sample, forger: &Forger) -> Result<Vec<Attack>, AuditError> {
    let of = |name: &str, token: &str| Attack::new(Family::Tampered, name, bearer(token));
    let (Some((head, claims)), Some((message, signature))) = (decode(&sample.token), sample.token.rsplit_once('.'))
    else {
        return Ok(Vec::new());
    };
    let with = |claim: &str, value: Value| {
        let mut changed = claims.clone();
        changed.insert(claim.to_owned(), value);
        Value::Object(changed).to_string()
    };
    let head_with = |algorithm: &str| {
        let mut changed = head.clone();
        changed.insert("alg".to_owned(), json!(algorithm));
        Value::Object(changed).to_string()
    };
    let (head, claims) = (Value::Object(head.clone()).to_string(), Value::Object(claims.clone()).to_string());
    let signed = |head: &str, claims: &str| format!("{}.{signature}", signing_input(head, claims));
    let half = signature.len() / 2;
    let (left, right) = signature.split_at(half);
    // In the middle, because base64url may leave bits of the last letter unused.
    let flipped =
        format!("{left}{}{}", if right.starts_with('A') { 'B' } else { 'A' }, right.get(1..).unwrap_or_default());
    let mut attacks = vec![
        of("another subject", &signed(&head, &with("sub", json!("portcullis-audit")))),
        of("more scopes", &signed(&head, &with("scope", json!(format!("{} portcullis:audit", forger.scopes))))),
        of("a later expiry", &signed(&head, &with("exp", json!(now() + 10 * 365 * 24 * 3600)))),
        of("another audience", &signed(&head, &with("aud", json!(["portcullis-audit"])))),
        of("another alg, same signature", &signed(&head_with("RS512"), &claims)),
        of("alg none, same signature", &signed(&head_with("none"), &claims)),
        of("alg none, no signature", &format!("{}.", signing_input(&head_with("none"), &claims))),
        of("a letter of the signature changed", &format!("{message}.{flipped}")),
        of("the signature cut short", &format!("{message}.{left}")),
        of("the signature made longer", &format!("{message}.{signature}AAAA")),
        of("the signature padded", &format!("{message}.{signature}==")),
        of("a space in the signature", &format!("{message}.{left} {right}")),
        of("%0A in the signature", &format!("{message}.{left}%0A{right}")),
        of("a signature of zeros", &format!("{message}.{}", "A".repeat(signature.len()))),
        of("an empty signature", &format!("{message}.")),
        of("no signature at all", message),
        of("signed again with another key", &forger.key.sign(&head, &claims)?),
    ];
    if let Some(key) = &forger.issuer.key {
        let head = head_with("HS256");
        attacks.push(of("HS256 with the public key", &hs256(&head, &claims, key.pem.as_bytes())));
    }
    Ok(attacks)
}

fn sample(sample: &Sample, all: &[&str]) -> Attack {
    let is_whole = |scopes: &Scopes| all.iter().all(|scope| scopes.iter().any(|has| has == *scope));
    let (family, expect) = match &sample.kind {
        SampleKind::Access(scopes) if is_whole(scopes) => (Family::Good, Expectation::ByScopes(scopes.clone())),
        SampleKind::Access(scopes) => (Family::Scope, Expectation::ByScopes(scopes.clone())),
        _ => (Family::Sample, Expectation::Unauthorized),
    };
    // Samples of the development provider are named after their flaw.
    let described = match &sample.kind {
        SampleKind::Access(_) => sample.name.clone(),
        kind if sample.name.contains(&kind.describe()) || sample.name.contains("ID token") => sample.name.clone(),
        kind => format!("{}: {}", sample.name, kind.describe()),
    };
    Attack::new(family, described, bearer(&sample.token)).expecting(expect)
}
