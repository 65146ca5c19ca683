//! The limits over a connection in memory and with paused time.

use super::*;
use axum::routing::{MethodRouter, any};
use futures_util::stream;
use http::Uri;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

const HEAD: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

async fn answer(uri: Uri) -> Body {
    match uri.path() {
        "/slow" => {
            // Fifty frames, five seconds between two.
            let frames = stream::unfold(0, |sent| async move {
                sleep(Duration::from_secs(5)).await;
                (sent < 50).then(|| (Ok::<_, io::Error>("frame"), sent + 1))
            });
            Body::from_stream(frames)
        }
        "/large" => "x".repeat(1000).into(),
        _ => "ok".into(),
    }
}

/// The client's end of a connection that holds `capacity` bytes each way.
fn connect(capacity: usize) -> DuplexStream {
    let (client, server) = tokio::io::duplex(capacity);
    let service: MethodRouter = any(answer);
    let (stream, service) = timed(server, service, None, DEFAULT_KEEP_ALIVE_TIMEOUT);
    tokio::spawn(async move {
        let service = TowerToHyperService::new(service);
        let builder = Builder::new(TokioExecutor::new()).http1_only();
        let _ = builder.serve_connection(TokioIo::new(stream), service).await;
    });
    client
}

async fn ask(client: &mut DuplexStream) {
    client.write_all(HEAD.as_bytes()).await.expect("it is open");
    let mut answer = [0; 1024];
    let length = client.read(&mut answer).await.expect("an answer");
    assert!(answer[..length].starts_with(b"HTTP/1.1 200"), "{:?}", String::from_utf8_lossy(&answer[..length]));
}

/// How many seconds it takes until the server closes the connection.
async fn seconds_until_closed(client: &mut DuplexStream) -> u64 {
    let start = Instant::now();
    let ended = tokio::time::timeout(Duration::from_secs(3600), client.read_to_end(&mut Vec::new())).await;
    assert!(ended.is_ok(), "it is still open");
    start.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn connection_idle_for_70_s_serves_again() {
    let mut client = connect(65_536);
    for _ in 0..3 {
        ask(&mut client).await;
        sleep(Duration::from_secs(70)).await;
    }
    ask(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn connection_idle_past_keep_alive_is_closed() {
    let mut client = connect(65_536);
    ask(&mut client).await;
    assert_eq!(seconds_until_closed(&mut client).await, DEFAULT_KEEP_ALIVE_TIMEOUT.as_secs());
}

#[tokio::test(start_paused = true)]
async fn connection_silent_from_start_is_closed_at_10_s() {
    assert_eq!(seconds_until_closed(&mut connect(65_536)).await, 10);
}

#[tokio::test(start_paused = true)]
async fn connection_with_slow_first_head_is_closed_at_10_s() {
    let mut client = connect(65_536);
    sleep(Duration::from_secs(4)).await;
    client.write_all(b"GET /").await.expect("it is open");
    assert_eq!(seconds_until_closed(&mut client).await, 6);
}

#[tokio::test(start_paused = true)]
async fn connection_with_slow_later_head_is_closed_at_10_s() {
    let mut client = connect(65_536);
    ask(&mut client).await;
    sleep(Duration::from_secs(60)).await;
    let start = Instant::now();
    // One byte each second, which is never the end of a head.
    while client.write_all(b"G").await.is_ok() {
        sleep(Duration::from_secs(1)).await;
        assert!(start.elapsed() < Duration::from_secs(12), "it is still open");
    }
    assert!(start.elapsed() >= HEADER_READ_TIMEOUT, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn answer_that_takes_minutes_is_not_idle() {
    let mut client = connect(65_536);
    client.write_all(HEAD.replace("GET /", "GET /slow").as_bytes()).await.expect("open");
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.expect("text");
    assert_eq!(answer.matches("frame").count(), 50, "{answer}");
}

#[tokio::test(start_paused = true)]
async fn answer_that_is_read_slowly_arrives_whole() {
    let mut client = connect(64);
    let head = HEAD.replace("GET /", "GET /large");
    client.write_all(head.as_bytes()).await.expect("open");
    let mut answer = Vec::new();
    while !answer.ends_with(&[b'x'; 1000]) {
        // Far slower than the limit for all of it, and faster than that for each part.
        sleep(Duration::from_secs(30)).await;
        let mut part = [0; 64];
        let length = client.read(&mut part).await.expect("it is open");
        assert!(length > 0, "it was closed after {} bytes", answer.len());
        answer.extend_from_slice(&part[..length]);
    }
    // The last bytes were on their way while the client slept.
    assert_eq!(seconds_until_closed(&mut client).await, DEFAULT_KEEP_ALIVE_TIMEOUT.as_secs() - 30);
}
