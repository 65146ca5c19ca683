//! The limits over a connection in memory and with paused time.

mod cap;
mod hyper_errors;

use super::*;
use axum::body::Body;
use axum::routing::{MethodRouter, any};
use futures_util::{StreamExt, stream};
use http::{Request, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep};

/// The length of the body at `/large`.
const LARGE: usize = 200_000;
const HEAD: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

async fn answer(request: Request<Body>) -> Body {
    let uri: &Uri = request.uri();
    match uri.path() {
        "/slow" => {
            // Fifty frames, five seconds between two.
            let frames = stream::unfold(0, |sent| async move {
                sleep(Duration::from_secs(5)).await;
                (sent < 50).then(|| (Ok::<_, io::Error>("frame"), sent + 1))
            });
            Body::from_stream(frames)
        }
        "/panics" => {
            let panics = stream::once(async {
                sleep(Duration::from_secs(1)).await;
                panic!("on purpose")
            });
            Body::from_stream(stream::iter([Ok::<_, io::Error>("frame")]).chain(panics))
        }
        "/large" => "x".repeat(LARGE).into(),
        "/cap" => format!("{:?}", request.extensions().get::<BeyondCap>()).into(),
        _ => "ok".into(),
    }
}

/// The client's end of a connection that holds `capacity` bytes each way.
fn connect(capacity: usize) -> DuplexStream {
    connect_by(&TimedAcceptor::new(ConnectionLimits::default()), capacity)
}

fn connect_by(acceptor: &TimedAcceptor, capacity: usize) -> DuplexStream {
    let (client, server) = tokio::io::duplex(capacity);
    let service: MethodRouter = any(answer);
    let (stream, service) = acceptor.timed(server, service, None, |_| ());
    tokio::spawn(async move {
        let service = TowerToHyperService::new(service);
        let mut builder = Builder::new(TokioExecutor::new()).http1_only();
        builder.http1().max_buf_size(MAX_HEAD_BYTES);
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

/// Reads the body at `/large` in parts of `length` bytes, one every `pause`; gives how much of it came, and how long it
/// took.
async fn read_slowly(client: &mut DuplexStream, length: usize, pause: Duration) -> (usize, Duration) {
    let start = Instant::now();
    client.write_all(HEAD.replace("GET /", "GET /large").as_bytes()).await.expect("open");
    let (mut read, mut part) = (0, vec![0; length]);
    while read < LARGE {
        sleep(pause).await;
        match client.read(&mut part).await {
            Ok(0) | Err(_) => break,
            Ok(length) => read += part[..length].iter().filter(|byte| **byte == b'x').count(),
        }
    }
    (read, start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn answer_that_is_read_slowly_arrives_whole() {
    // Just above the least rate: far slower than the limit for all of it, and than idle connections are kept.
    let limits = ConnectionLimits { keep_alive: Duration::from_secs(1), ..ConnectionLimits::default() };
    let mut client = connect_by(&TimedAcceptor::new(limits), 4096);
    let (read, took) = read_slowly(&mut client, 4096, WRITE_WINDOW / 5).await;
    assert_eq!(read, LARGE);
    assert!(took > WRITE_WINDOW * 5, "{took:?}");
    assert!(seconds_until_closed(&mut client).await <= 1);
}

#[tokio::test(start_paused = true)]
async fn client_that_never_reads_is_ended() {
    let mut client = connect(4096);
    client.write_all(HEAD.replace("GET /", "GET /large").as_bytes()).await.expect("open");
    sleep(WRITE_WINDOW - Duration::from_secs(1)).await;
    assert!(client.write_all(b"G").await.is_ok(), "it may be slow to begin");
    sleep(Duration::from_secs(2)).await;
    assert!(client.write_all(b"E").await.is_err(), "it is still open");
}

#[tokio::test(start_paused = true)]
async fn client_that_reads_too_slowly_is_ended() {
    let mut client = connect(4096);
    let (read, took) = read_slowly(&mut client, 64, Duration::from_secs(1)).await;
    assert!(read < MIN_BYTES_PER_WRITE_WINDOW, "{read}");
    assert!(took >= WRITE_WINDOW && took < WRITE_WINDOW + Duration::from_secs(70), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn client_that_pipelines_and_never_reads_is_ended() {
    let mut client = connect(4096);
    let asking = async { while client.write_all(HEAD.as_bytes()).await.is_ok() {} };
    tokio::time::timeout(WRITE_WINDOW * 2, asking).await.expect("it is still open");
}

#[tokio::test(start_paused = true)]
async fn write_progress_counts_only_while_blocked() {
    let mut client = connect(65_536);
    for _ in 0..100 {
        // Small responses, long after one another: less than the least rate, and no fault of the client.
        ask(&mut client).await;
        sleep(Duration::from_secs(50)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn panic_of_streamed_body_breaks_the_connection_off() {
    let mut client = connect(65_536);
    client.write_all(HEAD.replace("GET /", "GET /panics").as_bytes()).await.expect("open");
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.expect("what came before");
    assert!(answer.contains("frame") && !answer.ends_with("0\r\n\r\n"), "{answer}");
}
