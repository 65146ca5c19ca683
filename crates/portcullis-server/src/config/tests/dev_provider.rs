//! When the development provider runs, and what it refuses.

use super::*;

#[test]
fn config_without_variables_is_dev_provider_on_loopback() {
    let config = read(&[]).expect("defaults");
    assert_eq!(config.site_addr.to_string(), "127.0.0.1:3000");
    assert_eq!(config.site_root, PathBuf::from("target/site"));
    assert!(matches!(&config.issuer, IssuerConfig::Development(at) if at.addr.to_string() == "127.0.0.1:3002"));
    assert!(matches!(config.issuer, IssuerConfig::Development(at) if at.token_seconds == 900));
    assert_eq!(config.token_place, TokenPlace::LocalStorage);
    assert!(matches!(config.database, DatabaseUrl::Embedded(path) if path.as_os_str() == "data/portcullis.redb"));
}

#[test]
fn dev_provider_rejects_addresses_other_than_loopback() {
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
fn dev_provider_is_not_used_for_half_a_configuration() {
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
fn dev_provider_token_lifetime_is_settable() {
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
fn dev_provider_rejects_a_bare_port() {
    for name in ["LEPTOS_SITE_ADDR", "DEV_PROVIDER_ADDR"] {
        assert!(read(&[(name, "localhost:3000")]).is_ok(), "{name}");
        let line = line(read(&[(name, ":3000")]));
        assert!(line.starts_with(name) && line.contains("such as 127.0.0.1:3000"), "{line}");
    }
}

#[test]
fn dev_provider_rejects_a_remote_database() {
    let remote = ("DATABASE_URL", "mongodb://ada:hunter2@db.example/portcullis");
    let line = line(read(&[remote]));
    assert!(line.starts_with("DATABASE_URL is") && line.contains("AUTH_ISSUER"), "{line}");
    assert!(!line.contains("hunter2") && !line.contains("db.example"), "{line}");
    assert!(read(&[("DATABASE_URL", "mongodb://localhost/portcullis")]).is_ok());
    assert!(read(&[&GIVEN[..], &[remote]].concat()).is_ok());
}
