//! A thousand clients send a head of 400 KB without an end, and a thousand send nothing at all.

use std::time::{Duration, Instant};

use super::http::{Connection, get, p99};
use super::{Launch, Outcome, Scenario, TestBed, provider};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "unfinished heads and silent clients",
    requirement: "under 200 MiB, all ended within 13 s, the p99 of reads at most 20 ms",
    run,
};

const CLIENTS: usize = 1_000;
const HEAD_BYTES: usize = 400 * 1024;
const RSS_LIMIT: u64 = 200;
const P99_LIMIT: Duration = Duration::from_millis(20);
const END_LIMIT: Duration = Duration::from_secs(13);

fn run(bed: &TestBed) -> Result<Outcome> {
    let (_provider, mut server, token) = provider::with_server(bed, "heads", Launch::default())?;
    let head = format!("GET / HTTP/1.1\r\nHost: chaos\r\nX-Long: {}", "x".repeat(HEAD_BYTES));
    let mut clients = Vec::new();
    let mut most = 0;
    for n in 0..CLIENTS {
        let mut unfinished = Connection::open(&server.addr)?;
        // A connection that the server has already closed accepts no more data.
        let _ = unfinished.send(&head);
        clients.push(unfinished);
        clients.push(Connection::open(&server.addr)?);
        if n % 100 == 99 {
            most = most.max(server.rss()?);
        }
    }
    let started = Instant::now();
    let slow = p99(&server.addr, &get("/api/items", &token), Duration::from_secs(3))?;
    most = most.max(server.rss()?);
    let mut ended = 0;
    for client in &mut clients {
        let left = (END_LIMIT + Duration::from_secs(2)).saturating_sub(started.elapsed()).max(Duration::from_millis(1));
        ended += usize::from(client.is_closed_within(left));
    }
    let took = started.elapsed();
    let (_, in_time) = server.stop()?;
    let passed = in_time && most < RSS_LIMIT && slow <= P99_LIMIT && ended == clients.len() && took <= END_LIMIT;
    let measurement = format!(
        "at most {most} MiB; p99 of reads {:.1} ms; {ended} of {} ended within {:.1} s",
        slow.as_secs_f64() * 1e3,
        clients.len(),
        took.as_secs_f64()
    );
    Ok(Outcome { passed, measurement })
}
