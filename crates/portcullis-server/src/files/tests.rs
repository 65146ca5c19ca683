//! Files of a folder as clients and attackers ask for them.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use super::*;

const PLAIN: &str = "console.log('plain: \u{e9}');\n";
/// No real brotli and gzip: what is sent is what lies there.
const BROTLI: &[u8] = b"brotli";
const GZIP: &[u8] = b"gzip";

struct Site {
    folder: tempfile::TempDir,
    files: Files,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("site");
        fs::create_dir_all(root.join("pkg")).expect("a folder");
        fs::create_dir_all(root.join(".git")).expect("a folder");
        fs::create_dir_all(root.join(".well-known")).expect("a folder");
        fs::write(folder.path().join("secret"), "secret").expect("a file");
        let files = Files::new(root.to_str().expect("UTF-8"));
        let site = Self { folder, files };
        for (name, content) in [
            ("theme.js", PLAIN.as_bytes()),
            ("theme.js.br", BROTLI),
            ("theme.js.gz", GZIP),
            ("robots.txt", b"0123456789"),
            ("icon.svg", b"<svg/>"),
            ("pkg/portcullis.wasm", b"\0asm"),
            (".env", b"secret"),
            (".git/config", b"secret"),
            (".well-known/security.txt", b"Contact: x"),
        ] {
            site.write(name, content);
        }
        site
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.root().join(name), content).expect("a file");
    }

    /// Status, headers and body; 404 if it is no file.
    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let Some(response) = self.files.serve(&parts).await else { return (404, HeaderMap::new(), Vec::new()) };
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.expect("a body");
        (parts.status.as_u16(), parts.headers, body.to_vec())
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
        self.ask(Method::GET, path, headers).await
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
}

#[tokio::test]
async fn file_is_sent_in_the_encoding_that_is_accepted() {
    let site = Site::new();
    for (accepted, encoding, body) in [
        ("br, gzip", "br", BROTLI),
        ("gzip, deflate", "gzip", GZIP),
        ("gzip;q=1, br;q=0.5", "gzip", GZIP),
        ("br;q=0, gzip;q=0", "", PLAIN.as_bytes()),
        ("identity", "", PLAIN.as_bytes()),
        ("zstd", "", PLAIN.as_bytes()),
    ] {
        let (status, headers, sent) = site.get("/theme.js", &[("accept-encoding", accepted)]).await;
        assert_eq!((status, text(&headers, "content-encoding"), &*sent), (200, encoding, body), "{accepted}");
        assert_eq!(text(&headers, "vary"), "accept-encoding", "{accepted}");
        assert_eq!(text(&headers, "content-type"), "text/javascript; charset=utf-8", "{accepted}");
    }
    let (_, headers, sent) = site.get("/theme.js", &[]).await;
    assert_eq!((text(&headers, "vary"), &*sent), ("accept-encoding", PLAIN.as_bytes()), "without the header");
}

#[tokio::test]
async fn accept_encoding_of_two_lines_is_one_list() {
    let site = Site::new();
    let one_line = site.get("/theme.js", &[("accept-encoding", "identity;q=0.5, br")]).await;
    let two_lines = site.get("/theme.js", &[("accept-encoding", "identity;q=0.5"), ("accept-encoding", "br")]).await;
    assert_eq!(text(&two_lines.1, "content-encoding"), "br");
    assert_eq!(text(&two_lines.1, "etag"), text(&one_line.1, "etag"));
}

