//! An HTTP/1.1 client that sends exactly the given bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::Result;

/// The maximum duration of a response.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);
/// The maximum size of a body that is read, in bytes.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// A persistent connection.
pub struct Connection(BufReader<TcpStream>);

/// A response.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Connection {
    pub fn open(addr: &str) -> Result<Self> {
        let io = |error: std::io::Error| format!("{addr}: {error}");
        let stream = TcpStream::connect(addr).map_err(io)?;
        stream
            .set_read_timeout(Some(RESPONSE_TIMEOUT))
            .and_then(|()| stream.set_write_timeout(Some(RESPONSE_TIMEOUT)))
            .map_err(io)?;
        stream.set_nodelay(true).map_err(io)?;
        Ok(Self(BufReader::new(stream)))
    }

    pub fn send(&mut self, request: &str) -> Result {
        self.0.get_mut().write_all(request.as_bytes()).map_err(|error| format!("sending: {error}"))
    }

    /// Reads the next response, which must have a `Content-Length`.
    pub fn read_response(&mut self) -> Result<Response> {
        let io = |error: std::io::Error| format!("reading: {error}");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head).map_err(io)? == 0 {
                return Err(format!("the connection was closed after {head:?}"));
            }
        }
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| format!("not an HTTP response: {head:?}"))?;
        let length = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; MAX_BODY.min(length)];
        self.0.read_exact(&mut body).map_err(io)?;
        Ok(Response { status, head, body: String::from_utf8_lossy(&body).into_owned() })
    }

    pub fn request(&mut self, request: &str) -> Result<Response> {
        self.send(request)?;
        self.read_response()
    }

    /// Reads until the server closes the connection, or sends nothing for two seconds.
    pub fn rest(&mut self) -> String {
        let mut text = Vec::new();
        let _ = self.0.get_mut().set_read_timeout(Some(Duration::from_secs(2)));
        let _ = self.0.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Discards what the server sends until it closes the connection, but not for longer than `limit`. Returns whether
    /// it closed the connection.
    pub fn is_closed_within(&mut self, limit: Duration) -> bool {
        let started = Instant::now();
        let mut byte = [0];
        while let Some(left) = limit.checked_sub(started.elapsed()).filter(|left| !left.is_zero()) {
            let _ = self.0.get_mut().set_read_timeout(Some(left));
            match self.0.read(&mut byte) {
                Ok(1..) => {}
                Ok(0) => return true,
                Err(error) => {
                    return !matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut);
                }
            }
        }
        false
    }
}

/// Returns the value of the header `name` in `head`.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
}

/// Returns the string member `name` of a JSON `body` without escapes.
pub fn member<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    body.split_once(&format!("\"{name}\":\""))?.1.split('"').next()
}

pub fn get(path: &str, token: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: chaos\r\nAuthorization: Bearer {token}\r\n\r\n")
}

/// Returns a request that creates the item `name`. Repeating it creates no second item.
pub fn create(name: &str, token: &str) -> String {
    create_with(name, "", token)
}

/// Returns a request that creates the item `name` with a `description`. Repeating it creates no second item.
pub fn create_with(name: &str, description: &str, token: &str) -> String {
    let body = format!(r#"{{"name":"{name}","description":"{description}"}}"#);
    format!(
        "POST /api/items HTTP/1.1\r\nHost: chaos\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {name}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Sends a request on a new connection.
pub fn once(addr: &str, request: &str) -> Result<Response> {
    Connection::open(addr)?.request(request)
}

/// Sends `request` repeatedly for `time` on one connection. Returns the 99th percentile of the response times. Every
/// status must be 200.
pub fn p99(addr: &str, request: &str, time: Duration) -> Result<Duration> {
    let mut connection = Connection::open(addr)?;
    let mut times = Vec::new();
    let started = Instant::now();
    while started.elapsed() < time {
        let started = Instant::now();
        let response = connection.request(request)?;
        if response.status != 200 {
            return Err(format!("{} instead of 200: {}", response.status, response.body));
        }
        times.push(started.elapsed());
        std::thread::sleep(Duration::from_millis(2));
    }
    times.sort_unstable();
    times.get(times.len() * 99 / 100).copied().ok_or_else(|| "no response".to_owned())
}

/// Returns the names of all items, from all pages.
pub fn every_item(addr: &str, token: &str) -> Result<Vec<String>> {
    let mut connection = Connection::open(addr)?;
    let (mut names, mut after) = (Vec::new(), String::new());
    loop {
        let response = connection.request(&get(&format!("/api/items?limit=100{after}"), token))?;
        if response.status != 200 {
            return Err(format!("the list returned {}: {}", response.status, response.body));
        }
        names.extend(
            response.body.split("\"name\":\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned),
        );
        match member(&response.body, "next") {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(names),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn create_says_how_long_its_body_is() {
        let request = create("a", "t");
        let (head, body) = request.split_once("\r\n\r\n").expect("a body");
        assert_eq!(header(head, "content-length"), Some(body.len().to_string().as_str()));
        assert_eq!(member(body, "name"), Some("a"));
        assert_eq!(member(r#"{"items":[],"next":null}"#, "next"), None);
    }

    #[test]
    fn connection_reads_one_response_after_the_other() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = listener.local_addr().expect("an address").to_string();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let bytes =
                b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 503 Busy\r\nRetry-After: 1\r\n\r\n";
            stream.write_all(bytes).expect("it is sent");
        });
        let mut connection = Connection::open(&addr).expect("it is open");
        let (first, second) = (connection.read_response().expect("one"), connection.read_response().expect("another"));
        assert_eq!((first.status, first.body.as_str(), second.status), (201, "ok", 503));
        assert_eq!(header(&second.head, "retry-after"), Some("1"));
        assert!(connection.is_closed_within(Duration::from_secs(5)));
        server.join().expect("no panic");
    }
}
