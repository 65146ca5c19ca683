//! The rules, one request after the other.

use super::*;
use http::Request;

fn status(method: &str, target: &str, headers: &[(&str, &str)]) -> Option<u16> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).expect("a request").into_parts();
    validate(&parts).map(|error| error.status)
}

#[test]
fn host_is_required_once_and_valid() {
    let good = ["x", "x:80", "x:", "127.0.0.1:3000", "[::1]", "[::1]:3000", "a-b.example", "a%41", "%c3%BCx", "x_y"];
    for host in good {
        assert_eq!(status("GET", "/", &[("host", host)]), None, "{host}");
    }
    let bad = [
        "",
        " ",
        ":80",
        "x:y",
        "x:65536",
        "x:+1",
        "a@b",
        "a b",
        "a/b",
        "a?b",
        "a#b",
        "[::1",
        "[x]",
        "::1",
        "x:1:2",
        "\"",
        "%",
        "a%",
        "%4",
        "%zz",
        "a%4g.example",
        "%%41",
    ];
    for host in bad {
        assert_eq!(status("GET", "/", &[("host", host)]), Some(400), "{host:?}");
    }
    assert_eq!(status("GET", "/", &[]), Some(400));
    assert_eq!(status("GET", "/", &[("host", "x"), ("host", "x")]), Some(400));
    assert_eq!(status("GET", "http://x/", &[]), Some(400), "an absolute target replaces no Host");
}

#[test]
fn host_may_be_missing_in_http_1_0() {
    let request = Request::builder().version(Version::HTTP_10).uri("/").body(()).expect("a request");
    assert!(validate(&request.into_parts().0).is_none());
}

#[test]
fn target_without_path_is_refused() {
    let host = [("host", "x")];
    for (method, target) in [("GET", "x:80"), ("CONNECT", "x:443"), ("POST", "x"), ("GET", "*"), ("DELETE", "*")] {
        assert_eq!(status(method, target, &host), Some(400), "{method} {target}");
    }
    for (method, target) in [("GET", "/"), ("GET", "http://x"), ("GET", "http://x/a?b"), ("OPTIONS", "*")] {
        assert_eq!(status(method, target, &host), None, "{method} {target}");
    }
}

#[test]
fn transfer_coding_other_than_chunked_is_501() {
    for (codings, expected) in [
        (&["chunked"][..], None),
        (&["Chunked"], None),
        (&[" , chunked"], None),
        (&["gzip, chunked"], Some(501)),
        (&["identity, chunked"], Some(501)),
        (&["foo", "chunked"], Some(501)),
        (&["gzip"], Some(501)),
        (&["xchunked"], Some(501)),
        (&["chunked, chunked"], Some(400)),
        (&["chunked", "chunked"], Some(400)),
    ] {
        let mut headers = vec![("host", "x")];
        headers.extend(codings.iter().map(|coding| ("transfer-encoding", *coding)));
        assert_eq!(status("POST", "/", &headers), expected, "{codings:?}");
    }
}

#[test]
fn announced_body_over_the_limit_is_413() {
    for (length, expected) in [("0", None), ("65536", None), ("65537", Some(413)), ("18446744073709551616", Some(413))]
    {
        assert_eq!(status("POST", "/", &[("host", "x"), ("content-length", length)]), expected, "{length}");
    }
}
