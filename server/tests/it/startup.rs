//! Errors that prevent the start: one line that says what to do.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;

use crate::support::app::eventually;
use crate::support::issuer::Mood;
use crate::support::process::{Process, binary, refused};
use crate::support::{App, FOREIGN, Issuer, OURS, claims};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Returns the error of a server that does not start.
fn stopped(variables: &[(&str, &str)]) -> String {
    refused(folder().path(), variables)
}

#[test]
fn invalid_variable_is_named_in_one_line() {
    for (name, value) in [
        ("LEPTOS_SITE_ADDR", "0.0.0.0:3000"),
        ("LEPTOS_SITE_ADDR", "everywhere"),
        ("AUTH_ISSUER", "not a url"),
        ("DATABASE_URL", "postgres://localhost/items"),
        ("RUST_LOG", "loud,=="),
    ] {
        let said = stopped(&[(name, value)]);
        assert!(said.starts_with(&format!("error: {name} is ")), "{said}");
    }
    assert!(stopped(&[("AUTH_ISSUER", "https://i.example")]).contains("AUTH_AUDIENCE is missing"));
    let said = stopped(&[("DATABASE_URL", "mongodb://ada:hunter2@localhost")]);
    assert!(said.contains("DATABASE_URL is ") && said.contains("database") && !said.contains("hunter2"), "{said}");
}

#[test]
fn unescaped_password_of_mongodb_is_named_and_not_shown() {
    for password in ["hunt@er2", "hunt/er2", "hunt:er2", "hunt%er2", "hunt?er2", "hunt#er2", "hunt[er2"] {
        let said = stopped(&[("DATABASE_URL", &format!("mongodb://ada:{password}@localhost/items"))]);
        assert!(said.contains("percent-encoded") && said.contains("@ as %40"), "{password}: {said}");
        assert!(!said.contains("hunt") && !said.contains("er2"), "{password}: {said}");
    }
    let other = stopped(&[("DATABASE_URL", "mongodb://ada:hunter2@localhost:port/items")]);
    assert!(other.contains("expected a MongoDB connection string") && !other.contains("hunter2"), "{other}");
}

#[test]
fn unreadable_dotenv_is_named_without_its_secrets() {
    let folder = folder();
    // The environment takes no NUL byte.
    for rest in [" and more", "\0"] {
        let line = format!("DATABASE_URL=mongodb://ada:hunter2@h/d{rest}\n");
        std::fs::write(folder.path().join(".env"), line).expect("a file");
        let said = refused(folder.path(), &[]);
        assert!(said.starts_with("error: .env cannot be read") && !said.contains("hunter2"), "{said}");
    }
}

#[test]
fn port_in_use_is_reported() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = taken.local_addr().expect("an address").to_string();
    for name in ["LEPTOS_SITE_ADDR", "DEV_PROVIDER_ADDR"] {
        let said = stopped(&[(name, &addr)]);
        assert!(said.contains(&format!("{name} is {addr}: the port is in use")), "{said}");
    }
}

#[test]
fn corrupt_database_is_rejected_and_left_unchanged() {
    let folder = folder();
    let path = folder.path().join("items.redb");
    std::fs::write(&path, "not a database").expect("a file");
    let said = stopped(&[("DATABASE_URL", &format!("redb:{}", path.display()))]);
    assert!(said.contains("not a sound database and was left untouched"), "{said}");
    assert_eq!(std::fs::read_to_string(&path).expect("still there"), "not a database");
}

