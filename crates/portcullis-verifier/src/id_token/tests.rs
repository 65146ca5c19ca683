//! Which claims of an ID token pass.

use super::*;
use serde_json::json;

const NOW: f64 = 1_000_000.0;
const LEEWAY: f64 = 10.0;

fn verdict_with(nonce: Option<&str>, change: serde_json::Value) -> Result<(), IdTokenError> {
    let mut claims = json!({"sub": "ada", "aud": "web", "iat": 1_000_000, "exp": 1_000_600, "nonce": "n-1"});
    for (name, value) in change.as_object().expect("an object of changes") {
        claims[name] = value.clone();
    }
    let text = claims.to_string();
    check(&Claims(&Object::read(text.as_bytes()).expect("an object")), "web", nonce, NOW, LEEWAY)
}

fn verdict(change: serde_json::Value) -> Result<(), IdTokenError> {
    verdict_with(Some("n-1"), change)
}

#[test]
fn id_token_must_be_for_this_client() {
    for good in
        [json!({}), json!({"aud": ["web"]}), json!({"azp": "web"}), json!({"aud": ["api", "web"], "azp": "web"})]
    {
        assert_eq!(verdict(good.clone()), Ok(()), "{good}");
    }
    for other in [
        json!({"aud": "api"}),
        json!({"aud": []}),
        json!({"aud": "web "}),
        json!({"aud": ["api", "web"]}),
        json!({"azp": "api"}),
        json!({"aud": ["api", "web"], "azp": "api"}),
    ] {
        assert_eq!(verdict(other.clone()), Err(IdTokenError::Audience), "{other}");
    }
    for bad in [json!({"aud": null}), json!({"aud": 1}), json!({"aud": ["web", 1]})] {
        assert_eq!(verdict(bad.clone()), Err(IdTokenError::Claim("aud")), "{bad}");
    }
    assert_eq!(verdict(json!({"azp": 1})), Err(IdTokenError::Claim("azp")));
}

#[test]
fn id_token_expires_with_the_leeway() {
    assert_eq!(verdict(json!({"exp": NOW - LEEWAY + 1.0})), Ok(()));
    assert_eq!(verdict(json!({"exp": NOW - LEEWAY})), Err(IdTokenError::Expired));
    for (claim, bad) in [("exp", json!("1000600")), ("exp", json!(null)), ("iat", json!(null)), ("iat", json!("1"))] {
        assert_eq!(verdict(json!({claim: bad})), Err(IdTokenError::Claim(claim)), "{claim}: {bad}");
    }
}

#[test]
fn id_token_repeats_the_nonce_that_is_given() {
    assert_eq!(verdict(json!({"nonce": "n-2"})), Err(IdTokenError::Nonce));
    assert_eq!(verdict(json!({"nonce": null})), Err(IdTokenError::Claim("nonce")));
    for any in [json!("n-2"), json!(null)] {
        assert_eq!(verdict_with(None, json!({"nonce": any})), Ok(()), "{any}");
    }
    assert_eq!(verdict_with(Some(""), json!({})), Err(IdTokenError::Nonce));
}

#[test]
fn id_token_names_a_person_and_is_no_other_token() {
    for blank in [json!(""), json!(" "), json!(null), json!(1)] {
        assert_eq!(verdict(json!({"sub": blank})), Err(IdTokenError::Claim("sub")), "{blank}");
    }
    assert_eq!(verdict(json!({"typ": "ID"})), Ok(()));
    for typ in OTHER_TYPES {
        assert_eq!(verdict(json!({"typ": typ})), Err(IdTokenError::Type), "{typ}");
    }
    assert_eq!(verdict(json!({"events": {}})), Err(IdTokenError::Type));
}
