//! The provider is down for a while, and has another key when it is up again.

use std::time::{Duration, Instant};

use super::http::{get, once};
use super::{Launch, Outcome, Scenario, TestBed, provider};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "provider down, then with another key",
    requirement: "tokens of known keys keep working; the new key works within 13 s; SIGTERM takes at most 5 s",
    run,
};

const DOWN: Duration = Duration::from_secs(60);
/// The pause between two fetches, and a second to fetch in.
const NEW_KEY_LIMIT: Duration = Duration::from_secs(13);

fn run(bed: &TestBed) -> Result<Outcome> {
    let (mut provider, mut server, token) = provider::with_server(bed, "provider-down", Launch::default())?;
    provider.stop();
    let (mut reads, mut good) = (0, 0);
    let started = Instant::now();
    while started.elapsed() < DOWN {
        reads += 1;
        good += usize::from(once(&server.addr, &get("/api/items", &token))?.status == 200);
        // Forged key ids make the server fetch keys again and again.
        let forged =
            format!("eyJhbGciOiJSUzI1NiIsImtpZCI6ImZvcmdlZCJ9.{}", token.split_once('.').map_or("", |parts| parts.1));
        once(&server.addr, &get("/api/items", &forged))?;
        std::thread::sleep(Duration::from_millis(50));
    }
    provider.resume(bed)?;
    let token = provider.token(bed)?;
    let returned = Instant::now();
    let mut status = 0;
    while status != 200 && returned.elapsed() < NEW_KEY_LIMIT * 2 {
        status = once(&server.addr, &get("/api/items", &token))?.status;
        std::thread::sleep(Duration::from_millis(50));
    }
    let took = returned.elapsed();
    let (stopped, in_time) = server.stop()?;
    let passed = good == reads && status == 200 && took <= NEW_KEY_LIMIT && in_time;
    let measurement = format!(
        "{good} of {reads} reads returned 200 while it was down, new key {status} after {:.1} s; SIGTERM {:.1} s",
        took.as_secs_f64(),
        stopped.as_secs_f64()
    );
    Ok(Outcome { passed, measurement })
}
