//! The provider is down for a while, and has another key when it comes back.

use std::time::{Duration, Instant};

use super::http::{get, once};
use super::{Launch, Outcome, Scenario, World, provider};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "provider down, then with another key",
    must: "tokens of known keys work all the while; the new key works within 13 s",
    run,
};

const DOWN: Duration = Duration::from_secs(15);
/// The pause between two fetches, and a second to fetch in.
const NEW_KEY_LIMIT: Duration = Duration::from_secs(13);

fn run(world: &World) -> Result<Outcome> {
    let (mut provider, server, token) = provider::with_server(world, "provider-down", Launch::default())?;
    provider.end();
    let (mut asked, mut good) = (0, 0);
    let started = Instant::now();
    while started.elapsed() < DOWN {
        asked += 1;
        good += usize::from(once(&server.addr, &get("/api/items", &token))?.status == 200);
        // Forged key ids keep it asking for keys.
        let forged =
            format!("eyJhbGciOiJSUzI1NiIsImtpZCI6ImZvcmdlZCJ9.{}", token.split_once('.').map_or("", |parts| parts.1));
        once(&server.addr, &get("/api/items", &forged))?;
        std::thread::sleep(Duration::from_millis(50));
    }
    provider.resume(world)?;
    let token = provider.token(world)?;
    let returned = Instant::now();
    let mut status = 0;
    while status != 200 && returned.elapsed() < NEW_KEY_LIMIT * 2 {
        status = once(&server.addr, &get("/api/items", &token))?.status;
        std::thread::sleep(Duration::from_millis(50));
    }
    let took = returned.elapsed();
    let holds = good == asked && status == 200 && took <= NEW_KEY_LIMIT;
    let figure = format!("{good} of {asked} reads good while down, new key {status} after {:.1} s", took.as_secs_f64());
    Ok(Outcome { holds, figure })
}
