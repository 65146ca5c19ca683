//! A log that cannot be written: its reader has closed, its disk is full, or its pipe is not read.

use std::fs::File;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use portcullis_verifier::test_support::AUDIENCE;
use serde_json::json;

use crate::support::issuer::Mood;
use crate::support::process::Process;
use crate::support::{Issuer, Key, NEXT, OURS, claims};

/// Starts a server that logs everything, with `log` as its standard error.
fn start(folder: &tempfile::TempDir, issuer: &Issuer, log: Stdio) -> Process {
    let variables = [("AUTH_ISSUER", issuer.url()), ("AUTH_AUDIENCE", AUDIENCE), ("RUST_LOG", "debug")];
    Process::start_with_log(folder.path(), &variables, log)
}

async fn status(server: &Process, path: &str, token: Option<&str>) -> u16 {
    let mut request = reqwest::Client::new().get(format!("{}{path}", server.url));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.expect("an answer").status().as_u16()
}

/// Asserts that `server` accepts tokens of a rotated key, and stops on a signal.
async fn works_and_stops(mut server: Process, issuer: &Issuer) {
    let token = |key: &Key| key.sign(&claims(issuer.url(), json!({})));
    assert_eq!(status(&server, "/api/items", Some(&token(&OURS))).await, 200);
    issuer.becomes(Mood::Keys(vec![NEXT.jwk.clone()]));
    assert_eq!(status(&server, "/api/items", Some(&token(&NEXT))).await, 200);
    assert_eq!(status(&server, "/readyz", None).await, 200);
    stops(&mut server).await;
}

async fn stops(server: &mut Process) {
    let started = Instant::now();
    server.signal("TERM");
    while server.child.try_wait().expect("its state").is_none() {
        assert!(started.elapsed() < Duration::from_secs(5), "it does not stop");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn server_without_a_log_reader_learns_rotated_keys() {
    let (folder, issuer) = (tempfile::tempdir().expect("a folder"), Issuer::start(&[&OURS]).await);
    let mut server = start(&folder, &issuer, Stdio::piped());
    drop(server.child.stderr.take());
    works_and_stops(server, &issuer).await;
}

#[tokio::test]
async fn server_with_a_full_log_disk_starts_and_serves() {
    let (folder, issuer) = (tempfile::tempdir().expect("a folder"), Issuer::start(&[&OURS]).await);
    let full = File::options().write(true).open("/dev/full").expect("a device that is always full");
    works_and_stops(start(&folder, &issuer, full.into()), &issuer).await;
}

#[tokio::test]
async fn server_with_a_full_log_pipe_starts_and_serves() {
    let (folder, issuer) = (tempfile::tempdir().expect("a folder"), Issuer::start(&[&OURS]).await);
    let (_unread, mut pipe) = std::io::pipe().expect("a pipe");
    // The capacity of a pipe on Linux.
    pipe.write_all(&[b'\n'; 64 * 1024]).expect("it fits");
    works_and_stops(start(&folder, &issuer, pipe.into()), &issuer).await;
}

#[tokio::test]
async fn server_with_stuck_requests_and_full_log_pipe_stops_in_5_s() {
    let (folder, issuer) = (tempfile::tempdir().expect("a folder"), Issuer::start(&[&OURS]).await);
    let (_unread, mut pipe) = std::io::pipe().expect("a pipe");
    pipe.write_all(&[b'\n'; 64 * 1024]).expect("it fits");
    let mut server = start(&folder, &issuer, pipe.into());
    let token = OURS.sign(&claims(issuer.url(), json!({})));
    assert_eq!(status(&server, "/api/items", Some(&token)).await, 200);
    // A body that never ends.
    let mut stuck = std::net::TcpStream::connect(server.url.trim_start_matches("http://")).expect("open");
    let head = "POST /api/items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n";
    stuck.write_all(format!("{head}Authorization: Bearer {token}\r\n\r\n{{").as_bytes()).expect("sent");
    // It is in progress once a later request has a response.
    assert_eq!(status(&server, "/api/items", Some(&token)).await, 200);
    stops(&mut server).await;
}
