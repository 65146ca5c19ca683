//! The token: only the exact valid tokens of the seeds are accepted. A second implementation of the rules checks header
//! and claims.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::Verifier;
use crate::claims::{Claims, DEFAULT_LEEWAY, Rules};
use crate::header::Header;
use crate::json::Object;
use crate::jwks::{FetchError, KeyCache, KeySet, KeySource};
use crate::rights::Rights;
use crate::verifier::TrustedKeys;

/// The public keys for the valid tokens. The private keys were never stored.
const KEYS: &str = include_str!("../../../seeds/jwks/good");
/// All valid tokens, one per algorithm. They expire in 2100.
const GOOD: [&str; 4] = [
    include_str!("../../../seeds/token/good-RS256"),
    include_str!("../../../seeds/token/good-PS256"),
    include_str!("../../../seeds/token/good-ES256"),
    include_str!("../../../seeds/token/good-EdDSA"),
];
/// The required claims.
const ISSUER: &str = "https://issuer.example/";
const AUDIENCE: &str = "https://api.example/";
const ALLOWED: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
/// The time of the checks, in 2026.
const NOW: f64 = 1_790_000_000.0;

struct Known {
    runtime: Runtime,
    verifier: Verifier,
    good: HashSet<&'static str>,
}

/// A provider whose keys never change.
struct Fixed;

#[async_trait]
impl KeySource for Fixed {
    async fn fetch(&self) -> Result<KeySet, FetchError> {
        Ok(KeySet::read(KEYS.as_bytes(), &ALLOWED).expect("a key set"))
    }
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let keys = Arc::new(runtime.block_on(async { KeyCache::start(Fixed) }));
    let verifier = Verifier::new(vec![TrustedKeys { rules: rules(true), keys }], ALLOWED.to_vec());
    let known = Known { runtime, verifier, good: GOOD.into() };
    for good in GOOD {
        assert!(known.takes(good), "a good token is refused: {good}");
    }
    known
});

fn rules(strict: bool) -> Rules {
    Rules { strict, ..Rules::new(ISSUER, AUDIENCE) }
}

impl Known {
    fn takes(&self, token: &str) -> bool {
        self.runtime.block_on(self.verifier.verify(token)).is_ok()
    }
}

/// Checks `data` as a token, and its first two lines as header and claims with the signature of a valid token.
pub fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let known = &*KNOWN;
    assert_eq!(known.takes(text), known.good.contains(text), "as it is");

    let Some((header, claims)) = text.split_once('\n') else { return };
    header_holds(header.as_bytes());
    claims_hold(claims.as_bytes());
    let signature = GOOD[data.len() % GOOD.len()].rsplit_once('.').expect("a signature").1;
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let token = format!("{}.{}.{signature}", part(header), part(claims));
    assert_eq!(known.takes(&token), known.good.contains(token.as_str()), "put together: {token}");
}

fn header_holds(header: &[u8]) {
    let Some(object) = Object::read(header) else { return };
    let other: Value = serde_json::from_slice(header).expect("an object");
    let text = |name: &str| other.get(name).is_none_or(Value::is_string);
    let typ = other["typ"].as_str().map(str::to_ascii_lowercase);
    let is_access_token = matches!(typ.as_deref(), Some("at+jwt" | "application/at+jwt"));
    // RFC 9864 has another name for EdDSA.
    let alg = if other["alg"] == "Ed25519" { "EdDSA" } else { other["alg"].as_str().unwrap_or_default() };
    let may_be_read = ALLOWED.iter().any(|algorithm| alg == format!("{algorithm:?}"))
        && ["crit", "jku", "jwk", "x5u", "x5c"].iter().all(|name| other.get(name).is_none())
        && text("kid")
        && text("typ")
        && (is_access_token || matches!(typ.as_deref(), None | Some("jwt")));
    let read = Header::read(&object, &ALLOWED);
    assert_eq!(read.is_ok(), may_be_read, "{other}: {read:?}");
    if let Ok(header) = read {
        assert_eq!(alg, format!("{:?}", header.algorithm));
        assert_eq!(header.key_id, other["kid"].as_str().filter(|id| !id.trim().is_empty()));
        assert_eq!(header.is_access_token, is_access_token);
    }
}

fn claims_hold(claims: &[u8]) {
    let Some(object) = Object::read(claims) else { return };
    let other: Value = serde_json::from_slice(claims).expect("an object");
    for (strict, says_access_token) in [(true, true), (true, false), (false, true), (false, false)] {
        let judged = Claims(&object).check(&rules(strict), NOW, says_access_token);
        let expected = may_be_taken(&other, strict, says_access_token);
        assert_eq!(judged.is_ok(), expected, "{other}, strict: {strict}, at+jwt: {says_access_token}: {judged:?}");
        if let Ok(expires) = judged {
            assert_eq!(Some(expires), other["exp"].as_f64());
        }
    }
    let claims = Claims(&object);
    assert_eq!(claims.subject(), other["sub"].as_str());
    let rights = Rights::default();
    let granted: HashSet<&str> = rights.scopes(claims.0).into_iter().filter(|scope| !scope.is_empty()).collect();
    let listed = ["scope", "scp"].into_iter().flat_map(|name| texts(&other[name]));
    let expected: HashSet<&str> = listed.flat_map(|text| text.split(' ')).filter(|scope| !scope.is_empty()).collect();
    assert_eq!(granted, expected);
}

fn may_be_taken(claims: &Value, strict: bool, says_access_token: bool) -> bool {
    let has = |name: &str| claims.get(name).is_some();
    let typ = claims.get("typ").map(Value::as_str);
    let lists_scopes =
        ["scope", "scp"].into_iter().flat_map(|name| texts(&claims[name])).any(|text| !text.trim().is_empty());
    let is_of_another_kind = ["at_hash", "c_hash", "s_hash", "events"].into_iter().any(has)
        || claims["token_use"] == "id"
        || (has("nonce") && typ != Some(Some("Bearer")) && !lists_scopes)
        || typ.is_some_and(|typ| !matches!(typ, Some("Bearer" | "at+jwt")));
    let number_or_none = |name: &str| claims.get(name).is_none_or(Value::is_number);
    let something = |name: &str| claims[name].as_str().is_some_and(|text| !text.is_empty());
    let all_texts = claims["aud"].as_array().is_none_or(|list| list.iter().all(Value::is_string));
    (says_access_token || !(strict || is_of_another_kind))
        && claims["iss"] == ISSUER
        && all_texts
        && texts(&claims["aud"]).contains(&AUDIENCE)
        && claims["exp"].as_f64().is_some_and(|exp| exp + DEFAULT_LEEWAY > NOW)
        && claims["nbf"].as_f64().is_none_or(|nbf| nbf <= NOW + DEFAULT_LEEWAY)
        && !has("cnf")
        && ["nbf", "iat"].into_iter().all(number_or_none)
        && (!has("sub") || claims["sub"].is_string())
        && (!strict || (["sub", "client_id", "jti"].into_iter().all(something) && claims["iat"].is_number()))
}

/// Returns the strings of a claim that is a string or a list.
fn texts(claim: &Value) -> Vec<&str> {
    match claim {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}
