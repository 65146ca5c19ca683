//! The server under load: connections, descriptors, and clients that do not read.

use std::io::{BufRead, BufReader};
use std::process::Command;
use std::time::Duration;

use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::app::eventually;
use crate::support::process::Process;
use crate::support::raw::{Raw, rest};
use crate::support::{App, Issuer, OURS, claims};

/// A request without its end.
const BEGUN: &[u8] = b"GET /healthz HTTP/1.1\r\n";

/// Opens a connection, and keeps it after one response.
async fn kept(app: &App) -> TcpStream {
    let mut connection = app.connect().await;
    assert_eq!(ask(&mut connection, "/healthz").await.status, 200);
    connection
}

/// Opens a connection with a request in progress, which is not closed to make room.
async fn busy(app: &App) -> TcpStream {
    let mut connection = kept(app).await;
    connection.write_all(BEGUN).await.expect("it is open");
    connection
}

/// Requests `path` on a connection that stays open.
async fn ask(connection: &mut TcpStream, path: &str) -> Raw {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    connection.write_all(request.as_bytes()).await.expect("it is open");
    answer(connection).await
}

/// Reads one response.
async fn answer(connection: &mut TcpStream) -> Raw {
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
    let (mut first, second) = (busy(&app).await, busy(&app).await);
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
    first.write_all(b"Host: x\r\n\r\n").await.expect("it is open");
    assert_eq!(answer(&mut first).await.status, 200, "who is there is served");
    assert_eq!(ask(&mut first, "/.well-known/oauth-protected-resource").await.status, 200, "and stays");
    first.write_all(BEGUN).await.expect("it is open");
    drop(second);
    eventually("its place is free again", || async {
        app.raw("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.status == 200
    })
    .await;
}

#[tokio::test]
async fn idle_connections_do_not_block_new_ones() {
    let app = App::try_start(&[("MAX_CONNECTIONS", "4")]).await.expect("it starts");
    let mut kept = Vec::new();
    for _ in 0..50 {
        let mut connection = app.connect().await;
        let answer = ask(&mut connection, "/.well-known/oauth-protected-resource").await;
        assert!(answer.status == 200 && !answer.has("connection: close"), "{answer:?}");
        kept.push(connection);
    }
    let mut oldest = kept.remove(0);
    let ended = tokio::time::timeout(Duration::from_secs(30), oldest.read(&mut [0; 1])).await;
    assert_eq!(ended.expect("it is closed").expect("in good order"), 0);
}

#[tokio::test]
async fn health_is_answered_while_silent_connections_flood() {
    let app = App::try_start(&[("MAX_CONNECTIONS", "1")]).await.expect("it starts");
    let _first = busy(&app).await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(app.connect().await);
    }
    assert_eq!(app.raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.status, 200);
    // The oldest connections were closed long before their timeout.
    let mut ended = 0;
    for connection in &mut silent {
        let read = tokio::time::timeout(Duration::from_millis(1), connection.read(&mut [0; 1])).await;
        ended += usize::from(read.is_ok());
    }
    assert!(ended >= 200 - 64, "{ended}");
}

/// Sets the limit of open files of a running process.
fn set_limit(process: &Process, limit: &str) {
    let set = Command::new("prlimit").args(["--pid", &process.child.id().to_string(), limit]).status();
    assert!(set.expect("prlimit runs").success());
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn file_is_503_while_descriptors_are_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("site");
    std::fs::create_dir_all(root.join("pkg")).expect("a folder");
    for name in ["seen.js", "unseen.js"] {
        std::fs::write(root.join(name), "console.log(1)").expect("a file");
    }
    let root = root.to_str().expect("UTF-8").to_owned();
    let mut server = Process::start(folder.path(), &[("LEPTOS_SITE_ROOT", &root)]);
    let addr = server.url.replace("http://", "");
    let mut connection = TcpStream::connect(&addr).await.expect("a connection");
    assert_eq!(ask(&mut connection, "/seen.js").await.status, 200);

    set_limit(&server, "--nofile=1:");
    assert_eq!(ask(&mut connection, "/seen.js").await.status, 200, "its content is known");
    for _ in 0..2 {
        let answer = ask(&mut connection, "/unseen.js").await;
        assert_eq!(answer.refusal(), (503, "file_unavailable".to_owned()));
        assert!(answer.has("retry-after: 12"), "{answer:?}");
    }
    assert_eq!(ask(&mut connection, "/nothing").await.status, 404);
    // No other connection is accepted, which is also logged.
    let mut waiting = TcpStream::connect(&addr).await.expect("the backlog takes it");
    waiting.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.expect("open");
    let log = BufReader::new(server.child.stderr.take().expect("its log"));
    let (mut lines, mut seen) = (log.lines(), String::new());
    while !seen.contains("a connection cannot be accepted") {
        seen += &lines.next().expect("it says so").expect("a line");
    }
    assert_eq!(seen.matches("a file of the client cannot be read").count(), 1, "once in a while: {seen}");
    assert!(seen.contains("WARN") && seen.contains("os error 24"), "{seen}");

    set_limit(&server, "--nofile=1000:");
    assert_eq!(ask(&mut connection, "/unseen.js").await.status, 200);
    assert!(rest(&mut waiting).await.starts_with("HTTP/1.1 200"));
    drop(lines);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn file_that_reaches_its_size_limit_is_503_without_a_crash() {
    let folder = tempfile::tempdir().expect("a folder");
    // In blocks of 512 bytes: 2 MiB.
    let issuer = Issuer::start(&[&OURS]).await;
    let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE)];
    let server = Process::start_limited(folder.path(), "ulimit -f 4096", &variables);
    let token = OURS.sign(&claims(issuer.url(), json!({ "scope": "read:items write:items" })));
    let client = reqwest::Client::new();
    let mut status = 201;
    while status == 201 {
        let draft = json!({ "name": "Lamp", "description": "x".repeat(2_000) });
        let request = client.post(format!("{}/api/items", server.url)).bearer_auth(&token);
        let request = request.header("content-type", "application/json").body(draft.to_string());
        status = request.send().await.expect("the server is alive").status().as_u16();
    }
    assert_eq!(status, 503);
    // Until the database is reopened once, reads also get 503.
    eventually("reads are answered", async || {
        let read = client.get(format!("{}/api/items?limit=1", server.url)).bearer_auth(&token).send();
        read.await.expect("the server is alive").status() == 200
    })
    .await;
}

#[test]
fn limit_of_open_files_is_raised_at_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start_limited(folder.path(), "ulimit -S -n 64", &[]);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.child.id())).expect("its limits");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("a line");
    let words: Vec<_> = line.split_whitespace().collect();
    assert_eq!(words[3], words[4], "{line}");
    assert_ne!(words[3], "64", "{line}");
}
