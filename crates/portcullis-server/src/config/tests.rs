//! What the environment may say, and what each slip is answered with.

use jsonwebtoken::Algorithm;
use portcullis::sign_in::AudienceParameter;
use portcullis::{Access, DeclaredRight, Resource, Scope};

use super::*;

const READ: Access = Access::Scopes(&[Scope("read:items")]);
const WRITE: Access = Access::Scopes(&[Scope("write:items")]);
const DELETE: Access = Access::Scopes(&[Scope("delete:items")]);
const ADMIN: Access = Access::Scopes(&[Scope("admin:items")]);

static REGISTRY: Registry = Registry::new(&[&Resource {
    name: "items",
    rights: &[right(READ), right(WRITE), right(DELETE), right(ADMIN)],
    endpoints: &[],
    pages: &[],
}]);

const fn right(access: Access) -> DeclaredRight {
    DeclaredRight { name: "Right", access, is_read_only: false }
}

const BUILD: Build = Build { registry: &REGISTRY, has_dev_provider: true };

fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(BUILD, &|name| {
        Ok(variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    })
}

const GIVEN: [(&str, &str); 2] = [("AUTH_ISSUER", "https://i.example/"), ("AUTH_AUDIENCE", "api")];

fn given(more: &[(&str, &str)]) -> Result<AuthConfig, ConfigError> {
    match read(&[more, &GIVEN[..]].concat())?.issuer {
        IssuerConfig::Given(auth) => Ok(*auth),
        IssuerConfig::Development(_) => panic!("AUTH_ISSUER was given"),
    }
}

/// The one line that a person sees: it names the variable.
fn line(result: Result<impl std::fmt::Debug, ConfigError>) -> String {
    let line = result.expect_err("a wrong variable").to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}

#[test]
fn without_any_variable_it_is_the_development_provider_on_loopback() {
    let config = read(&[]).expect("defaults");
    assert_eq!(config.site_addr.to_string(), "127.0.0.1:3000");
    assert_eq!(config.site_root, PathBuf::from("target/site"));
    assert!(matches!(&config.issuer, IssuerConfig::Development(at) if at.addr.to_string() == "127.0.0.1:3002"));
    assert!(matches!(config.issuer, IssuerConfig::Development(at) if at.token_seconds == 900));
    assert_eq!(config.token_place, TokenPlace::LocalStorage);
    assert!(matches!(config.database, DatabaseUrl::Embedded(path) if path.as_os_str() == "data/portcullis.redb"));
}

#[test]
fn the_development_provider_refuses_every_address_but_loopback() {
    for open in ["0.0.0.0:3000", "192.168.1.2:3000", "[::]:3000"] {
        for name in ["LEPTOS_SITE_ADDR", "DEV_PROVIDER_ADDR"] {
            let line = line(read(&[(name, open)]));
            assert!(line.starts_with(name) && line.contains(open) && line.contains("loopback"), "{line}");
        }
    }
    let line = line(read(&[("SITE_URL", "https://portcullis.example")]));
    assert!(line.starts_with("SITE_URL") && line.contains("AUTH_ISSUER"), "{line}");
    assert!(read(&[("LEPTOS_SITE_ADDR", "[::1]:3000"), ("SITE_URL", "http://localhost:3000")]).is_ok());
    assert!(read(&[&GIVEN[..], &[("LEPTOS_SITE_ADDR", "0.0.0.0:3000")]].concat()).is_ok());
}

#[test]
fn half_a_configuration_is_not_the_development_provider() {
    let of_the_issuer: Vec<_> = names::of_the_issuer().collect();
    assert_eq!(of_the_issuer.len(), 12, "{of_the_issuer:?}");
    for name in of_the_issuer {
        let line = line(read(&[(name, "x")]));
        assert!(line.starts_with("AUTH_ISSUER is missing") && line.contains(name), "{line}");
    }
}

#[test]
fn build_without_development_provider_needs_an_issuer() {
    let build = Build { has_dev_provider: false, ..BUILD };
    assert!(line(Config::read(build, &|_| Ok(None))).starts_with("AUTH_ISSUER is missing"));
}

#[test]
fn issuer_audience_and_keys_are_all_that_a_foreign_provider_takes() {
    let auth = given(&[("AUTH_URI", "http://127.0.0.1:9/jwks")]).expect("enough");
    assert_eq!((&*auth.issuer.issuer, auth.issuer.audience()), ("https://i.example/", "api"));
    assert!(auth.others.is_empty() && !auth.strict);
    assert_eq!(auth.algorithms, [Algorithm::RS256]);
    assert_eq!(auth.client_id, None);
    assert_eq!(auth.scopes, ["openid", "profile", "email", "read:items", "write:items", "delete:items", "admin:items"]);
}

