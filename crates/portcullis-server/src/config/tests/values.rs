//! Wrong values, each with its error message, and secrets in them.

use super::*;

#[test]
fn wrong_value_is_named_with_what_is_expected() {
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
fn database_url_is_read_and_its_password_never_shown() {
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
fn password_in_a_url_is_rejected_and_not_shown() {
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
fn value_with_spaces_or_invalid_utf8_is_rejected() {
    let padded = line(read(&[("AUTH_ISSUER", "https://i.example "), ("AUTH_AUDIENCE", "api")]));
    assert!(padded.starts_with("AUTH_ISSUER is") && padded.contains("without spaces"), "{padded}");
    let broken = line(Config::read(BUILD, &|name| if name == "AUTH_ISSUER" { Err(NotUnicode) } else { Ok(None) }));
    assert!(broken.starts_with("AUTH_ISSUER is") && broken.contains("UTF-8"), "{broken}");
}
