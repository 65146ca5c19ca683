//! The corpus: every attack that can be made of what is known, in the order of reports.

use app::registry::REGISTRY;
use portcullis::Scopes;
use serde_json::{Value, json};

use super::AuditError;
use super::attack::{Attack, Expect, Family, Sends, bearer, header};
use super::forge::{hs256, message, now};
use super::forged::{self, Forger};
use super::lure::Lure;
use super::samples::{self, Kind, Sample, decoded};
use super::target::{Issuer, Known};

/// Every attack, from the `samples` and what is `known` of the target; `lure` serves the forger's key.
///
/// # Errors
/// When the system has no randomness to make keys with.
pub fn all(known: &Known, samples: &[Sample], lure: &Lure) -> Result<Vec<Attack>, AuditError> {
    let best = samples::best(samples);
    let issuers = issuers(known, best);
    let mut forgers = Vec::new();
    for issuer in issuers {
        forgers.push(Forger::new(issuer, audiences(known, best))?);
    }
    let mut attacks = vec![
        Attack::new(Family::NoToken, "no header", Sends::default()),
        Attack::new(Family::NoToken, "an empty header", header("")),
    ];
    // Without a good token these prove less, but they are sent all the same.
    let carried = match best {
        Some(best) => best.token.clone(),
        None => forgers[0].token(&json!({}))?,
    };
    let granted = best.map(|best| match &best.kind {
        Kind::Access(scopes) => scopes.clone(),
        _ => Scopes::default(),
    });
    attacks.extend(malformed_headers(&carried));
    attacks.extend(elsewhere(&carried, granted));
    if let Some(best) = best {
        attacks.extend(tampered(best, &forgers[0])?);
    }
    attacks.extend(forged::broken(&forgers[0])?);
    for (place, forger) in forgers.iter().enumerate() {
        let suffix = if place == 0 { String::new() } else { format!(" (issuer {})", place + 1) };
        attacks.extend(forged::signed(forger, &suffix, lure)?);
    }
    attacks.extend(samples.iter().map(sample));
    attacks.sort_by_key(|attack| attack.family);
    Ok(attacks)
}

/// The issuers to forge for; where the target names none, the one of the sample, or one that is made up.
fn issuers(known: &Known, best: Option<&Sample>) -> Vec<Issuer> {
    if !known.issuers.is_empty() {
        return known.issuers.clone();
    }
    let claims = best.and_then(|best| decoded(&best.token)).map(|(_, claims)| claims);
    let name = claims.and_then(|claims| Some(claims.get("iss")?.as_str()?.to_owned()));
    vec![Issuer { name: name.unwrap_or_else(|| "https://issuer.example".to_owned()), key: None }]
}

/// The audiences to forge for: those of the sample, and the target's own name.
fn audiences(known: &Known, best: Option<&Sample>) -> Vec<String> {
    let of_sample = best.and_then(|best| decoded(&best.token)).map(|(_, claims)| samples::texts(&claims, "aud"));
    of_sample.unwrap_or_default().into_iter().chain(known.resource.clone()).collect()
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
        of("bytes that are no text", [b"Bearer \xff\xfe.".as_slice(), token.as_bytes()].concat())
            .expecting(Expect::UnknownOrUnreadable),
    ]
}

/// Attacks that carry `token` by other ways; `granted` are its scopes where it is a good one.
fn elsewhere(token: &str, granted: Option<Scopes>) -> Vec<Attack> {
    let of = |name: &str, sends: Sends| Attack::new(Family::Elsewhere, name, sends);
    let parameter = Some(format!("access_token={token}"));
    let twice = Some(format!("access_token={token}&access_token={token}"));
    let value = format!("Bearer {token}").into_bytes();
    let cookie = Some(format!("access_token={token}; token={token}; Authorization=Bearer {token}"));
    let after_the_gate = granted.map_or(Expect::Unknown, Expect::ByScopesThenAmbiguous);
    vec![
        of("in the query", Sends { query: parameter.clone(), ..Sends::default() }),
        of("in a form", Sends { form: parameter.clone(), ..Sends::default() }),
        of("in a cookie", Sends { cookie, ..Sends::default() }),
        of("header twice", Sends { headers: vec![value.clone(), value.clone()], ..Sends::default() })
            .expecting(Expect::Ambiguous),
        of("query twice", Sends { query: twice, ..Sends::default() }).expecting(Expect::Ambiguous),
        of("header and query", Sends { headers: vec![value.clone()], query: parameter.clone(), ..Sends::default() })
            .expecting(Expect::Ambiguous),
        of("header and form", Sends { headers: vec![value], form: parameter, ..Sends::default() })
            .expecting(after_the_gate),
    ]
}

