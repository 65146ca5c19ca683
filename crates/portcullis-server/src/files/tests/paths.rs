//! Paths that must find nothing, and files that cannot be read.

use std::os::unix::fs::symlink;

use super::*;

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
