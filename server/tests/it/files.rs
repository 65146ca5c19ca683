//! The files of the client and of `public/`, over a socket, with the layers of the router.

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, App};

/// Starts an application with a small site. Returns it with its folder.
async fn site() -> (App, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("site");
    std::fs::create_dir_all(root.join("pkg")).expect("a folder");
    std::fs::write(folder.path().join("secret"), "secret").expect("a file beside the site");
    for (name, content) in [
        ("theme.js", "plain"),
        ("theme.js.br", "brotli"),
        ("theme.js.gz", "gzip"),
        ("favicon.svg", "<svg/>"),
        (".env", "secret"),
        ("pkg/portcullis.js", "client"),
        ("pkg/portcullis.js.br", "compressed client"),
    ] {
        std::fs::write(root.join(name), content).expect("a file");
    }
    let root = root.to_str().expect("UTF-8");
    (App::try_start(&[("LEPTOS_SITE_ROOT", root)]).await.expect("it starts"), folder)
}

async fn get(app: &App, path: &str, headers: &[(&str, &str)]) -> Answer {
    app.ask(Method::GET, path, headers, None).await
}

/// Returns the URL of the client's script in pages.
async fn script(app: &App) -> String {
    let page = app.get("/", None).await.text;
    let start = page.find("/release-").expect("an address that names the release");
    page[start..].split_once("/pkg/").expect("a file of the client").0.to_owned() + "/pkg/portcullis.js"
}

#[tokio::test]
async fn static_file_has_tag_date_and_vary() {
    let (app, _folder) = site().await;
    let theme = get(&app, "/theme.js", &[("accept-encoding", "br")]).await;
    assert_eq!((theme.status, theme.text.as_str()), (200, "brotli"));
    assert_eq!((theme.header("content-encoding"), theme.header("vary")), ("br", "accept-encoding"));
    assert_eq!(theme.header("cache-control"), "no-cache");
    assert_eq!(theme.header("content-type"), "text/javascript; charset=utf-8");
    for (name, value) in [("if-none-match", theme.header("etag")), ("if-modified-since", theme.header("last-modified"))]
    {
        let again = get(&app, "/theme.js", &[("accept-encoding", "br"), (name, value)]).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{name}");
        for name in ["etag", "vary", "cache-control"] {
            assert_eq!(again.header(name), theme.header(name), "{name}");
        }
    }
    let part = get(&app, "/favicon.svg", &[("range", "bytes=1-3")]).await;
    assert_eq!((part.status, part.text.as_str(), part.header("content-range")), (206, "svg", "bytes 1-3/6"));
    let head = app.ask(Method::HEAD, "/favicon.svg", &[], None).await;
    assert_eq!((head.status, head.text.as_str(), head.header("content-length")), (200, "", "6"));
}

#[tokio::test]
async fn file_of_release_is_immutable_even_as_304() {
    let (app, _folder) = site().await;
    let path = script(&app).await;
    let whole = get(&app, &path, &[("accept-encoding", "br")]).await;
    assert_eq!((whole.status, whole.text.as_str()), (200, "compressed client"));
    let tag = whole.header("etag");
    let known = get(&app, &path, &[("accept-encoding", "br"), ("if-none-match", tag)]).await;
    let part = get(&app, &path, &[("accept-encoding", "br"), ("range", "bytes=0-3"), ("if-range", tag)]).await;
    assert_eq!((known.status, part.status, part.text.as_str()), (304, 206, "comp"));
    for answer in [&whole, &known, &part] {
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable", "{}", answer.status);
        assert_eq!((answer.header("vary"), answer.header("etag")), ("accept-encoding", tag), "{}", answer.status);
    }
    // Another release has other files, and a wrong name must not be cached forever.
    let other = get(&app, "/release-0000000000000000/pkg/portcullis.js", &[]).await;
    let missing = get(&app, &path.replace("portcullis.js", "nothing.js"), &[]).await;
    let variant = get(&app, &format!("{path}.br"), &[]).await;
    for answer in [other, missing, variant] {
        assert_eq!((answer.status, answer.header("cache-control")), (404, "no-cache"));
    }
}

#[tokio::test]
async fn missing_file_is_the_404_page() {
    let (app, _folder) = site().await;
    for path in ["/nothing", "/nothing.js", "/pkg", "/pkg/", "/.env", "/theme.js.br", "/theme.js/"] {
        let answer = get(&app, path, &[("accept-encoding", "identity")]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text.contains("</html>") && answer.text.contains(r#"id="sign-in""#), "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert_eq!(answer.header("etag"), "", "{path}");
        assert!(answer.header("content-security-policy").contains("'nonce-"), "{path}");
    }
    // The conditions of a request are those of a file.
    let headers = [("if-none-match", "*"), ("range", "bytes=0-1"), ("if-match", "\"a\"")];
    assert_eq!(get(&app, "/nothing", &headers).await.status, 404);
}

/// Sends the path unchanged. Client libraries would remove dot segments.
#[tokio::test]
async fn traversal_over_a_socket_finds_no_file() {
    let (app, _folder) = site().await;
    let release = script(&app).await.replace("/portcullis.js", "");
    for path in [
        "/../secret".to_owned(),
        "/pkg/../../secret".to_owned(),
        "/%2e%2e/secret".to_owned(),
        "/..%2fsecret".to_owned(),
        "/..%5csecret".to_owned(),
        format!("{release}/../.env"),
        format!("{release}/../../secret"),
        format!("{release}/%2e%2e/.env"),
        format!("{release}/..%2f.env"),
    ] {
        let mut connection =
            tokio::net::TcpStream::connect(app.url.replace("http://", "")).await.expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).await.expect("it is sent");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(!answer.ends_with("secret"), "{path}: {answer}");
    }
}
