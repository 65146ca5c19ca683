//! What the server holds under pressure: connections, descriptors, and clients that do not read.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::App;
use crate::support::app::eventually;
use crate::support::raw::Raw;

/// A connection that is answered once and kept.
async fn kept(app: &App) -> TcpStream {
    let mut connection = app.connect().await;
    assert_eq!(ask(&mut connection, "/healthz").await.status, 200);
    connection
}

/// Asks for `path` by a connection that stays open.
async fn ask(connection: &mut TcpStream, path: &str) -> Raw {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    connection.write_all(request.as_bytes()).await.expect("it is open");
    let mut text = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = tokio::time::timeout(Duration::from_secs(30), connection.read(&mut part)).await;
        let length = read.expect("an answer in time").expect("an answer");
        text.extend_from_slice(&part[..length]);
        let so_far = String::from_utf8_lossy(&text);
        if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
            let announced = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let is_whole = match announced {
                Some(announced) => announced.parse() == Ok(body.len()),
                None => body.ends_with("0\r\n\r\n"),
            };
            if is_whole {
                return Raw::parse(&so_far);
            }
        }
        assert!(length > 0, "it ended: {so_far}");
    }
}

#[tokio::test]
async fn connections_beyond_the_cap_get_health_checks_and_503() {
    let app = App::try_start(&[("MAX_CONNECTIONS", "2")]).await.expect("it starts");
    let (mut first, second) = (kept(&app).await, kept(&app).await);
    for path in ["/", "/api/items", "/theme.js", "/rpc/items/list", "/healthz/x"] {
        let answer = app.raw(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        assert_eq!(answer.refusal(), (503, "too_many_connections".to_owned()), "{path}");
        assert!(answer.has("retry-after: 12") && answer.has("connection: close"), "{answer:?}");
    }
    for path in ["/healthz", "/readyz"] {
        let answer = app.raw(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.has("connection: close"), "{answer:?}");
    }
    assert_eq!(ask(&mut first, "/.well-known/oauth-protected-resource").await.status, 200, "who is there is served");
    drop(second);
    eventually("its place is free again", || async {
        app.raw("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.status == 200
    })
    .await;
}

#[tokio::test]
async fn health_is_answered_while_silent_connections_flood() {
    let app = App::try_start(&[("MAX_CONNECTIONS", "1")]).await.expect("it starts");
    let _first = kept(&app).await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(app.connect().await);
    }
    assert_eq!(app.raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.status, 200);
    // The oldest had to go long before their time.
    let mut ended = 0;
    for connection in &mut silent {
        let read = tokio::time::timeout(Duration::from_millis(1), connection.read(&mut [0; 1])).await;
        ended += usize::from(read.is_ok());
    }
    assert!(ended >= 200 - 64, "{ended}");
}
