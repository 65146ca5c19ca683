//! Requests that Hyper refuses by itself.

use super::*;

#[tokio::test(start_paused = true)]
async fn head_far_over_64_kib_is_431() {
    let mut client = connect(1_000_000);
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(2 * MAX_HEAD_BYTES));
    client.write_all(head.as_bytes()).await.expect("open");
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 431") && answer.contains(r#""code":"too_large""#), "{answer}");
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(MAX_HEAD_BYTES - 100));
    let mut client = connect(1_000_000);
    client.write_all(head.as_bytes()).await.expect("open");
    let mut answer = [0; 64];
    let length = client.read(&mut answer).await.expect("an answer");
    assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
}

#[tokio::test(start_paused = true)]
async fn client_that_sends_on_after_the_431_may_read_it() {
    for start in [format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}", "x".repeat(MAX_HEAD_BYTES)), "nonsense\r\n\r\n".into()]
    {
        let mut client = connect(1_000_000);
        client.write_all(start.as_bytes()).await.expect("open");
        // Over TCP, what is sent to a connection that is closed has the client's system discard the response.
        for _ in 0..15 {
            sleep(Duration::from_millis(100)).await;
            client.write_all(b"x").await.expect("the server still reads");
        }
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 4") && answer.ends_with('}'), "{answer}");
    }
}

/// What comes back for `requests` by a connection that holds little, so that responses wait to be sent.
async fn responses(requests: &str) -> String {
    let mut client = connect(4096);
    client.write_all(requests.as_bytes()).await.expect("open");
    let mut text = String::new();
    client.read_to_string(&mut text).await.expect("responses");
    text
}

#[tokio::test(start_paused = true)]
async fn malformed_request_after_slow_response_gets_the_usual_error() {
    let text = responses(&format!("{}nonsense\r\n\r\n", HEAD.replace("GET /", "GET /large"))).await;
    let (first, second) = text.split_at(text.rfind("HTTP/1.1 ").expect("a response"));
    assert!(first.ends_with(&"x".repeat(LARGE)), "it is whole");
    assert!(second.starts_with("HTTP/1.1 400") && second.contains(r#""code":"invalid_request""#), "{second}");
}

#[tokio::test(start_paused = true)]
async fn malformed_request_after_unread_body_breaks_no_response() {
    let head = HEAD.replace("GET /", "GET /large").replace("\r\n\r\n", "\r\nContent-Length: 2\r\n\r\n");
    let text = responses(&format!("{head}{{}}nonsense\r\n\r\n")).await;
    assert!(text.contains("connection: close") && text.ends_with(&"x".repeat(LARGE)), "it is whole, and the last");
}