#[tokio::test(flavor = "multi_thread")]
async fn proxy_variables_do_not_apply_to_this_machine() {
    let (proxy, issuer) = (Issuer::start(&[&FOREIGN]).await, Issuer::start(&[&OURS]).await);
    issuer.becomes(Mood::Down);
    let uri = format!("{}/jwks?key=hunter2", issuer.url());
    let folder = folder();
    let mut server = Process::start(
        folder.path(),
        &[("http_proxy", proxy.url()), ("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("AUTH_URI", &uri)],
    );
    eventually("the issuer itself is asked", || async { issuer.asked() > 0 }).await;
    assert_eq!(proxy.asked(), 0);
    let line = server.logs("could not be fetched");
    assert!(line.contains(issuer.url()) && !line.contains("hunter2"), "{line}");
}

#[tokio::test]
async fn token_command_prints_a_token_that_opens_the_api() {
    let app = App::start().await;
    let provider = app.dev_issuer.clone().expect("the development provider").replace("http://", "");
    let ask = move |account: &str| {
        let mut command = Command::new(binary());
        command.args(["token", "--account", account, "--scope", "read:items"]);
        let output = command.env_clear().env("DEV_PROVIDER_ADDR", &provider).stdin(Stdio::null()).output();
        output.expect("it runs")
    };
    let (ben, eve) = tokio::task::spawn_blocking(move || (ask("ben"), ask("eve"))).await.expect("it runs");
    let token = String::from_utf8(ben.stdout).expect("UTF-8");
    assert_eq!(app.get("/api/items", Some(token.trim())).await.status, 200);
    assert_eq!((eve.status.code(), eve.stdout.len()), (Some(1), 0), "Eve has no such scope");
    assert!(String::from_utf8(eve.stderr).expect("UTF-8").contains("read:items"));
}

#[tokio::test]
async fn samples_are_created_for_the_dev_provider_only() {
    let development = App::start().await;
    let ada = development.token("ada").await;
    let page = development.get("/api/items?limit=100", Some(&ada)).await.json();
    assert_eq!(page["items"].as_array().expect("items").len(), 12);

    let issuer = Issuer::start(&[&OURS]).await;
    let foreign = App::with_issuer(&issuer).await;
    let token = OURS.sign(&claims(issuer.url(), json!({})));
    let page = foreign.get("/api/items", Some(&token)).await.json();
    assert_eq!(page, json!({"items": [], "next": null}));
}

#[tokio::test(flavor = "multi_thread")]
async fn committed_writes_survive_a_kill() {
    let folder = folder();
    let database = format!("redb:{}", folder.path().join("data/items.redb").display());
    let mut server = Process::start(folder.path(), &[("DATABASE_URL", &database)]);
    // The process is killed, so nothing is closed or flushed.
    server.signal("KILL");
    server.child.wait().expect("ended");

    let issuer = Issuer::start(&[&OURS]).await;
    let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("DATABASE_URL", &database)];
    let app = App::try_start(&variables).await.expect("it opens");
    let token = OURS.sign(&claims(issuer.url(), json!({})));
    let page = app.get("/api/items?limit=100", Some(&token)).await.json();
    assert_eq!(page["items"].as_array().expect("items").len(), 12);
}

#[tokio::test]
async fn unfinished_request_does_not_block_others() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let app = App::start().await;
    let addr = app.url.replace("http://", "");
    let mut slow = tokio::net::TcpStream::connect(&addr).await.expect("a connection");
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n").await.expect("half a head");
    assert_eq!(app.get("/healthz", None).await.status, 200);
    let mut silent = tokio::net::TcpStream::connect(&addr).await.expect("a connection");
    let mut preface = tokio::net::TcpStream::connect(&addr).await.expect("a connection");
    preface.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.expect("HTTP/2");
    // The server closes each within ten seconds. Otherwise they would stay open forever.
    for (what, connection) in [("half a head", &mut slow), ("silence", &mut silent), ("HTTP/2", &mut preface)] {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(20), connection.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "{what}: it is still open");
    }
}

#[tokio::test]
async fn connection_is_kept_idle_for_the_time_that_is_set() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let app = App::try_start(&[("KEEP_ALIVE_SECONDS", "2")]).await.expect("it starts");
    let mut idle = tokio::net::TcpStream::connect(app.url.replace("http://", "")).await.expect("a connection");
    let mut answer = vec![0; 4096];
    for _ in 0..2 {
        idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it is open");
        let length = idle.read(&mut answer).await.expect("an answer");
        assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
    }
    let start = Instant::now();
    let ended = tokio::time::timeout(Duration::from_secs(20), idle.read_to_end(&mut Vec::new())).await;
    assert_eq!(ended.expect("it is closed").expect("in good order"), 0);
    assert!(start.elapsed() >= Duration::from_millis(1900), "{:?}", start.elapsed());
}

#[tokio::test]
async fn body_that_never_arrives_times_out() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let app = App::start().await;
    let mut slow = tokio::net::TcpStream::connect(app.url.replace("http://", "")).await.expect("a connection");
    let head = format!(
        "POST /rpc/items/list HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: 9\r\n\r\nlim",
        app.token("ben").await
    );
    slow.write_all(head.as_bytes()).await.expect("a head");
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(Duration::from_secs(30), slow.read(&mut answer)).await;
    let length = read.expect("an answer in time").expect("an answer");
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains(r#""code":"request_timeout""#), "{answer}");
}

#[test]
fn unfinished_request_does_not_delay_the_shutdown() {
    use std::io::{Read, Write};

    let folder = folder();
    let mut server = Process::start(folder.path(), &[]);
    let addr = server.url.replace("http://", "");
    let connect = || std::net::TcpStream::connect(&addr).expect("a connection");
    let mut half = connect();
    half.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n").expect("half a head");
    // A second request with a response, so that the unfinished one has been read too.
    let mut whole = connect();
    whole.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("a request");
    whole.read_to_string(&mut String::new()).expect("an answer");
    let asked = Instant::now();
    server.signal("TERM");
    assert!(server.child.wait().expect("ended").success());
    // Five seconds, and one more for a busy machine.
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
}