#[test]
fn an_issuer_needs_its_audience() {
    assert!(line(read(&GIVEN[..1])).starts_with("AUTH_AUDIENCE is missing"));
}

#[test]
fn wrong_values_are_named_with_what_they_should_be() {
    for (name, value, expected) in [
        ("LEPTOS_SITE_ADDR", "localhost", "an IP address and a port"),
        ("LEPTOS_SITE_ADDR", "127.0.0.1:99999", "an IP address and a port"),
        ("LEPTOS_SITE_ADDR", "3000", "an IP address and a port: 127.0.0.1:3000 or localhost:3000"),
        ("LEPTOS_SITE_ADDR", "portcullis.example:3000", "an IP address and a port"),
        ("LEPTOS_SITE_ADDR", "localhost:", "an IP address and a port"),
        ("LEPTOS_SITE_ADDR", ":99999", "an IP address and a port"),
        ("LEPTOS_SITE_ROOT", "/nowhere", "a built client"),
        ("AUTH_ISSUER", "", "expected a value"),
        ("AUTH_ISSUER", "i.example", "an absolute http or https URL"),
        ("AUTH_ISSUER", "ftp://i.example", "an absolute http or https URL"),
        ("AUTH_ISSUER", "https://i.example/#top", "without query or fragment"),
        ("AUTH_ISSUER", "http://i.example", "https"),
        ("AUTH_URI", "jwks.json", "the https address"),
        ("AUTH_URI", "http://i.example/jwks", "https"),
        ("AUTH_ALGORITHMS", "HS256", "never HS or none"),
        ("AUTH_ALGORITHMS", "RS256,none", "never HS or none"),
        ("AUTH_ALGORITHMS", ",", "never HS or none"),
        ("AUTH_AUDIENCE_PARAMETER", "scope", "audience, resource or none"),
        ("AUTH_STRICT", "yes", "true or false"),
        ("AUTH_LEEWAY_SECONDS", "61", "a whole number of seconds from 0 to 60"),
        ("AUTH_LEEWAY_SECONDS", "-1", "a whole number of seconds from 0 to 60"),
        ("AUTH_LEEWAY_SECONDS", "1.5", "a whole number of seconds from 0 to 60"),
        ("AUTH_LEEWAY_SECONDS", "a minute", "a whole number of seconds from 0 to 60"),
        ("AUTH_AUDIENCE", "api|", "audiences with | between them"),
        ("AUTH_AUDIENCE", "client_id=", "audiences with | between them"),
        ("AUTH_RIGHTS_CLAIMS", "scope,permissions", "separated by spaces, not by commas"),
        ("AUTH_INTERNAL_URL", "keycloak:8080", "an absolute http or https URL"),
        ("AUTH_INTERNAL_URL", "http://keycloak:8080/realms/main", "AUTH_INTERNAL_HTTP=true"),
        ("AUTH_INTERNAL_URL", "https://a.example https://b.example", "one for each issuer of AUTH_ISSUER, 1"),
        ("AUTH_INTERNAL_HTTP", "yes", "true or false"),
        ("AUTH_AUDIENCE", "api other", "one for each issuer of AUTH_ISSUER, 1"),
        ("AUTH_URI", "https://i.example/a https://i.example/b", "one for each issuer of AUTH_ISSUER, 1"),
        ("SITE_URL", "portcullis.example", "an absolute http or https URL"),
        ("SITE_URL", "http://portcullis.example", "expected an origin as it goes over the wire"),
        ("SITE_URL", "https://portcullis.example:443", "expected an origin as it goes over the wire"),
        ("SITE_URL", "https://1.2.3", "expected an origin as it goes over the wire"),
        ("SITE_URL", "https://pörtcullis.example", "expected an origin as it goes over the wire"),
        ("SITE_URL", "https://a\",error=x", "expected"),
        ("AUTH_ISSUER", "https://a.example,https://b.example", "separated by spaces"),
        ("SITE_URL", "https://portcullis.example/app", "a deployment under a path is not supported"),
    ] {
        let others = GIVEN.iter().filter(|(given, _)| *given != name).copied();
        let all: Vec<_> = others.chain([(name, value)]).collect();
        let line = line(read(&all));
        let shown = format!("{value:?}");
        assert!(line.starts_with(name) && line.contains(&shown) && line.contains(expected), "{line}");
    }
}

