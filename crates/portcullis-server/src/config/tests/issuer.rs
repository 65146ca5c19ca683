//! Settings of the issuers: audiences, algorithms, rights and internal addresses.

use jsonwebtoken::Algorithm;
use portcullis::sign_in::AudienceParameter;

use super::*;

#[test]
fn issuer_needs_only_an_audience_and_keys() {
    let auth = given(&[("AUTH_URI", "http://127.0.0.1:9/jwks")]).expect("enough");
    assert_eq!((&*auth.issuer.issuer, auth.issuer.audience()), ("https://i.example/", "api"));
    assert!(auth.others.is_empty() && !auth.strict);
    assert_eq!(auth.algorithms, [Algorithm::RS256]);
    assert_eq!(auth.client_id, None);
    assert_eq!(auth.scopes, ["openid", "profile", "email", "read:items", "write:items", "delete:items", "admin:items"]);
}

#[test]
fn issuer_without_an_audience_is_rejected() {
    assert!(line(read(&GIVEN[..1])).starts_with("AUTH_AUDIENCE is missing"));
}

#[test]
fn several_issuers_have_their_own_audience_and_keys() {
    let read = |issuers, audiences, uris: &[(&str, &str)]| {
        given(&[&[("AUTH_ISSUER", issuers), ("AUTH_AUDIENCE", audiences)], uris].concat())
    };
    let auth = read("https://a.example/ https://b.example", "api-a api-b", &[]).expect("two issuers");
    let all: Vec<_> = auth.issuers().map(|one| (&*one.issuer, one.audience(), one.jwks_uri.is_some())).collect();
    assert_eq!(all, [("https://a.example/", "api-a", false), ("https://b.example", "api-b", false)]);
    let uris = [("AUTH_URI", "discovery https://b.example/jwks")];
    let auth = read("https://a.example/ http://b.example", "api api", &uris).expect("keys from two places");
    let all: Vec<_> = auth.issuers().map(|one| one.jwks_uri.is_some()).collect();
    assert_eq!(all, [false, true]);
    assert!(line(read("https://a.example/ https://b.example", "api", &[])).starts_with("AUTH_AUDIENCE is"));
    let twice = line(read("https://a.example/ https://a.example/", "api api", &[]));
    assert!(twice.contains("each issuer once"), "{twice}");
    let open = line(read("https://a.example/ http://b.example", "api api", &[]));
    assert!(open.starts_with("AUTH_ISSUER is \"http://b.example\""), "{open}");
}

#[test]
fn several_algorithms_are_read() {
    let auth = given(&[("AUTH_ALGORITHMS", "RS256, PS512 ES256,EdDSA")]).expect("all of them");
    assert_eq!(auth.algorithms, [Algorithm::RS256, Algorithm::PS512, Algorithm::ES256, Algorithm::EdDSA]);
}

#[test]
fn several_audiences_of_an_issuer_are_joined_by_a_bar() {
    let audiences = |issuers, list| {
        let auth = given(&[("AUTH_ISSUER", issuers), ("AUTH_AUDIENCE", list)]).expect("audiences");
        auth.issuers().map(|one| one.audiences.names().collect::<Vec<_>>().join("+")).collect::<Vec<_>>()
    };
    assert_eq!(audiences("https://a.example", "api|https://api2.example/,x"), ["api+https://api2.example/,x"]);
    assert_eq!(audiences("https://a.example https://b.example", "api|api2 api3"), ["api+api2", "api3"]);
    let spaces = line(given(&[("AUTH_AUDIENCE", "api api2")]));
    assert!(spaces.contains("several audiences of one issuer have | between them"), "{spaces}");
}

#[test]
fn tokens_without_an_audience_take_an_explicit_opt_in() {
    let auth = given(&[("AUTH_AUDIENCE", "client_id=web|client_id=cli")]).expect("clients");
    assert_eq!(&**auth.issuer.audiences.expected(), "client_id=web or client_id=cli");
    assert_eq!((auth.issuer.audience(), auth.audience_parameter), ("", AudienceParameter::None));
    let named = line(given(&[("AUTH_AUDIENCE", "client_id=web"), ("AUTH_AUDIENCE_PARAMETER", "resource")]));
    assert!(named.starts_with("AUTH_AUDIENCE_PARAMETER is \"resource\": expected none"), "{named}");
    let both = given(&[("AUTH_AUDIENCE", "client_id=web|api")]).expect("both");
    assert_eq!((both.issuer.audience(), both.audience_parameter), ("api", AudienceParameter::Audience));
}

#[test]
fn leeway_is_set_in_seconds_up_to_a_minute() {
    assert!((given(&[]).expect("the default").leeway - 5.0).abs() < f64::EPSILON);
    for (value, seconds) in [("0", 0.0), ("8", 8.0), ("60", 60.0)] {
        let leeway = given(&[("AUTH_LEEWAY_SECONDS", value)]).expect("a leeway").leeway;
        assert!((leeway - seconds).abs() < f64::EPSILON, "{value}");
    }
}

