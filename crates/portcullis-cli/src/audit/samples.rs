//! Samples: tokens from the user, classified without a check of their signature, to know which response each must get.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::Scopes;
use portcullis_verifier::claims::{Claims, DEFAULT_LEEWAY};
use portcullis_verifier::json::Object;
use portcullis_verifier::rights::Rights;
use serde_json::{Map, Value};

use super::target_info::TargetInfo;
use crate::doctor::finding::long;

/// The settings by which the audited deployment reads tokens.
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

/// A token and its apparent kind.
#[derive(Clone)]
pub struct Sample {
    /// The name for reports, which contains nothing of the token.
    pub name: String,
    /// The token. It is never shown.
    pub(super) token: String,
    /// The apparent kind.
    pub kind: SampleKind,
}

/// The apparent kind of a sample.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SampleKind {
    /// An access token with these scopes. Without a check of its signature it looks valid.
    Access(Scopes),
    /// Expired.
    Expired,
    /// Not valid yet.
    NotYetValid,
    /// An ID token, which is for the client (RFC 9068 §5).
    IdToken,
    /// Of an issuer that the target does not name.
    OtherIssuer,
    /// For another audience than the first access token of the same issuer.
    OtherAudience,
    /// Not a readable JWT.
    Opaque,
}

impl SampleKind {
    /// Returns the kind in words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Access(scopes) if scopes.iter().next().is_none() => "an access token without scopes".to_owned(),
            Self::Access(scopes) => format!("an access token with {}", long(&scopes.to_string())),
            Self::Expired => "expired".to_owned(),
            Self::NotYetValid => "not yet valid".to_owned(),
            Self::IdToken => "an ID token".to_owned(),
            Self::OtherIssuer => "of an issuer that the server does not have".to_owned(),
            Self::OtherAudience => "for another audience".to_owned(),
            Self::Opaque => "not a JWT".to_owned(),
        }
    }
}

/// Returns header and claims of a token, without any check.
pub(super) fn decode(token: &str) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let mut object = || serde_json::from_slice(&parts.next()??).ok();
    Some((object()?, object()?))
}

/// Returns the strings of `claim`, which is one string or a list.
pub(super) fn strings(claims: &Map<String, Value>, claim: &str) -> Vec<String> {
    let all =
        claims.get(claim).map_or(&[][..], |value| value.as_array().map_or(std::slice::from_ref(value), |list| list));
    all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Classifies `tokens`, each with its name, by what `info` says of the target and by its `settings`.
#[must_use]
pub fn read(tokens: Vec<(String, String)>, info: &TargetInfo, settings: &Settings) -> Vec<Sample> {
    let now = super::forger_key::now() as f64;
    let mut audiences: Vec<(String, Vec<String>)> = Vec::new();
    let mut samples = Vec::new();
    for (name, token) in tokens {
        let kind = kind(&token, info, settings, &mut audiences, now);
        samples.push(Sample { name, token, kind });
    }
    samples
}

/// Returns the kind of `token`. `audiences` has those of the first access token of each issuer.
fn kind(
    token: &str,
    info: &TargetInfo,
    settings: &Settings,
    audiences: &mut Vec<(String, Vec<String>)>,
    now: f64,
) -> SampleKind {
    let Some((header, payload)) = decode(token) else { return SampleKind::Opaque };
    let text = Value::Object(payload.clone()).to_string();
    let Some(members) = Object::read(text.as_bytes()) else { return SampleKind::Opaque };
    let claims = Claims(&members);
    let typ = header.get("typ").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    if !typ.ends_with("at+jwt") && claims.is_id_token(None) {
        return SampleKind::IdToken;
    }
    let time = |name| claims.time(name).ok().flatten();
    if time("exp").is_some_and(|expires| expires + settings.leeway <= now) {
        return SampleKind::Expired;
    }
    if time("nbf").is_some_and(|starts| starts > now + settings.leeway) {
        return SampleKind::NotYetValid;
    }
    let issuer = payload.get("iss").and_then(Value::as_str).unwrap_or_default();
    if !info.issuers.is_empty() && !info.issuers.iter().any(|one| one.name == issuer) {
        return SampleKind::OtherIssuer;
    }
    let own = strings(&payload, "aud");
    match audiences.iter().find(|(of, _)| of == issuer) {
        Some((_, first)) if !own.iter().any(|one| first.contains(one)) => return SampleKind::OtherAudience,
        Some(_) => {}
        None => audiences.push((issuer.to_owned(), own)),
    }
    SampleKind::Access(settings.rights.scopes(&members).into_iter().collect())
}

/// Returns the access token with the most of `scopes`, which the attacks change and reuse.
#[must_use]
pub fn most_privileged<'a>(samples: &'a [Sample], scopes: &[&str]) -> Option<&'a Sample> {
    let granted = |sample: &&Sample| match &sample.kind {
        SampleKind::Access(granted) => {
            Some(scopes.iter().filter(|scope| granted.iter().any(|has| has == **scope)).count())
        }
        _ => None,
    };
    // `max_by_key` returns the last of equals. The first is wanted.
    samples.iter().rev().filter(|sample| granted(sample).is_some()).max_by_key(granted)
}

