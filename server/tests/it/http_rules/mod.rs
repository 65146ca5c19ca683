//! The rules of HTTP (RFC 9110, RFC 9112) over a socket: malformed and unsupported requests, and how public paths
//! respond to other methods.

mod bodies;
mod public_paths;

use crate::support::App;
use crate::support::raw::Raw;

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
async fn malformed_request_gets_the_usual_error() {
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
    // Also after handled requests, whether their bodies are read or not.
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
