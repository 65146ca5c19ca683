//! Raw requests that no client library would send.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::App;

/// The timeout of a response.
const LIMIT: Duration = Duration::from_secs(30);

/// A raw response.
#[derive(Debug)]
pub struct Raw {
    pub status: u16,
    /// The status line and the headers, in lower case.
    pub head: String,
    pub body: String,
}

impl Raw {
    /// Parses `text`, a whole response.
    pub fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no response: {text:?}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Self { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    /// Returns whether it has the header `line`, in lower case.
    pub fn has(&self, line: &str) -> bool {
        self.head.lines().any(|known| known == line)
    }

    /// Returns the code of the error, and asserts that the error is complete.
    pub fn refusal(&self) -> (u16, String) {
        let json: serde_json::Value =
            serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert_eq!(json["status"], self.status, "{self:?}");
        for line in [
            "content-type: application/json",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "referrer-policy: no-referrer",
        ] {
            assert!(self.has(line), "{line}: {self:?}");
        }
        assert!(self.head.contains("x-request-id: "), "{self:?}");
        assert!(self.head.contains("content-security-policy: default-src 'none'"), "{self:?}");
        (self.status, json["code"].as_str().expect("a code").to_owned())
    }
}

impl App {
    /// Opens a connection.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.url.replace("http://", "")).await.expect("a connection")
    }

    /// Sends `request` unchanged, and reads until the server closes the connection.
    pub async fn raw(&self, request: &str) -> Raw {
        Raw::parse(&self.raw_text(request).await)
    }

    /// Does the same, and returns all responses unparsed.
    pub async fn raw_text(&self, request: &str) -> String {
        let mut connection = self.connect().await;
        connection.write_all(request.as_bytes()).await.expect("it is open");
        rest(&mut connection).await
    }
}

/// Reads until the server closes the connection.
pub async fn rest(connection: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let ended = tokio::time::timeout(LIMIT, connection.read_to_end(&mut text)).await;
    ended.unwrap_or_else(|_| panic!("it is still open: {}", String::from_utf8_lossy(&text))).expect("a response");
    String::from_utf8(text).expect("UTF-8")
}