#[tokio::test]
async fn file_has_the_type_of_its_name() {
    let site = Site::new();
    for (path, kind) in [
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/pkg/portcullis.wasm", "application/wasm"),
        ("/.well-known/security.txt", "text/plain; charset=utf-8"),
    ] {
        assert_eq!(text(&site.get(path, &[]).await.1, "content-type"), kind, "{path}");
    }
}

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
async fn hidden_files_and_traversal_find_nothing() {
    let site = Site::new();
    for path in [
        "/.env",
        "/%2eenv",
        "/%2Eenv",
        "/.git/config",
        "/pkg/../.env",
        "/pkg/.env",
        "/.well-known/../.env",
        "/.well-known/.hidden",
        "/../secret",
        "/pkg/../../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/pkg/..%2f..%2fsecret",
        "/pkg%2fportcullis.wasm",
        "/..%5csecret",
        "/..\\secret",
        "/%252e%252e/secret",
        "//secret",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/pkg//portcullis.wasm",
        "/./theme.js",
        "/theme.js/",
        "/theme.js/x",
        "/theme.js%00",
        "/theme.js%00.txt",
        "/theme.js%20",
        "/theme.js::$DATA",
        "/C:/secret",
        "/%ff",
        "/pkg",
        "/pkg/",
        "/.well-known",
        "/THEME.JS",
    ] {
        assert_eq!(site.get(path, &[("accept-encoding", "br, gzip")]).await.0, 404, "{path}");
    }
    assert_eq!(site.get("/%74heme.js", &[]).await.0, 200, "an escape that is no trick");
    assert_eq!(site.get("/theme.js?v=1", &[]).await.0, 200, "a query");
}

#[tokio::test]
async fn links_out_of_the_folder_find_nothing() {
    let site = Site::new();
    let (root, outside) = (site.root(), site.folder.path().to_owned());
    symlink(outside.join("secret"), root.join("link.txt")).expect("a link");
    symlink(&outside, root.join("folder")).expect("a link");
    symlink("../secret", root.join("relative.txt")).expect("a link");
    symlink(root.join(".env"), root.join("environment.txt")).expect("a link");
    symlink(root.join("nothing"), root.join("dangling.txt")).expect("a link");
    symlink(outside.join("secret"), root.join("robots.txt.br")).expect("a link");
    for path in ["/link.txt", "/folder/secret", "/relative.txt", "/environment.txt", "/dangling.txt"] {
        assert_eq!(site.get(path, &[]).await.0, 404, "{path}");
    }
    for encoding in ["br", "identity"] {
        assert_eq!(
            site.get("/robots.txt", &[("accept-encoding", encoding)]).await.0,
            404,
            "a variant outside: {encoding}"
        );
    }
    symlink("theme.js", root.join("alias.js")).expect("a link");
    assert_eq!(site.get("/alias.js", &[]).await.2, PLAIN.as_bytes(), "a link within it");
}

#[tokio::test]
async fn precompressed_variants_are_no_files_of_their_own() {
    let site = Site::new();
    for path in ["/theme.js.br", "/theme.js.gz"] {
        assert_eq!(site.get(path, &[]).await.0, 404, "{path}");
    }
    // Without its plain file, one is a file like any other.
    site.write("archive.tar.gz", b"archive");
    assert_eq!(site.get("/archive.tar.gz", &[]).await.2, b"archive");
    for encoding in ["gzip", "identity"] {
        assert_eq!(site.get("/archive.tar", &[("accept-encoding", encoding)]).await.0, 404, "{encoding}");
    }
}

#[tokio::test]
async fn file_that_cannot_be_read_is_503() {
    let site = Site::new();
    // A link to itself: it is there, and no system can open it.
    symlink("loop.js", site.root().join("loop.js")).expect("a link");
    symlink("icon.svg.br", site.root().join("icon.svg.br")).expect("a link");
    for path in ["/loop.js", "/icon.svg"] {
        let (status, headers, body) = site.get(path, &[]).await;
        assert_eq!(
            (status, text(&headers, "retry-after"), text(&headers, "cache-control")),
            (503, "12", "no-store"),
            "{path}"
        );
        assert!(String::from_utf8_lossy(&body).contains(r#""code":"file_unavailable""#), "{path}");
    }
    // What no file can be called is not there, and neither is what lies below a file.
    for path in [format!("/{}.js", "x".repeat(300)), "/robots.txt/more".to_owned()] {
        assert_eq!(site.get(&path, &[]).await.0, 404, "{path}");
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
