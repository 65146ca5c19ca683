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
