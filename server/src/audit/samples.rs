//! Samples: tokens that the user gives, read without a check of their signature, to know what must become of them.

use app::registry::REGISTRY;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::{Scope, Scopes};
use portcullis_verifier::claims::{Claims, DEFAULT_LEEWAY};
use portcullis_verifier::json::Object;
use portcullis_verifier::rights::Rights;
use serde_json::{Map, Value};

use super::NotTried;
use super::target::Known;
use crate::doctor::finding::long;

/// What the deployment's own settings say of its tokens.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `AUTH_RIGHTS_CLAIMS` and `AUTH_ROLE_SCOPES`: which claims carry rights.
    pub rights: Rights,
    /// `AUTH_LEEWAY_SECONDS`.
    pub leeway: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { rights: Rights::default(), leeway: DEFAULT_LEEWAY }
    }
}

/// A token with what it seems to be.
#[derive(Clone)]
pub struct Sample {
    /// What reports call it; nothing of the token.
    pub name: String,
    /// The token. It is never shown.
    pub(super) token: String,
    /// What it seems to be.
    pub kind: Kind,
}

/// What a sample seems to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An access token that grants these scopes, good as far as can be seen.
    Access(Scopes),
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It tells the client who signed in (RFC 9068 §5).
    IdToken,
    /// Of an issuer that the target does not name.
    OtherIssuer,
    /// For another audience than the first access token of its issuer.
    OtherAudience,
    /// No JWT that can be read.
    Opaque,
}

impl Kind {
    /// The kind in words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Access(scopes) if scopes.iter().next().is_none() => "an access token without scopes".to_owned(),
            Self::Access(scopes) => format!("an access token with {}", long(&scopes.to_string())),
            Self::Expired => "expired".to_owned(),
            Self::NotYetValid => "not yet valid".to_owned(),
            Self::IdToken => "an ID token".to_owned(),
            Self::OtherIssuer => "of an issuer that the server does not name".to_owned(),
            Self::OtherAudience => "for another audience".to_owned(),
            Self::Opaque => "not a JWT".to_owned(),
        }
    }
}

/// Header and claims of a token, without a check of anything.
pub(super) fn decoded(token: &str) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let mut object = || serde_json::from_slice(&parts.next()??).ok();
    Some((object()?, object()?))
}

