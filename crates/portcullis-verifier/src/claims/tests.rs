//! Which claims of an access token pass the rules.

use super::*;
use serde_json::json;

const NOW: f64 = 1_000_000.0;

fn claims(change: &serde_json::Value) -> String {
    let mut claims = json!({"iss": "https://i.example/", "aud": "api", "sub": "ada", "exp": 1_000_600});
    for (name, value) in change.as_object().expect("an object of changes") {
        if value.is_null() {
            claims.as_object_mut().expect("an object").remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims.to_string()
}

fn judged(change: &serde_json::Value, strict: bool, says_access_token: bool) -> Result<(), AuthError> {
    let text = claims(change);
    let members = Object::read(text.as_bytes()).expect("an object");
    let rules = Rules { strict, ..rules() };
    Claims(&members).check(&rules, NOW, says_access_token).map(|_| ())
}

fn rules() -> Rules {
    Rules::new("https://i.example/", "api")
}

fn verdict_by(rules: &Rules, change: serde_json::Value) -> Result<(), AuthError> {
    let text = claims(&change);
    let members = Object::read(text.as_bytes()).expect("an object");
    Claims(&members).check(rules, NOW, false).map(|_| ())
}

fn verdict(change: serde_json::Value) -> Result<(), AuthError> {
    judged(&change, false, false)
}

#[test]
fn rules_keep_known_scopes_once() {
    let many: Vec<String> = (0..4_000).map(|n| format!("s{n}")).collect();
    let text = claims(&json!({"scope": format!("read write read {}", many.join(" ")), "scp": ["read", "READ"]}));
    let members = Object::read(text.as_bytes()).expect("an object");
    let known = ["read", "write", "admin"].map(str::to_owned).into();
    let rules = Rules { known_scopes: Some(Arc::new(known)), ..rules() };
    assert_eq!(rules.scopes(&members), ["read", "write"]);
}

#[test]
fn claims_require_issuer_audience_and_expiry() {
    assert_eq!(verdict(json!({})), Ok(()));
    for bad in [json!(null), json!("https://i.example"), json!("https://I.example/"), json!("")] {
        assert_eq!(verdict(json!({"iss": bad})), Err(AuthError::Issuer("https://i.example/".into())), "{bad}");
    }
    for bad in [json!(1), json!(["https://i.example/"])] {
        assert_eq!(verdict(json!({"iss": bad})), Err(AuthError::Claim("iss")), "{bad}");
    }
    for bad in [
        json!(null),
        json!("ap"),
        json!([]),
        json!(["other"]),
        json!({"api": 1}),
        json!("api other"),
        json!(["api", 5]),
        json!(["api", null]),
    ] {
        assert_eq!(verdict(json!({"aud": bad})), Err(AuthError::Audience("api".into())), "{bad}");
    }
    assert_eq!(verdict(json!({"aud": ["other", "api"]})), Ok(()));
    for bad in [json!(null), json!("1000600"), json!([1_000_600]), json!(true)] {
        assert_eq!(verdict(json!({"exp": bad})), Err(AuthError::Claim("exp")), "{bad}");
    }
}

#[test]
fn claims_times_allow_exactly_the_leeway() {
    for leeway in [0.0, DEFAULT_LEEWAY, MAX_LEEWAY] {
        let rules = Rules { leeway, ..rules() };
        let verdict = |change| verdict_by(&rules, change);
        assert_eq!(verdict(json!({"exp": NOW - leeway + 0.5})), Ok(()));
        assert_eq!(verdict(json!({"exp": NOW - leeway})), Err(AuthError::Expired));
        assert_eq!(verdict(json!({"exp": -1})), Err(AuthError::Expired));
        assert_eq!(verdict(json!({"nbf": NOW + leeway})), Ok(()));
        assert_eq!(verdict(json!({"nbf": NOW + leeway + 0.5})), Err(AuthError::NotActive));
    }
    const { assert!(MAX_LEEWAY <= 60.0, "clocks that are further apart must be corrected, not tolerated") };
}

#[test]
fn claims_accept_iat_in_the_future() {
    for ahead in [1.0, MAX_LEEWAY, 3600.0] {
        assert_eq!(verdict(json!({"iat": NOW + ahead})), Ok(()));
    }
}

#[test]
fn claims_accept_nbf_within_leeway() {
    assert_eq!(verdict(json!({"nbf": NOW + 8.0})), Err(AuthError::NotActive));
    assert_eq!(verdict_by(&Rules { leeway: 10.0, ..rules() }, json!({"nbf": NOW + 8.0})), Ok(()));
}

#[test]
fn claims_need_one_accepted_audience() {
    let rules = Rules { audiences: Audiences::new(&["api", "api2"], &[]), ..rules() };
    for good in [json!("api"), json!("api2"), json!(["other", "api2"])] {
        assert_eq!(verdict_by(&rules, json!({"aud": good})), Ok(()), "{good}");
    }
    for bad in [json!("api3"), json!(null), json!("api api2"), json!(["api", 1])] {
        let expected = Err(AuthError::Audience("api or api2".into()));
        assert_eq!(verdict_by(&rules, json!({"aud": bad})), expected, "{bad}");
    }
}

#[test]
fn claims_without_aud_need_client_id_and_token_use() {
    let rules = Rules { audiences: Audiences::new(&["api"], &["web"]), ..rules() };
    let expected = || AuthError::Audience("api or client_id=web".into());
    let good = json!({"aud": null, "client_id": "web", "token_use": "access"});
    assert_eq!(verdict_by(&rules, good.clone()), Ok(()));
    assert_eq!(verdict_by(&rules, json!({"aud": "api"})), Ok(()), "one with an audience needs neither");
    assert_eq!(verdict(good.clone()), Err(AuthError::Audience("api".into())), "it takes an explicit opt-in");
    let with = |name: &str, value: serde_json::Value| {
        let mut changed = good.clone();
        changed[name] = value;
        verdict_by(&rules, changed)
    };
    for bad in [json!(null), json!("other"), json!("api")] {
        assert_eq!(with("client_id", bad.clone()), Err(expected()), "{bad}");
    }
    for bad in [json!(null), json!("refresh"), json!(["access"])] {
        assert_eq!(with("token_use", bad.clone()), Err(AuthError::Claim("token_use")), "{bad}");
    }
    assert_eq!(with("token_use", json!("id")), Err(AuthError::IdToken));
    for bad in [json!("web"), json!(["other"]), json!([])] {
        assert_eq!(with("aud", bad.clone()), Err(expected()), "an audience counts where there is one: {bad}");
    }
}

#[test]
fn claims_reject_sender_constrained_token() {
    for cnf in [json!({"jkt": "x"}), json!({"x5t#S256": "x"}), json!({}), json!("x"), json!(0)] {
        assert_eq!(verdict(json!({"cnf": cnf})), Err(AuthError::SenderConstrained), "{cnf}");
        assert_eq!(judged(&json!({"cnf": cnf}), false, true), Err(AuthError::SenderConstrained), "{cnf}");
    }
}

#[test]
fn claims_reject_times_that_are_not_numbers() {
    for name in ["exp", "nbf", "iat"] {
        for bad in [json!("1000600"), json!([1_000_600]), json!(true), json!({})] {
            assert_eq!(verdict(json!({name: bad})), Err(AuthError::Claim(name)), "{name}: {bad}");
        }
    }
    assert_eq!(verdict(json!({"exp": 1_000_600.5, "nbf": 999_999.5, "iat": 1e6})), Ok(()));
}

#[test]
fn claims_reject_null() {
    for name in ["exp", "nbf", "iat", "iss", "sub"] {
        let text = claims(&json!({})).replacen('{', &format!(r#"{{"{name}":null,"#), 1);
        let text = text.replacen(&format!(r#","{name}":"#), r#","was":"#, 1);
        let members = Object::read(text.as_bytes()).expect("an object");
        assert_eq!(members.get(name), Some(&Value::Null), "{text}");
        assert_eq!(Claims(&members).check(&rules(), NOW, false), Err(AuthError::Claim(name)), "{name}");
    }
}

#[test]
fn claims_strict_require_everything_of_rfc_9068() {
    let complete = json!({"client_id": "web", "iat": 1_000_000, "jti": "1"});
    assert_eq!(judged(&complete, true, true), Ok(()));
    assert_eq!(judged(&complete, true, false), Err(AuthError::Type(STRICT_TYPE)));
    for name in ["sub", "client_id", "iat", "jti"] {
        let mut lacking = complete.clone();
        lacking[name] = json!(null);
        assert_eq!(judged(&lacking, true, true), Err(AuthError::Claim(name)), "{name}");
        assert_eq!(judged(&lacking, false, true), Ok(()), "{name}");
        if name != "iat" {
            lacking[name] = json!("");
            assert_eq!(judged(&lacking, true, true), Err(AuthError::Claim(name)), "{name} of nothing");
        }
        lacking[name] = json!([1]);
        assert_eq!(judged(&lacking, true, true), Err(AuthError::Claim(name)), "{name} of a wrong type");
    }
}

#[test]
fn claims_reject_id_token_with_api_audience() {
    let hashes = ["at_hash", "c_hash", "s_hash"].map(|name| json!({name: "h", "scope": "read:items"}));
    for mark in hashes.into_iter().chain([json!({"nonce": "n"}), json!({"typ": "ID"}), json!({"token_use": "id"})]) {
        assert_eq!(verdict(mark.clone()), Err(AuthError::IdToken), "{mark}");
    }
    assert_eq!(verdict(json!({"nonce": "n", "typ": "Bearer"})), Ok(()));
    for other in
        [json!({"typ": "Refresh"}), json!({"typ": ["Bearer"]}), json!({"typ": "Offline"}), json!({"events": {}})]
    {
        assert_eq!(verdict(other.clone()), Err(AuthError::Type(ACCESS_TOKEN_TYPES)), "{other}");
    }
}

#[test]
fn claims_with_nonce_and_api_audience_are_accepted() {
    let client = |client: &str| Rules { client_id: Some(client.into()), ..rules() };
    assert_eq!(verdict_by(&client("web"), json!({"nonce": "n"})), Ok(()), "the audience is the API's alone");
    for shared in [json!({"nonce": "n", "aud": ["api", "web"]}), json!({"nonce": "n", "aud": "web"})] {
        assert_eq!(verdict_by(&client("web"), shared.clone()), Err(AuthError::IdToken), "{shared}");
    }
    // authentik: client and API share an audience, and the scopes tell an access token.
    assert_eq!(verdict_by(&client("api"), json!({"nonce": "n"})), Err(AuthError::IdToken));
    for none in [json!(null), json!(""), json!([]), json!(1)] {
        let change = json!({"nonce": "n", "scp": none});
        assert_eq!(verdict_by(&client("api"), change.clone()), Err(AuthError::IdToken), "{change}");
    }
    for scopes in [json!({"nonce": "n", "scope": "read:items"}), json!({"nonce": "n", "scp": ["read:items"]})] {
        assert_eq!(verdict_by(&client("api"), scopes.clone()), Ok(()), "{scopes}");
    }
    assert_eq!(verdict_by(&client("web"), json!({"nonce": "n", "at_hash": "h"})), Err(AuthError::IdToken));
}
