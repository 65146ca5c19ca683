//! What the environment may say, and what each slip is answered with.

use jsonwebtoken::Algorithm;

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(&|name| Ok(variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())))
}

const GIVEN: [(&str, &str); 2] = [("AUTH_ISSUER", "https://i.example/"), ("AUTH_AUDIENCE", "api")];

fn given(more: &[(&str, &str)]) -> Result<Trust, ConfigError> {
    match read(&[more, &GIVEN[..]].concat())?.issuer {
        IssuerConfig::Given(trust) => Ok(trust),
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
#[cfg(feature = "dev-provider")]
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
#[cfg(feature = "dev-provider")]
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
#[cfg(feature = "dev-provider")]
fn half_a_configuration_is_not_the_development_provider() {
    for name in ["AUTH_AUDIENCE", "AUTH_URI", "AUTH_CLIENT_ID", "AUTH_SCOPES", "AUTH_ALGORITHMS", "AUTH_STRICT"] {
        let line = line(read(&[(name, "x")]));
        assert!(line.starts_with("AUTH_ISSUER is missing") && line.contains(name), "{line}");
    }
}

#[test]
#[cfg(not(feature = "dev-provider"))]
fn a_build_without_the_development_provider_needs_an_issuer() {
    assert!(line(read(&[])).starts_with("AUTH_ISSUER is missing"));
}

#[test]
fn issuer_audience_and_keys_are_all_that_a_foreign_provider_takes() {
    let trust = given(&[("AUTH_URI", "http://127.0.0.1:9/jwks")]).expect("enough");
    assert_eq!((&*trust.issuer.issuer, &*trust.issuer.audience), ("https://i.example/", "api"));
    assert!(trust.others.is_empty() && !trust.strict);
    assert_eq!(trust.algorithms, [Algorithm::RS256]);
    assert_eq!(trust.client_id, None);
    assert_eq!(
        trust.scopes,
        ["openid", "profile", "email", "read:items", "write:items", "delete:items", "admin:items"]
    );
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
        ("AUTH_AUDIENCE", "api other", "one for each issuer of AUTH_ISSUER, 1"),
        ("AUTH_URI", "https://i.example/a https://i.example/b", "one for each issuer of AUTH_ISSUER, 1"),
        ("SITE_URL", "portcullis.example", "an absolute http or https URL"),
        ("SITE_URL", "http://portcullis.example", "expected an origin as it goes over the wire"),
        ("SITE_URL", "https://portcullis.example:443", "expected an origin as it goes over the wire"),
        ("SITE_URL", "https://1.2.3", "expected an origin as it goes over the wire"),
        ("SITE_URL", "https://pörtcullis.example", "expected an origin as it goes over the wire"),
        ("SITE_URL", "https://a\",error=x", "expected"),
        ("AUTH_ISSUER", "https://a.example,https://b.example", "separated by spaces"),
        ("SITE_URL", "https://portcullis.example/app", "without a path"),
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
    let trust = read("https://a.example/ https://b.example", "api-a api-b", &[]).expect("two issuers");
    let all: Vec<_> = trust.issuers().map(|one| (&*one.issuer, &*one.audience, one.jwks_uri.is_some())).collect();
    assert_eq!(all, [("https://a.example/", "api-a", false), ("https://b.example", "api-b", false)]);
    let uris = [("AUTH_URI", "discovery https://b.example/jwks")];
    let trust = read("https://a.example/ http://b.example", "api api", &uris).expect("keys from two places");
    let all: Vec<_> = trust.issuers().map(|one| one.jwks_uri.is_some()).collect();
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
    let trust = given(&[("AUTH_ALGORITHMS", "RS256, PS512 ES256,EdDSA")]).expect("all of them");
    assert_eq!(trust.algorithms, [Algorithm::RS256, Algorithm::PS512, Algorithm::ES256, Algorithm::EdDSA]);
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
    for name in ["AUTH_ISSUER", "AUTH_URI"] {
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
    let broken = line(Config::read(&|name| if name == "AUTH_ISSUER" { Err(NotUnicode) } else { Ok(None) }));
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
#[cfg(feature = "dev-provider")]
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
fn keep_alive_is_above_60_s_by_default_and_settable() {
    let seconds = |value: &[(&str, &str)]| read(value).map(|config| config.keep_alive.as_secs());
    assert!(seconds(&[]).is_ok_and(|seconds| seconds > 60));
    assert_eq!(seconds(&[("KEEP_ALIVE_SECONDS", "350")]).ok(), Some(350));
    for wrong in ["0", "3601", "-1", "1.5", "75s"] {
        assert!(line(seconds(&[("KEEP_ALIVE_SECONDS", wrong)])).starts_with("KEEP_ALIVE_SECONDS is "), "{wrong}");
    }
}