/// The texts of `claim`, which is one or a list of them.
pub(super) fn texts(claims: &Map<String, Value>, claim: &str) -> Vec<String> {
    let all =
        claims.get(claim).map_or(&[][..], |value| value.as_array().map_or(std::slice::from_ref(value), |list| list));
    all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Reads `tokens`, each with its name, in the light of what is `known` of the target and of its `settings`.
#[must_use]
pub fn read(tokens: Vec<(String, String)>, known: &Known, settings: &Settings) -> Vec<Sample> {
    let now = super::forge::now() as f64;
    let mut audiences: Vec<(String, Vec<String>)> = Vec::new();
    let mut samples = Vec::new();
    for (name, token) in tokens {
        let kind = kind(&token, known, settings, &mut audiences, now);
        samples.push(Sample { name, token, kind });
    }
    samples
}

/// What `token` seems to be; `audiences` are those of the first access token of each issuer.
fn kind(token: &str, known: &Known, settings: &Settings, audiences: &mut Vec<(String, Vec<String>)>, now: f64) -> Kind {
    let Some((header, payload)) = decoded(token) else { return Kind::Opaque };
    let text = Value::Object(payload.clone()).to_string();
    let Some(members) = Object::read(text.as_bytes()) else { return Kind::Opaque };
    let claims = Claims(&members);
    let typ = header.get("typ").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    if !typ.ends_with("at+jwt") && claims.is_id_token(None) {
        return Kind::IdToken;
    }
    let time = |name| claims.time(name).ok().flatten();
    if time("exp").is_some_and(|expires| expires + settings.leeway <= now) {
        return Kind::Expired;
    }
    if time("nbf").is_some_and(|starts| starts > now + settings.leeway) {
        return Kind::NotYetValid;
    }
    let issuer = payload.get("iss").and_then(Value::as_str).unwrap_or_default();
    if !known.issuers.is_empty() && !known.issuers.iter().any(|one| one.name == issuer) {
        return Kind::OtherIssuer;
    }
    let mine = texts(&payload, "aud");
    match audiences.iter().find(|(of, _)| of == issuer) {
        Some((_, first)) if !mine.iter().any(|one| first.contains(one)) => return Kind::OtherAudience,
        Some(_) => {}
        None => audiences.push((issuer.to_owned(), mine)),
    }
    Kind::Access(settings.rights.scopes(&members).into_iter().collect())
}

/// The sample that tampering starts from: the access token that grants the most of the registry's scopes.
#[must_use]
pub fn best(samples: &[Sample]) -> Option<&Sample> {
    let granted = |sample: &&Sample| match &sample.kind {
        Kind::Access(scopes) => Some(REGISTRY.scopes().iter().filter(|scope| scopes.contains(Scope(scope))).count()),
        _ => None,
    };
    // Of equals the first.
    samples.iter().rev().filter(|sample| granted(sample).is_some()).max_by_key(granted)
}

/// What is lacking among `samples` to try everything, and how to give it.
#[must_use]
pub fn lacking(samples: &[Sample]) -> Vec<NotTried> {
    let mut lacking = Vec::new();
    let mut lacks = |what: &str, token: &str| {
        lacking.push(NotTried { what: what.to_owned(), how: format!("give {token} with --token") });
    };
    let has = |kind: Kind| samples.iter().any(|sample| sample.kind == kind);
    if best(samples).is_none() {
        lacks("a good token that was tampered with, and a good one by a way that is not the header", "an access token");
    }
    if !has(Kind::Expired) {
        lacks("an expired token", "an access token whose time is over");
    }
    if !has(Kind::IdToken) {
        lacks("an ID token", "the ID token of a sign-in");
    }
    if !has(Kind::OtherAudience) && !has(Kind::OtherIssuer) {
        lacks("a token for another audience", "an access token of the same issuer for another API, after a good one");
    }
    let grants = |sample: &Sample, scope: &str| match &sample.kind {
        Kind::Access(scopes) => Some(scopes.iter().any(|granted| granted == scope)),
        _ => None,
    };
    for scope in REGISTRY.scopes() {
        if !samples.iter().any(|sample| grants(sample, scope) == Some(false)) {
            lacks(&format!("a token short of {scope}"), &format!("an access token without {scope}"));
        }
    }
    let is_whole = |sample: &Sample| REGISTRY.scopes().iter().all(|scope| grants(sample, scope) == Some(true));
    if !samples.iter().any(is_whole) {
        lacks("a token that opens every endpoint", "an access token with every scope of the registry");
    }
    lacking
}

#[cfg(test)]
mod tests {
    use super::super::forge::{message, now};
    use super::super::target::Issuer;
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn known() -> Known {
        let issuer = Issuer { name: "https://i.example".into(), key: None };
        Known { resource: None, issuers: vec![issuer] }
    }

    fn token(header: &Value, change: &Value) -> String {
        let mut claims = json!({"iss": "https://i.example", "aud": "api", "exp": now() + 60, "scope": "a b"});
        claims.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        format!("{}.x", message(&header.to_string(), &claims.to_string()))
    }

    fn kinds(tokens: &[String]) -> Vec<Kind> {
        let named = tokens.iter().map(|token| ("t".to_owned(), token.clone())).collect();
        read(named, &known(), &Settings::default()).into_iter().map(|sample| sample.kind).collect()
    }

    #[test]
    fn a_sample_is_what_its_claims_say() {
        let access = Kind::Access(Scopes::parse("a b"));
        let plain = json!({"typ": "JWT"});
        for (header, change, expected) in [
            (json!({"typ": "at+jwt"}), json!({}), access.clone()),
            (plain.clone(), json!({}), access.clone()),
            (plain.clone(), json!({"nonce": "n", "scope": null}), Kind::IdToken),
            (plain.clone(), json!({"nonce": "n"}), access.clone()),
            (json!({"typ": "at+jwt"}), json!({"nonce": "n"}), access.clone()),
            (plain.clone(), json!({"exp": now() - 60}), Kind::Expired),
            (plain.clone(), json!({"nbf": now() + 60}), Kind::NotYetValid),
            (plain.clone(), json!({"iss": "https://other.example"}), Kind::OtherIssuer),
        ] {
            assert_eq!(kinds(&[token(&header, &change)]), [expected], "{change}");
        }
        assert_eq!(kinds(&["opaque".to_owned(), String::new()]), [Kind::Opaque, Kind::Opaque]);
    }

    #[test]
    fn sample_is_read_by_the_settings_of_the_deployment() {
        let settings = Settings { rights: Rights::new(vec!["permissions".into()], BTreeMap::new()), leeway: 60.0 };
        let kind = |change: Value| {
            let named = vec![("t".to_owned(), token(&json!({}), &change))];
            read(named, &known(), &settings).remove(0).kind
        };
        assert_eq!(kind(json!({"permissions": ["c"]})), Kind::Access(Scopes::parse("c")));
        assert_eq!(kind(json!({"exp": now() - 30})), Kind::Access(Scopes::default()));
        assert_eq!(kind(json!({"exp": now() - 90})), Kind::Expired);
    }

    #[test]
    fn the_first_access_token_says_which_audience_is_meant() {
        let plain = json!({});
        let (good, other) = (token(&plain, &json!({})), token(&plain, &json!({"aud": ["web"]})));
        let both = token(&plain, &json!({"aud": ["web", "api"]}));
        let access = Kind::Access(Scopes::parse("a b"));
        assert_eq!(kinds(&[good, other, both]), [access.clone(), Kind::OtherAudience, access]);
    }

    #[test]
    fn what_is_lacking_is_said_and_nothing_else() {
        let whole = REGISTRY.scopes().join(" ");
        let of = |kind| Sample { name: "t".into(), token: "t".into(), kind };
        let mut samples = vec![
            of(Kind::Access(Scopes::parse(&whole))),
            of(Kind::Access(Scopes::default())),
            of(Kind::Expired),
            of(Kind::IdToken),
            of(Kind::OtherAudience),
        ];
        assert_eq!(lacking(&samples), []);
        samples.remove(1);
        let what: Vec<_> = lacking(&samples).into_iter().map(|lack| lack.what).collect();
        let expected: Vec<_> = REGISTRY.scopes().iter().map(|scope| format!("a token short of {scope}")).collect();
        assert_eq!(what, expected);
        assert_eq!(lacking(&[]).len(), 4 + REGISTRY.scopes().len() + 1);
    }
}