/// Changes to a token that was good before.
fn tampered(sample: &Sample, forger: &Forger) -> Result<Vec<Attack>, AuditError> {
    let of = |name: &str, token: &str| Attack::new(Family::Tampered, name, bearer(token));
    let (Some((head, claims)), Some((message, signature))) = (decoded(&sample.token), sample.token.rsplit_once('.'))
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
    let signed = |head: &str, claims: &str| format!("{}.{signature}", self::message(head, claims));
    let half = signature.len() / 2;
    let (left, right) = signature.split_at(half);
    // Another letter in the middle: bits of the signature itself, not such as base64 leaves unused at the end.
    let flipped =
        format!("{left}{}{}", if right.starts_with('A') { 'B' } else { 'A' }, right.get(1..).unwrap_or_default());
    let scopes = REGISTRY.scopes().join(" ");
    let mut attacks = vec![
        of("another subject", &signed(&head, &with("sub", json!("portcullis-audit")))),
        of("more scopes", &signed(&head, &with("scope", json!(format!("{scopes} portcullis:audit"))))),
        of("a later expiry", &signed(&head, &with("exp", json!(now() + 10 * 365 * 24 * 3600)))),
        of("another audience", &signed(&head, &with("aud", json!(["portcullis-audit"])))),
        of("another alg, same signature", &signed(&head_with("RS512"), &claims)),
        of("alg none, same signature", &signed(&head_with("none"), &claims)),
        of("alg none, no signature", &format!("{}.", self::message(&head_with("none"), &claims))),
        of("a letter of the signature changed", &format!("{message}.{flipped}")),
        of("the signature cut short", &format!("{message}.{left}")),
        of("the signature made longer", &format!("{message}.{signature}AAAA")),
        of("the signature padded", &format!("{message}.{signature}==")),
        of("a space in the signature", &format!("{message}.{left} {right}")),
        of("%0A in the signature", &format!("{message}.{left}%0A{right}")),
        of("a signature of zeros", &format!("{message}.{}", "A".repeat(signature.len()))),
        of("an empty signature", &format!("{message}.")),
        of("no signature at all", message),
        of("signed anew by another key", &forger.own.sign(&head, &claims)?),
    ];
    if let Some(key) = &forger.issuer.key {
        let head = head_with("HS256");
        attacks.push(of("HS256 with the public key", &hs256(&head, &claims, key.pem.as_bytes())));
    }
    Ok(attacks)
}

fn sample(sample: &Sample) -> Attack {
    let is_whole = |scopes: &Scopes| REGISTRY.scopes().iter().all(|scope| scopes.iter().any(|has| has == *scope));
    let (family, expect) = match &sample.kind {
        Kind::Access(scopes) if is_whole(scopes) => (Family::Good, Expect::ByScopes(scopes.clone())),
        Kind::Access(scopes) => (Family::Scope, Expect::ByScopes(scopes.clone())),
        _ => (Family::Sample, Expect::Unknown),
    };
    // A sample that is named after its flaw needs no other words.
    let described = match &sample.kind {
        Kind::Access(_) => sample.name.clone(),
        kind if sample.name.contains(&kind.describe()) || sample.name.contains("ID token") => sample.name.clone(),
        kind => format!("{}: {}", sample.name, kind.describe()),
    };
    Attack::new(family, described, bearer(&sample.token)).expecting(expect)
}