#[test]
fn several_issuers_each_have_their_audience_and_their_keys() {
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
fn the_address_of_the_site_is_an_origin_without_a_slash() {
    let url = |url| read(&[&GIVEN[..], &[("SITE_URL", url)]].concat()).expect("a good address").site_url;
    assert_eq!(url("https://portcullis.example/").as_deref(), Some("https://portcullis.example"));
    assert_eq!(url("http://localhost:8080").as_deref(), Some("http://localhost:8080"));
}

#[test]
fn several_algorithms_are_read() {
    let auth = given(&[("AUTH_ALGORITHMS", "RS256, PS512 ES256,EdDSA")]).expect("all of them");
    assert_eq!(auth.algorithms, [Algorithm::RS256, Algorithm::PS512, Algorithm::ES256, Algorithm::EdDSA]);
}

#[test]
fn a_database_is_named_by_its_scheme_and_its_password_is_never_shown() {
    let database = |url| read(&[&GIVEN[..], &[("DATABASE_URL", url)]].concat()).map(|config| config.database);
    assert!(matches!(database("redb:a/b.redb"), Ok(DatabaseUrl::Embedded(path)) if path.as_os_str() == "a/b.redb"));
    assert!(matches!(database("mongodb+srv://h/d"), Ok(DatabaseUrl::Mongo(_))));
    let secret = "mongodb://ada:hunter2@h/d";
    assert!(!format!("{:?}", database(secret)).contains("hunter2"));
    for wrong in ["postgres://ada:hunter2@h/d", "redb:", "items.redb"] {
        let line = line(database(wrong));
        assert!(line.starts_with("DATABASE_URL is") && !line.contains("hunter2"), "{line}");
    }
}

#[test]
fn a_password_in_an_address_is_refused_and_not_shown() {
    for name in ["AUTH_ISSUER", "AUTH_URI", "AUTH_INTERNAL_URL"] {
        for value in
            ["https://ada:hunter2@i.example", "https://ada:hunter2@i.example:99999", "http://i.example/?key=hunter2"]
        {
            let others = GIVEN.iter().filter(|(given, _)| *given != name).copied();
            let all: Vec<_> = others.chain([(name, value)]).collect();
            let line = line(read(&all));
            assert!(line.starts_with(&format!("{name} is")) && !line.contains("hunter2"), "{line}");
        }
    }
}

#[test]
fn spaces_around_a_value_and_bytes_that_are_no_text_are_refused() {
    let padded = line(read(&[("AUTH_ISSUER", "https://i.example "), ("AUTH_AUDIENCE", "api")]));
    assert!(padded.starts_with("AUTH_ISSUER is") && padded.contains("without spaces"), "{padded}");
    let broken = line(Config::read(BUILD, &|name| if name == "AUTH_ISSUER" { Err(NotUnicode) } else { Ok(None) }));
    assert!(broken.starts_with("AUTH_ISSUER is") && broken.contains("UTF-8"), "{broken}");
}

#[test]
fn tokens_are_kept_where_it_is_said() {
    let place = |value| read(&[&[("AUTH_TOKEN_STORE", value)], &GIVEN[..]].concat()).map(|config| config.token_place);
    assert_eq!(place("localStorage").expect("a place"), TokenPlace::LocalStorage);
    assert_eq!(place("memory").expect("a place"), TokenPlace::Memory);
    let wrong = line(place("cookie"));
    assert_eq!(wrong, r#"AUTH_TOKEN_STORE is "cookie": expected localStorage or memory"#);
}

#[test]
fn storage_prefix_is_plain_and_short() {
    let prefix =
        |value| read(&[&[("AUTH_STORAGE_PREFIX", value)], &GIVEN[..]].concat()).map(|config| config.storage_prefix);
    assert_eq!(read(&GIVEN).expect("no prefix").storage_prefix, "");
    let longest = "p".repeat(32);
    for good in ["shop_", "Shop-2.", &longest] {
        assert_eq!(prefix(good).expect("a prefix"), good);
    }
    for bad in ["a b", "shop:", "a/b", "a\"b", "pörtcullis", &"p".repeat(33)] {
        let expected = "expected at most 32 letters, digits, '-', '_' or '.'";
        assert_eq!(line(prefix(bad)), format!("AUTH_STORAGE_PREFIX is {bad:?}: {expected}"));
    }
}

#[test]
fn the_development_provider_is_told_how_long_its_tokens_live() {
    let seconds = |value| match read(&[("DEV_PROVIDER_TOKEN_SECONDS", value)])?.issuer {
        IssuerConfig::Development(at) => Ok(at.token_seconds),
        IssuerConfig::Given(_) => panic!("AUTH_ISSUER was not given"),
    };
    assert_eq!(seconds("30").expect("a lifetime"), 30);
    for wrong in ["0", "86401", "a minute", "-1"] {
        assert!(line(seconds(wrong)).starts_with("DEV_PROVIDER_TOKEN_SECONDS is "), "{wrong}");
    }
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
fn internal_address_stands_in_the_place_of_the_issuer() {
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
fn nobody_can_ever_sign_in_with_auth_uri_alone() {
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
fn nobody_can_ever_sign_in_by_a_client_without_an_audience() {
    let of = |audience, more: &[_]| given(&[&[("AUTH_AUDIENCE", audience), ("AUTH_CLIENT_ID", "web")], more].concat());
    let other = line(of("client_id=cli", &[]));
    assert!(other.starts_with("AUTH_AUDIENCE is \"client_id=cli\": expected client_id=web"), "{other}");
    for audience in ["client_id=web", "client_id=cli|client_id=web", "client_id=cli|api"] {
        assert!(of(audience, &[]).is_ok(), "{audience}");
    }
    let strict = line(of("client_id=web", &[("AUTH_STRICT", "true")]));
    assert!(strict.starts_with("AUTH_STRICT is \"true\"") && strict.contains("RFC 9068"), "{strict}");
}

#[test]
fn localhost_and_a_bare_port_are_addresses() {
    let addr = |value| read(&[&GIVEN[..], &[("LEPTOS_SITE_ADDR", value)]].concat()).map(|config| config.site_addr);
    for (value, meant) in [
        ("localhost:3000", "127.0.0.1:3000"),
        ("LOCALHOST:80", "127.0.0.1:80"),
        (":3000", "0.0.0.0:3000"),
        ("[::1]:3000", "[::1]:3000"),
    ] {
        assert_eq!(addr(value).expect(value).to_string(), meant);
    }
}

#[test]
fn bare_port_opens_nothing_with_the_development_provider() {
    for name in ["LEPTOS_SITE_ADDR", "DEV_PROVIDER_ADDR"] {
        assert!(read(&[(name, "localhost:3000")]).is_ok(), "{name}");
        let line = line(read(&[(name, ":3000")]));
        assert!(line.starts_with(name) && line.contains("such as 127.0.0.1:3000"), "{line}");
    }
}

#[test]
fn remote_database_is_not_given_to_everyone() {
    let remote = ("DATABASE_URL", "mongodb://ada:hunter2@db.example/portcullis");
    let line = line(read(&[remote]));
    assert!(line.starts_with("DATABASE_URL is") && line.contains("AUTH_ISSUER"), "{line}");
    assert!(!line.contains("hunter2") && !line.contains("db.example"), "{line}");
    assert!(read(&[("DATABASE_URL", "mongodb://localhost/portcullis")]).is_ok());
    assert!(read(&[&GIVEN[..], &[remote]].concat()).is_ok());
}

#[test]
fn keep_alive_is_above_60_s_by_default_and_settable() {
    let seconds =
        |value: &[(&str, &str)]| read(&[&GIVEN[..], value].concat()).map(|config| config.keep_alive.as_secs());
    assert!(seconds(&[]).is_ok_and(|seconds| seconds > 60));
    assert_eq!(seconds(&[("KEEP_ALIVE_SECONDS", "350")]).ok(), Some(350));
    for wrong in ["0", "3601", "-1", "1.5", "75s"] {
        assert!(line(seconds(&[("KEEP_ALIVE_SECONDS", wrong)])).starts_with("KEEP_ALIVE_SECONDS is "), "{wrong}");
    }
}

#[test]
fn max_connections_has_a_default_and_is_settable() {
    let number = |value: &[(&str, &str)]| read(&[&GIVEN[..], value].concat()).map(|config| config.max_connections);
    assert_eq!(number(&[]).ok(), Some(12_000));
    assert_eq!(number(&[("MAX_CONNECTIONS", "500")]).ok(), Some(500));
    for wrong in ["0", "1000001", "-1", "many", "1e3"] {
        assert!(line(number(&[("MAX_CONNECTIONS", wrong)])).starts_with("MAX_CONNECTIONS is "), "{wrong}");
    }
}
