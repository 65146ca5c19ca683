//! Content encodings and content types.

use super::*;

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
