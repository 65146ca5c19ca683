//! Range requests, HEAD, and files that are too large for the cache.

use super::*;

#[tokio::test]
async fn range_is_sent_if_it_is_one_of_the_same_file() {
    let site = Site::new();
    let (_, headers, _) = site.get("/robots.txt", &[]).await;
    assert_eq!(text(&headers, "accept-ranges"), "bytes");
    let (tag, date) = (text(&headers, "etag").to_owned(), text(&headers, "last-modified").to_owned());
    for (range, status, sent, content_range) in [
        ("bytes=0-3", 206, "0123", "bytes 0-3/10"),
        ("bytes=4-", 206, "456789", "bytes 4-9/10"),
        ("bytes=-3", 206, "789", "bytes 7-9/10"),
        ("bytes=5-99", 206, "56789", "bytes 5-9/10"),
        ("bytes=10-", 416, "", "bytes */10"),
        // What is several or none may be ignored.
        ("bytes=0-1,4-5", 200, "0123456789", ""),
        ("bytes=3-1", 200, "0123456789", ""),
        ("bytes=-0", 200, "0123456789", ""),
        ("bytes=-", 200, "0123456789", ""),
        ("bytes=a-b", 200, "0123456789", ""),
        ("bytes=+1-2", 200, "0123456789", ""),
        ("bytes=0-99999999999999999999999", 200, "0123456789", ""),
        ("items=0-1", 200, "0123456789", ""),
    ] {
        let (got, headers, body) = site.get("/robots.txt", &[("range", range)]).await;
        assert_eq!((got, text(&headers, "content-range")), (status, content_range), "{range}");
        assert_eq!(String::from_utf8(body).expect("text"), sent, "{range}");
        assert_eq!(text(&headers, "etag"), tag, "{range}");
    }
    let weak = format!("W/{tag}");
    for (if_range, status) in [(&*tag, 206), ("\"other\"", 200), (&weak, 200), (&date, 200)] {
        let headers = [("range", "bytes=0-3"), ("if-range", if_range)];
        assert_eq!(site.get("/robots.txt", &headers).await.0, status, "{if_range}");
    }
    // Of the compressed file, where that is what the client has.
    let headers = [("range", "bytes=0-1"), ("accept-encoding", "br")];
    let (status, headers, body) = site.get("/theme.js", &headers).await;
    assert_eq!((status, text(&headers, "content-encoding"), &*body), (206, "br", &BROTLI[..2]));
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let site = Site::new();
    for headers in [&[][..], &[("accept-encoding", "br")], &[("accept-encoding", "gzip"), ("range", "bytes=0-1")]] {
        let (_, mut got, body) = site.get("/theme.js", &headers[..headers.len().min(1)]).await;
        let (status, head, nothing) = site.ask(Method::HEAD, "/theme.js", headers).await;
        assert_eq!((status, &*nothing), (200, &b""[..]), "{headers:?}");
        assert_eq!(text(&head, "content-length"), body.len().to_string(), "{headers:?}");
        for name in ["etag", "vary", "content-type", "content-encoding", "last-modified", "accept-ranges"] {
            assert_eq!(got.remove(name), head.get(name).cloned(), "{name}");
        }
    }
}

#[tokio::test]
async fn file_too_large_for_memory_is_sent_all_the_same() {
    let mut site = Site::new();
    site.files.cache = Arc::new(FileCache::new(9));
    for _ in 0..2 {
        // Ten bytes, which do not fit, and six that do.
        assert_eq!(site.get("/robots.txt", &[]).await.2, b"0123456789");
        assert_eq!(site.get("/robots.txt", &[("range", "bytes=2-4")]).await.2, b"234");
        assert_eq!(site.get("/icon.svg", &[]).await.2, b"<svg/>");
        assert_eq!(site.get("/icon.svg", &[("range", "bytes=1-3")]).await.2, b"svg");
    }
    let kept = async |name: &str| site.files.cache.get(site.root().join(name)).await.expect("a file").bytes.is_some();
    assert!(kept("icon.svg").await && !kept("robots.txt").await);
    // The room of a file that changes is free again.
    site.write("icon.svg", b"<svg />--");
    assert!(kept("icon.svg").await);
}
