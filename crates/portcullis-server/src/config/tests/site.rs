//! Settings of the site, its storage and its connections.

use super::*;

#[test]
fn site_url_is_an_origin_without_a_slash() {
    let url = |url| read(&[&GIVEN[..], &[("SITE_URL", url)]].concat()).expect("a good address").site_url;
    assert_eq!(url("https://portcullis.example/").as_deref(), Some("https://portcullis.example"));
    assert_eq!(url("http://localhost:8080").as_deref(), Some("http://localhost:8080"));
}

#[test]
fn token_store_is_local_storage_or_memory() {
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
