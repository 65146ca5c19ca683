//! Which members of a discovery document are used.

use super::*;
use http::HeaderMap;
use serde_json::{Value, json};

fn read(change: Value) -> Result<ProviderMetadata, FetchError> {
    read_by(None, change)
}

fn read_by(backchannel: Option<&Backchannel>, change: Value) -> Result<ProviderMetadata, FetchError> {
    let mut body = json!({
        "issuer": "https://i.example",
        "jwks_uri": "https://i.example/jwks",
        "authorization_endpoint": "https://i.example/authorize",
        "token_endpoint": "https://i.example/token",
    });
    body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
    let url = Url::parse("https://i.example/.well-known/openid-configuration").expect("a URL");
    let document = Document { url, headers: HeaderMap::new(), body: body.to_string().into_bytes() };
    ProviderMetadata::read(document, "https://i.example", backchannel)
}

#[test]
fn metadata_unusable_endpoint_is_left_out_with_why() {
    for name in
        ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint", "revocation_endpoint"]
    {
        let endpoint = |read: &ProviderMetadata| match name {
            "authorization_endpoint" => read.authorization_endpoint.clone(),
            "token_endpoint" => read.token_endpoint.clone(),
            "userinfo_endpoint" => read.userinfo_endpoint.clone(),
            "end_session_endpoint" => read.end_session_endpoint.clone(),
            _ => read.revocation_endpoint.clone(),
        };
        let good = read(json!({name: "https://i.example/there"})).expect("a document");
        assert_eq!(endpoint(&good).as_deref(), Some("https://i.example/there"), "{name}");
        assert!(good.left_out.is_empty(), "{name}");
        for bad in [json!("http://i.example/there"), json!("/there"), json!(7), json!(["https://i.example"])] {
            let read = read(json!({name: bad})).expect("the API does without it");
            assert_eq!(endpoint(&read), None, "{name}: {bad}");
            assert!(read.jwks_uri.is_some() && read.left_out[0].0 == name, "{name}: {bad}");
            assert!(read.why_missing(name).contains("is not an https URL"), "{name}: {bad}");
            let is_needed = SIGN_IN_ENDPOINTS.contains(&name);
            assert_eq!(read.sign_in_endpoints().is_none(), is_needed, "{name}: {bad}");
            let missing: Vec<_> = read.missing_sign_in_endpoints().collect();
            assert_eq!(missing, if is_needed { vec![name] } else { vec![] }, "{bad}");
        }
        for absent in [json!(""), json!(" "), json!(null)] {
            let read = read(json!({name: absent})).expect("a document");
            assert!(endpoint(&read).is_none() && read.left_out.is_empty(), "{name}: {absent}");
            assert_eq!(read.why_missing(name), format!("missing field `{name}`"));
        }
    }
    assert_eq!(read(json!({})).expect("a document").revocation_endpoint, None);
}

#[test]
fn metadata_internal_endpoint_is_left_out_and_keys_are_read() {
    let internal = Url::parse("http://keycloak:8080/").expect("a URL");
    let backchannel = Backchannel::new("https://i.example", &internal).expect("an issuer");
    for name in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"] {
        let read = read_by(Some(&backchannel), json!({name: "http://keycloak:9000/there"})).expect("a document");
        assert_eq!(read.jwks_uri.as_ref().map(Url::as_str), Some("http://keycloak:8080/jwks"));
        assert!(read.why_missing(name).contains("browsers cannot reach it"), "{}", read.why_missing(name));
        assert_eq!(read.sign_in_endpoints().is_none(), name != "userinfo_endpoint", "{name}");
    }
    let refused = read_by(Some(&backchannel), json!({"issuer": "http://keycloak:8080"})).expect_err("internal");
    assert!(refused.to_string().contains("hostname-backchannel-dynamic"), "{refused}");
}

#[test]
fn metadata_invalid_member_disables_only_its_feature() {
    let read = |change| read(change).expect("a document");
    for (value, means) in [(json!(true), true), (json!("true"), true), (json!("false"), false), (json!(""), false)] {
        let found = read(json!({ISS_IN_CALLBACK: value}));
        assert_eq!(found.authorization_response_iss_parameter_supported, means, "{value}");
        assert!(found.left_out.is_empty(), "{value}");
    }
    let odd = read(json!({ISS_IN_CALLBACK: 1, "jwks_uri": "/jwks"}));
    assert_eq!(odd.left_out.len(), 2, "{odd:?}");
    assert!(odd.jwks_uri.is_none() && odd.sign_in_endpoints().is_some());
    assert!(odd.why_missing("jwks_uri").contains("\"/jwks\" is not a URL"));
}

#[test]
fn metadata_endpoint_is_as_browsers_read_it() {
    for (written, read_as) in [
        ("https://b\u{fc}cher.example/u", Some("https://xn--bcher-kva.example/u")),
        ("https://i.exa\nmple/u", Some("https://i.example/u")),
        (" https://i.example/u", Some("https://i.example/u")),
        // Nobody but a provider on this machine has endpoints on it.
        ("http://127.0.0.1:1/u", None),
    ] {
        let found = read(json!({"userinfo_endpoint": written})).expect("a document");
        assert_eq!(found.userinfo_endpoint.as_deref(), read_as, "{written:?}");
    }
}

#[test]
fn metadata_that_lacks_something_is_read_again_soon() {
    let hour = Duration::from_secs(3600);
    assert_eq!(read(json!({})).expect("whole").max_age(hour), hour);
    for name in ["jwks_uri", "token_endpoint"] {
        let lacking = read(json!({name: null})).expect("a document");
        assert!(lacking.max_age(hour) < MIN_REFRESH_INTERVAL, "{name}");
        assert_eq!(lacking.max_age(Duration::from_secs(1)), Duration::from_secs(1), "{name}");
    }
}

#[test]
fn metadata_shows_no_query_and_no_control_characters() {
    let odd = read(json!({"token_endpoint": "http://i.example/t?key=hunter2", "userinfo_endpoint": "\u{1b}]0;x\n"}));
    let said = format!("{:?}", odd.expect("a document").left_out.iter().map(|(_, why)| why).collect::<Vec<_>>());
    assert!(!said.contains("hunter2") && said.contains("http://i.example/t"), "{said}");
    assert!(!said.contains(char::is_control), "{said}");
}

#[test]
fn metadata_of_another_issuer_or_none_is_refused() {
    for issuer in [json!("https://i.example/"), json!("https://other.example"), json!(""), json!(7), json!(null)] {
        assert!(read(json!({"issuer": issuer})).is_err(), "{issuer}");
    }
}
