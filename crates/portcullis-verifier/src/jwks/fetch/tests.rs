//! Which addresses are fetched, and how they are shown.

use super::*;

#[test]
fn fetch_error_shows_no_query() {
    let url = Url::parse("https://i.example/jwks?api_key=hunter2").expect("a URL");
    assert_eq!(FetchError::Status { url: url.clone(), status: 500 }.to_string().find("hunter2"), None);
    assert_eq!(FetchError::TooLarge { url: url.clone() }.to_string().find("hunter2"), None);
    assert_eq!(FetchError::Unsafe { url: url.clone() }.to_string().find("hunter2"), None);
    assert_eq!(FetchError::Content { url, reason: "x".into() }.to_string(), "https://i.example/jwks: x");
}

#[test]
fn redacted_url_has_no_secret_and_is_short() {
    let of = |text: &str| redacted_url(&Url::parse(text).expect("a URL"));
    assert_eq!(of("http://ada:hunter2@127.0.0.1:1/jwks?a=1#secret"), "http://127.0.0.1:1/jwks");
    let long = of(&format!("https://i.example/{}", "x".repeat(100_000)));
    assert!(long.len() < MAX_SHOWN_CHARS + 10 && long.ends_with('…'), "{}", long.len());
}

#[test]
fn fetch_allows_only_https_and_loopback() {
    let safe = |url| is_safe_to_fetch(&Url::parse(url).expect("a URL"));
    for good in
        ["https://i.example/", "http://127.0.0.1:1/", "http://127.8.9.1/", "http://[::1]/", "http://localhost:3/"]
    {
        assert!(safe(good), "{good}");
    }
    for bad in
        ["http://i.example/", "http://localhost.i.example/", "http://10.0.0.1/", "ftp://127.0.0.1/", "file:///jwks"]
    {
        assert!(!safe(bad), "{bad}");
    }
}
