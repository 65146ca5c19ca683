//! Requests that browsers never send.

use super::http::{Connection, get, once};
use super::{Launch, Outcome, Scenario, TestBed, provider};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "hostile requests",
    requirement: "each gets its status (RFC 9110, RFC 9112), and the server keeps working",
    run,
};

/// The requests, each with the expected status. `{token}` stands for a valid token.
const REQUESTS: &[(&str, u16)] = &[
    ("GET /healthz HTTP/1.1\r\n\r\n", 400),
    ("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    ("GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    ("CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n", 400),
    ("GET x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n", 400),
    ("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ("GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (
        "POST /api/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nTransfer-Encoding: foo, chunked\r\n\r\n0\r\n\r\n",
        501,
    ),
    (
        "POST /api/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 10000000\r\n\r\n",
        413,
    ),
    ("GET /healthz HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n", 400),
    ("GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", 400),
    ("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ("OPTIONS /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 204),
    ("TRACE /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    ("GET /%00%ff/../..//etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 404),
];

fn run(bed: &TestBed) -> Result<Outcome> {
    let (_provider, mut server, token) = provider::with_server(bed, "hostile", Launch::default())?;
    let mut wrong = Vec::new();
    for (request, expected) in REQUESTS {
        let mut connection = Connection::open(&server.addr)?;
        connection.send(&request.replace("{token}", &token).replacen("\r\n", "\r\nConnection: close\r\n", 1))?;
        let text = connection.rest();
        let status = text.get(9..12).and_then(|status| status.parse::<u16>().ok());
        let first_line = request.lines().next().unwrap_or_default();
        if status != Some(*expected) {
            wrong.push(format!("{first_line:?} returned {status:?} instead of {expected}"));
        }
        let has_body = text.split_once("\r\n\r\n").is_some_and(|(_, body)| !body.is_empty());
        if request.starts_with("HEAD") && has_body {
            wrong.push(format!("{first_line:?} has a body"));
        }
        if once(&server.addr, &get("/api/items", &token))?.status != 200 {
            wrong.push(format!("nothing works after {first_line:?}"));
        }
    }
    let panics = server.log().matches("panicked").count();
    let (_, in_time) = server.stop()?;
    let passed = wrong.is_empty() && panics == 0 && in_time;
    let measurement =
        format!("{} requests, {panics} panics, {} wrong: {}", REQUESTS.len(), wrong.len(), wrong.join("; "));
    Ok(Outcome { passed, measurement })
}
