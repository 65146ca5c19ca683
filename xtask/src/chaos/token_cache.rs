//! Thousands of distinct valid tokens of 15 KB.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};

use super::http::{Connection, get};
use super::{Launch, Outcome, Scenario, Server, TestBed};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "2,000 valid tokens of 15 KB",
    requirement: "all are accepted, and the server grows by less than 20 MiB",
    run,
};

const TOKENS: usize = 2_000;
const TOKEN_BYTES: usize = 15_000;
const ISSUER: &str = "https://issuer.invalid/";
const GROWTH_LIMIT: u64 = 20;

fn run(bed: &TestBed) -> Result<Outcome> {
    let key = SigningKey::from_bytes(&[7; 32]);
    let keys = format!(
        r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"chaos","x":"{}"}}]}}"#,
        URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes())
    );
    let address = format!("http://{}/jwks", serve(keys).map_err(|error| format!("no key server: {error}"))?);
    let variables =
        [("AUTH_ISSUER", ISSUER), ("AUTH_AUDIENCE", "chaos"), ("AUTH_ALGORITHMS", "EdDSA"), ("AUTH_URI", &address)];
    let mut server = Server::start(bed, &bed.folder("tokens")?, Launch { variables: &variables, ..Launch::default() })?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?.as_secs();
    // Short scopes: many scopes use the most memory per byte of the token.
    let scopes: String =
        (0..TOKEN_BYTES / 6).map(|n| format!(" s{n:02}")).collect::<String>().chars().take(10_500).collect();
    let mut connection = Connection::open(&server.addr)?;
    let mut before = 0;
    for n in 0..TOKENS {
        let claims = format!(
            r#"{{"iss":"{ISSUER}","aud":"chaos","sub":"ada","exp":{},"jti":"{n}","scope":"read:items{scopes}"}}"#,
            now + 3_600
        );
        let response = connection.request(&get("/api/items", &sign(&key, &claims)))?;
        if response.status != 200 {
            return Err(format!("token {n} got {}: {}", response.status, response.body));
        }
        if n == 100 {
            before = server.rss()?;
        }
    }
    let after = server.rss()?;
    let (stopped, in_time) = server.stop()?;
    let passed = after.saturating_sub(before) < GROWTH_LIMIT && in_time;
    Ok(Outcome {
        passed,
        measurement: format!(
            "{TOKENS} accepted; {before} MiB after 100 of them, {after} MiB after all; SIGTERM {:.1} s",
            stopped.as_secs_f64()
        ),
    })
}

fn sign(key: &SigningKey, claims: &str) -> String {
    let header = r#"{"alg":"EdDSA","typ":"at+jwt","kid":"chaos"}"#;
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()).to_bytes());
    format!("{message}.{signature}")
}

/// Serves `keys` on loopback as long as this process runs. Returns the address.
fn serve(keys: String) -> std::io::Result<std::net::SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?;
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let length = keys.len();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            let _ = stream.write_all(format!("{head}\r\nContent-Length: {length}\r\n\r\n{keys}").as_bytes());
        }
    });
    Ok(addr)
}
