//! The rules of HTTP (RFC 9110, RFC 9112) over a socket: what is no request, what cannot be taken, and what public paths
//! answer to other methods.

use http::{HeaderMap, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::App;
use crate::support::raw::{Raw, rest};

#[tokio::test]
async fn host_that_is_missing_doubled_or_invalid_is_400() {
    let app = App::start().await;
    for hosts in [
        "",
        "Host: a\r\nHost: b\r\n",
        "Host: a\r\nHost: a\r\n",
        "Host:\r\n",
        "Host: a b\r\n",
        "Host: a/b\r\n",
        "Host: a:b\r\n",
    ] {
        for path in ["/", "/healthz", "/api/items", "/nothing"] {
            let answer = app.raw(&format!("GET {path} HTTP/1.1\r\n{hosts}\r\n")).await;
            assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()), "{path} {hosts:?}");
            assert!(answer.has("connection: close"), "{answer:?}");
        }
    }
    // HTTP/1.0 has none.
    assert_eq!(app.raw("GET /healthz HTTP/1.0\r\n\r\n").await.status, 200);
}

#[tokio::test]
async fn target_without_a_path_is_400_and_no_panic() {
    let app = App::start().await;
    for line in ["GET x:80", "POST x:80", "CONNECT x:443", "GET x", "GET *", "DELETE *"] {
        let answer = app.raw(&format!("{line} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()), "{line}");
    }
    for (line, status) in
        [("GET http://x", 200), ("GET http://x/healthz", 200), ("GET http://x?y", 200), ("OPTIONS *", 204)]
    {
        let answer = app.raw(&format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(answer.status, status, "{line}: {answer:?}");
    }
}

#[tokio::test]
async fn announced_body_over_the_limit_is_not_asked_for() {
    let app = App::start().await;
    let bearer = format!("Authorization: Bearer {}\r\n", app.token("ada").await);
    for auth in ["", &bearer] {
        for path in ["/api/items", "/rpc/items/list", "/rpc/nothing", "/healthz", "/"] {
            let answer = app
                .raw(&format!(
                    "POST {path} HTTP/1.1\r\nHost: x\r\n{auth}Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n"
                ))
                .await;
            assert_eq!(answer.refusal(), (413, "too_large".to_owned()), "{path}");
        }
    }
    // One that is within the limit is asked for, but only if the caller may send it.
    let ask = async |auth: &str| {
        let mut connection = app.connect().await;
        let head = format!(
            "POST /rpc/items/list HTTP/1.1\r\nHost: x\r\n{auth}Content-Type: application/x-www-form-urlencoded\r\n\
             Expect: 100-continue\r\nConnection: close\r\nContent-Length: 7\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).await.expect("open");
        let mut first = [0; 12];
        connection.read_exact(&mut first).await.expect("an answer");
        let _ = connection.write_all(b"limit=1").await;
        (String::from_utf8_lossy(&first).into_owned(), rest(&mut connection).await)
    };
    let (first, rest) = ask(&bearer).await;
    assert_eq!(first, "HTTP/1.1 100");
    assert!(rest.contains("HTTP/1.1 200"), "{rest}");
    assert_eq!(ask("").await.0, "HTTP/1.1 401");
}

/// A client that sends its whole body before it reads gets the answer all the same (RFC 9112 §9.6).
#[tokio::test]
async fn client_that_sends_too_much_reads_the_413() {
    let app = App::start().await;
    let body = "a".repeat(600_000);
    for announced in [true, false] {
        let mut connection = app.connect().await;
        let head = match announced {
            true => format!("Content-Length: {}\r\n\r\n", body.len()),
            false => format!(
                "Authorization: Bearer {}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
                app.token("ada").await,
                body.len()
            ),
        };
        let head = format!("POST /api/items HTTP/1.1\r\nHost: x\r\n{head}");
        connection.write_all(head.as_bytes()).await.expect("open");
        connection.write_all(body.as_bytes()).await.expect("the server reads it");
        let answer = Raw::parse(&rest(&mut connection).await);
        assert_eq!(answer.refusal(), (413, "too_large".to_owned()), "announced: {announced}");
    }
}

/// So does one that is refused for another reason, and sends on slowly.
#[tokio::test]
async fn client_that_sends_on_slowly_reads_the_refusal() {
    let app = App::start().await;
    for (line, status) in [("POST /api/items", 401), ("PUT /healthz", 405), ("POST /rpc/nothing", 401)] {
        for framing in ["Content-Length: 48000", "Transfer-Encoding: chunked"] {
            let mut connection = app.connect().await;
            let head = format!("{line} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{framing}\r\n\r\n");
            connection.write_all(head.as_bytes()).await.expect("open");
            connection.readable().await.expect("a response");
            let size = if framing.starts_with("Transfer") { "1f40\r\n" } else { "" };
            for part in 0..6 {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                let sent = connection.write_all(format!("{size}{}", "a".repeat(8_000)).as_bytes()).await;
                assert!(sent.is_ok(), "{line} {framing}: {sent:?} at part {part}");
            }
            drop(connection.shutdown().await);
            assert_eq!(Raw::parse(&rest(&mut connection).await).status, status, "{line} {framing}");
        }
    }
}

#[tokio::test]
async fn transfer_coding_that_is_unknown_is_501() {
    let app = App::start().await;
    for coding in ["gzip, chunked", "identity, chunked", "x, chunked"] {
        let answer = app
            .raw(&format!("POST /api/items HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {coding}\r\n\r\n0\r\n\r\n"))
            .await;
        assert_eq!(answer.refusal(), (501, "not_implemented".to_owned()), "{coding}");
    }
    // Where a body ends that is not chunked, nobody knows (RFC 9112 §6.3).
    let answer = app.raw("POST /api/items HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n").await;
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn what_is_no_request_gets_the_usual_error() {
    let app = App::start().await;
    for request in [
        "nonsense\r\n\r\n",
        "GET / HTTP/3.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
    ] {
        assert_eq!(app.raw(request).await.refusal(), (400, "invalid_request".to_owned()), "{request:?}");
    }
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(200_000));
    assert_eq!(app.raw(&head).await.refusal(), (431, "too_large".to_owned()));
    // After requests that are answered, too, whether their bodies are read or not.
    for (first, status) in [
        ("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 200),
        ("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        ("POST /api/items HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 401),
    ] {
        let text = app.raw_text(&format!("{first}nonsense\r\n\r\n")).await;
        let (answered, refused) = text.split_at(text.rfind("HTTP/1.1 ").expect("a response"));
        assert_eq!(Raw::parse(answered).status, status, "{first}");
        assert_eq!(Raw::parse(refused).refusal(), (400, "invalid_request".to_owned()), "{first}");
    }
}

#[tokio::test]
async fn get_with_a_body_is_the_last_of_its_connection() {
    let app = App::start().await;
    for method in ["GET", "HEAD"] {
        for body in ["Content-Length: 2\r\n\r\n{}", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"] {
            let text = app.raw_text(&format!("{method} /healthz HTTP/1.1\r\nHost: x\r\n{body}nonsense\r\n\r\n")).await;
            assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{text}");
            let answer = Raw::parse(&text);
            assert!(answer.status == 200 && answer.has("connection: close"), "{answer:?}");
        }
    }
}

/// An application with a small site.
async fn site() -> (App, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("pkg")).expect("a folder");
    std::fs::write(folder.path().join("theme.js"), "console.log('a file')").expect("a file");
    let root = folder.path().to_str().expect("UTF-8");
    (App::try_start(&[("LEPTOS_SITE_ROOT", root)]).await.expect("it starts"), folder)
}

const PUBLIC: [&str; 9] = [
    "/",
    "/items",
    "/items/",
    "/callback",
    "/healthz",
    "/readyz",
    "/.well-known/oauth-protected-resource",
    "/theme.js",
    "/nothing",
];

/// What two responses to the same question have in common.
fn comparable(headers: &HeaderMap) -> Vec<(String, String)> {
    let own = ["date", "x-request-id", "transfer-encoding", "content-length"];
    let all = headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let mut all: Vec<_> = all
        .map(|(name, value)| {
            let value = value.to_str().expect("ASCII");
            // Each page has a nonce of its own.
            let words = value.split(' ').filter(|word| !word.starts_with("'nonce-"));
            (name.to_string(), words.collect::<Vec<_>>().join(" "))
        })
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn head_answers_what_get_does_without_the_body() {
    let (app, _folder) = site().await;
    let bearer = format!("Bearer {}", app.token("ben").await);
    for path in PUBLIC.into_iter().chain(["/api/items", "/api/items/1", "/api/nothing", "/rpc/items/list"]) {
        for encoding in ["identity", "br"] {
            let headers = [("accept-encoding", encoding), ("authorization", bearer.as_str())];
            let get = app.ask(Method::GET, path, &headers, None).await;
            let head = app.ask(Method::HEAD, path, &headers, None).await;
            assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path} {encoding}");
            assert_eq!(comparable(&head.headers), comparable(&get.headers), "{path} {encoding}");
            // It may be left out, and must not be wrong (RFC 9110 §8.6).
            let length = head.header("content-length");
            assert!(length.is_empty() || length == get.header("content-length"), "{path} {encoding}: {length}");
        }
    }
}

#[tokio::test]
async fn public_paths_answer_options_with_204_and_trace_with_405() {
    let (app, _folder) = site().await;
    for path in PUBLIC {
        let options = app.ask(Method::OPTIONS, path, &[], None).await;
        assert_eq!((options.status, options.text.as_str(), options.header("allow")), (204, "", "GET,HEAD"), "{path}");
        for method in [Method::TRACE, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = app.ask(method.clone(), path, &[], None).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD"), "{method} {path}");
            assert_eq!(answer.error().1, "method_not_allowed", "{method} {path}");
            assert_eq!(answer.header("www-authenticate"), "", "{method} {path}");
        }
    }
    // What is not public tells strangers nothing.
    for method in [Method::OPTIONS, Method::TRACE, Method::PATCH] {
        for path in ["/api/items", "/rpc/items/list", "/api/nothing"] {
            let answer = app.ask(method.clone(), path, &[], None).await;
            assert_eq!((answer.status, answer.header("allow")), (401, ""), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn not_modified_says_nothing_of_the_length() {
    let (app, _folder) = site().await;
    let bearer = format!("Bearer {}", app.token("ada").await);
    let made = app.call("/rpc/items/list", "limit=1", Some(&app.token("ada").await)).await.json();
    let item = format!("/api/items/{}", made["items"][0]["id"].as_str().expect("an item"));
    for path in ["/theme.js", item.as_str()] {
        let headers = [("authorization", bearer.as_str())];
        let tag = app.ask(Method::GET, path, &headers, None).await.header("etag").to_owned();
        for method in [Method::GET, Method::HEAD] {
            let headers = [("authorization", bearer.as_str()), ("if-none-match", tag.as_str())];
            let answer = app.ask(method.clone(), path, &headers, None).await;
            assert_eq!((answer.status, answer.header("content-length")), (304, ""), "{method} {path}");
        }
    }
}