#[cfg(test)]
mod tests {
    use super::super::forger_key::{now, signing_input};
    use super::super::target_info::Issuer;
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn info() -> TargetInfo {
        let issuer = Issuer { name: "https://i.example".into(), key: None };
        TargetInfo { resource: None, issuers: vec![issuer] }
    }

    fn token(header: &Value, change: &Value) -> String {
        let mut claims = json!({"iss": "https://i.example", "aud": "api", "exp": now() + 60, "scope": "a b"});
        claims.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        format!("{}.x", signing_input(&header.to_string(), &claims.to_string()))
    }

    fn kinds(tokens: &[String]) -> Vec<SampleKind> {
        let named = tokens.iter().map(|token| ("t".to_owned(), token.clone())).collect();
        read(named, &info(), &Settings::default()).into_iter().map(|sample| sample.kind).collect()
    }

    #[test]
    fn sample_kind_follows_the_claims() {
        let access = SampleKind::Access(Scopes::parse("a b"));
        let plain = json!({"typ": "JWT"});
        for (header, change, expected) in [
            (json!({"typ": "at+jwt"}), json!({}), access.clone()),
            (plain.clone(), json!({}), access.clone()),
            (plain.clone(), json!({"nonce": "n", "scope": null}), SampleKind::IdToken),
            (plain.clone(), json!({"nonce": "n"}), access.clone()),
            (json!({"typ": "at+jwt"}), json!({"nonce": "n"}), access.clone()),
            (plain.clone(), json!({"exp": now() - 60}), SampleKind::Expired),
            (plain.clone(), json!({"nbf": now() + 60}), SampleKind::NotYetValid),
            (plain.clone(), json!({"iss": "https://other.example"}), SampleKind::OtherIssuer),
        ] {
            assert_eq!(kinds(&[token(&header, &change)]), [expected], "{change}");
        }
        assert_eq!(kinds(&["opaque".to_owned(), String::new()]), [SampleKind::Opaque, SampleKind::Opaque]);
    }

    #[test]
    fn sample_kind_follows_the_settings() {
        let settings = Settings { rights: Rights::new(vec!["permissions".into()], BTreeMap::new()), leeway: 60.0 };
        let kind = |change: Value| {
            let named = vec![("t".to_owned(), token(&json!({}), &change))];
            read(named, &info(), &settings).remove(0).kind
        };
        assert_eq!(kind(json!({"permissions": ["c"]})), SampleKind::Access(Scopes::parse("c")));
        assert_eq!(kind(json!({"exp": now() - 30})), SampleKind::Access(Scopes::default()));
        assert_eq!(kind(json!({"exp": now() - 90})), SampleKind::Expired);
    }

    #[test]
    fn first_access_token_sets_the_audience() {
        let plain = json!({});
        let (good, other) = (token(&plain, &json!({})), token(&plain, &json!({"aud": ["web"]})));
        let both = token(&plain, &json!({"aud": ["web", "api"]}));
        let access = SampleKind::Access(Scopes::parse("a b"));
        assert_eq!(kinds(&[good, other, both]), [access.clone(), SampleKind::OtherAudience, access]);
    }
}
