//! Request bodies: too large, slow, with unknown transfer codings, and with GET.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::App;
use crate::support::raw::{Raw, rest};

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
    // `100 Continue` is sent for a body within the limit, but only to callers with access.
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

/// A client that sends its whole body before it reads still gets the response (RFC 9112 §9.6).
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

/// So does a client that is rejected for another reason and continues to send slowly.
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
    // The end of a body that is not chunked is unknown (RFC 9112 §6.3).
    let answer = app.raw("POST /api/items HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n").await;
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()));
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
