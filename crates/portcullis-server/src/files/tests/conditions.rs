//! Entity tags and conditional requests.

use std::fs;
use std::time::{Duration, SystemTime};

use super::*;

#[tokio::test]
async fn entity_tag_differs_by_encoding_and_content() {
    let site = Site::new();
    let tag = async |encoding| {
        let (_, headers, _) = site.get("/theme.js", &[("accept-encoding", encoding)]).await;
        text(&headers, "etag").to_owned()
    };
    let tags = [tag("identity").await, tag("br").await, tag("gzip").await];
    assert!(tags.iter().all(|tag| tag.starts_with('"') && tag.len() == 34), "strong: {tags:?}");
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
    assert_eq!(tag("br").await, tags[1], "and stays");

    // The same length and date, as in a reproducible build.
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    for name in ["a.txt", "b.txt"] {
        site.write(name, name.as_bytes());
        let file = fs::File::options().write(true).open(site.root().join(name)).expect("the file");
        file.set_modified(date).expect("a date");
    }
    let (_, a, _) = site.get("/a.txt", &[]).await;
    let (_, b, _) = site.get("/b.txt", &[]).await;
    assert_ne!(text(&a, "etag"), text(&b, "etag"));
    assert_eq!(text(&a, "last-modified"), text(&b, "last-modified"));
}

#[tokio::test]
async fn file_that_changes_gets_another_entity_tag() {
    let site = Site::new();
    let (_, before, _) = site.get("/robots.txt", &[]).await;
    site.write("robots.txt", b"other");
    let (status, after, _) = site.get("/robots.txt", &[("if-none-match", text(&before, "etag"))]).await;
    assert_eq!(status, 200);
    assert_ne!(text(&before, "etag"), text(&after, "etag"));
}

#[tokio::test]
async fn file_that_is_known_is_not_sent_again() {
    let site = Site::new();
    for method in [Method::GET, Method::HEAD] {
        for encoding in ["identity", "br", "gzip"] {
            let accept = ("accept-encoding", encoding);
            let (_, headers, _) = site.get("/theme.js", &[accept]).await;
            let (tag, date) = (text(&headers, "etag"), text(&headers, "last-modified"));
            let (weak, list) = (format!("W/{tag}"), format!("\"other\", {tag}"));
            let known = [
                &[("if-none-match", tag)][..],
                &[("if-none-match", &weak)],
                &[("if-none-match", &list)],
                &[("if-none-match", "*")],
                &[("if-modified-since", date)],
                &[("if-none-match", tag), ("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT")],
            ];
            for known in known {
                let (status, headers, body) = site.ask(method.clone(), "/theme.js", &[known, &[accept]].concat()).await;
                assert_eq!((status, &*body), (304, &b""[..]), "{method} {known:?}");
                assert_eq!((text(&headers, "etag"), text(&headers, "vary")), (tag, "accept-encoding"), "{known:?}");
            }
            // The tag counts, whatever the date says.
            for unknown in ["\"other\"", "other"] {
                let headers = [accept, ("if-none-match", unknown), ("if-modified-since", date)];
                assert_eq!(site.ask(method.clone(), "/theme.js", &headers).await.0, 200, "{unknown}");
            }
        }
    }
}

#[tokio::test]
async fn file_that_is_not_the_expected_one_is_412() {
    let site = Site::new();
    let (_, headers, _) = site.get("/robots.txt", &[]).await;
    let (tag, date) = (text(&headers, "etag"), text(&headers, "last-modified"));
    let old = ("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT");
    for (headers, status) in [
        (&[("if-match", tag)][..], 200),
        (&[("if-match", "*")], 200),
        (&[("if-match", "\"other\"")], 412),
        (&[("if-match", tag), old], 200),
        (&[old], 412),
        (&[("if-unmodified-since", date)], 200),
    ] {
        assert_eq!(site.get("/robots.txt", headers).await.0, status, "{headers:?}");
    }
}