#[test]
fn claims_of_rights_and_scopes_of_roles_are_read() {
    let claims = "scope realm_access.roles https://example.com/roles";
    let roles = "Item editor=read:items,write:items; viewer=read:items;";
    let auth = given(&[("AUTH_RIGHTS_CLAIMS", claims), ("AUTH_ROLE_SCOPES", roles)]).expect("rights");
    assert_eq!(auth.rights.claims().join(" "), claims);
    let token = br#"{"https://example.com/roles":["Item editor"]}"#;
    let token = portcullis_verifier::json::Object::read(token).expect("an object");
    assert_eq!(auth.rights.scopes(&token), ["read:items", "write:items"]);
    assert_eq!(given(&[]).expect("the default").rights.claims(), ["scope", "scp"]);

    let lost = line(given(&[("AUTH_ROLE_SCOPES", "viewer=read:items")]));
    assert!(lost.starts_with("AUTH_RIGHTS_CLAIMS is missing"), "{lost}");
    for (wrong, expected) in [
        ("viewer", "expected ROLE=SCOPE,SCOPE"),
        ("=read:items", "expected ROLE=SCOPE,SCOPE"),
        ("viewer=", "expected scopes of this server: read:items"),
        ("viewer=read:item", "expected scopes of this server: read:items"),
        ("viewer=read:items;viewer=write:items", "expected each role once"),
    ] {
        let line = line(given(&[("AUTH_RIGHTS_CLAIMS", "roles"), ("AUTH_ROLE_SCOPES", wrong)]));
        assert!(line.starts_with("AUTH_ROLE_SCOPES is ") && line.contains(expected), "{line}");
    }
}

#[test]
fn internal_address_replaces_the_issuer() {
    let documents = |variables: &[(&str, &str)]| {
        let auth = given(variables).expect("an internal address");
        auth.issuers().map(|one| one.document().expect("a URL").to_string()).collect::<Vec<_>>()
    };
    let well_known = |base| format!("{base}/.well-known/openid-configuration");
    let internal = ("AUTH_INTERNAL_URL", "https://keycloak.internal/realms/main");
    assert_eq!(documents(&[internal]), [well_known("https://keycloak.internal/realms/main")]);
    let plain = [("AUTH_INTERNAL_URL", "http://keycloak:8080/realms/main"), ("AUTH_INTERNAL_HTTP", "true")];
    assert_eq!(documents(&plain), [well_known("http://keycloak:8080/realms/main")]);
    let here = ("AUTH_INTERNAL_URL", "http://127.0.0.1:8080/realms/main");
    assert_eq!(documents(&[here]), [well_known("http://127.0.0.1:8080/realms/main")]);
    let two = [
        ("AUTH_ISSUER", "https://a.example https://b.example"),
        ("AUTH_AUDIENCE", "api api"),
        ("AUTH_INTERNAL_URL", "public https://b.internal"),
    ];
    assert_eq!(documents(&two), [well_known("https://a.example"), well_known("https://b.internal")]);
    let nowhere = line(given(&[("AUTH_INTERNAL_HTTP", "true")]));
    assert!(nowhere.starts_with("AUTH_INTERNAL_URL is missing"), "{nowhere}");
    // Keys at the same address, and at no other.
    let keys = |uri| given(&[&plain[..], &[("AUTH_URI", uri)]].concat());
    assert!(keys("http://keycloak:8080/keys").is_ok());
    assert!(line(keys("http://keycloak:9000/keys")).starts_with("AUTH_URI is"));
}

#[test]
fn client_id_with_an_unreachable_issuer_is_rejected() {
    let issuer = ("AUTH_ISSUER", "http://keycloak:8080/realms/main");
    let keys = ("AUTH_URI", "https://keycloak.internal/keys");
    assert!(given(&[issuer, keys]).is_ok(), "an API that checks tokens needs no more");
    let client = ("AUTH_CLIENT_ID", "web");
    let line = line(given(&[issuer, keys, client]));
    assert!(line.starts_with("AUTH_ISSUER is ") && line.contains("AUTH_INTERNAL_URL"), "{line}");
    assert!(line.contains("which AUTH_URI does not replace"), "{line}");
    for reachable in ["https://id.example/realms/main", "http://localhost:8080/realms/main"] {
        assert!(given(&[("AUTH_ISSUER", reachable), keys, client]).is_ok(), "{reachable}");
    }
}

#[test]
fn client_id_without_an_audience_is_rejected() {
    let of = |audience, more: &[_]| given(&[&[("AUTH_AUDIENCE", audience), ("AUTH_CLIENT_ID", "web")], more].concat());
    let other = line(of("client_id=cli", &[]));
    assert!(other.starts_with("AUTH_AUDIENCE is \"client_id=cli\": expected client_id=web"), "{other}");
    for audience in ["client_id=web", "client_id=cli|client_id=web", "client_id=cli|api"] {
        assert!(of(audience, &[]).is_ok(), "{audience}");
    }
    let strict = line(of("client_id=web", &[("AUTH_STRICT", "true")]));
    assert!(strict.starts_with("AUTH_STRICT is \"true\"") && strict.contains("RFC 9068"), "{strict}");
}
