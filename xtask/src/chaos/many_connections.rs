//! Ten thousand connections are idle, and a thousand clients request the largest file or page of items and read
//! nothing.

use std::time::{Duration, Instant};

use super::http::{Connection, create_with, get, p99};
use super::server::LARGE_FILE;
use super::{Launch, Outcome, Scenario, TestBed, provider};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "10,000 idle connections and 1,000 clients that never read",
    requirement: "under 300 MiB, the p99 of reads at most 20 ms, clients that never read are ended within 60 s, SIGTERM takes at most 5 s",
    run,
};

const IDLE: usize = 10_000;
const NEVER_READ: usize = 1_000;
const RSS_LIMIT: u64 = 300;
const P99_LIMIT: Duration = Duration::from_millis(20);
const END_LIMIT: Duration = Duration::from_secs(60);

fn run(bed: &TestBed) -> Result<Outcome> {
    // The idle connections stay open during the whole scenario.
    let launch = Launch { variables: &[("KEEP_ALIVE_SECONDS", "300")], ..Launch::default() };
    let (_provider, mut server, token) = provider::with_server(bed, "connections", launch)?;
    let addr = server.addr.clone();
    let mut idle = Vec::new();
    for n in 0..IDLE {
        let mut connection = Connection::open(&addr).map_err(|error| format!("connection {n}: {error}"))?;
        let response = connection.request("GET /healthz HTTP/1.1\r\nHost: chaos\r\n\r\n")?;
        if response.status != 200 {
            return Err(format!("connection {n} got {}", response.status));
        }
        idle.push(connection);
    }
    let (with_idle, open) = (server.rss()?, server.descriptors());
    let mut first = Connection::open(&addr)?;
    for n in 0..100 {
        let created = first.request(&create_large(&format!("large{n}"), &token))?;
        if created.status != 201 {
            return Err(format!("item {n} got {}", created.status));
        }
    }
    let file = format!("GET {LARGE_FILE} HTTP/1.1\r\nHost: chaos\r\n\r\n");
    // Four, because one page may fit into the socket buffers.
    let page = get("/api/items?limit=100", &token).repeat(4);
    let mut never_read = Vec::new();
    for n in 0..NEVER_READ {
        let mut connection = Connection::open(&addr)?;
        connection.send(if n % 2 == 0 { &file } else { &page })?;
        never_read.push(connection);
    }
    let started = Instant::now();
    let read = get("/api/items?limit=1", &token);
    let slow = p99(&addr, &read, Duration::from_secs(5))?;
    let mut most = server.rss()?;
    // A few may be open for other reasons.
    while server.descriptors() > open + 10 && started.elapsed() < END_LIMIT + Duration::from_secs(10) {
        most = most.max(server.rss()?);
        std::thread::sleep(Duration::from_millis(200));
    }
    let ended = started.elapsed();
    drop(never_read);
    let after = p99(&addr, &read, Duration::from_secs(2))?;
    let (stopped, in_time) = server.stop()?;
    drop(idle);
    let passed = most < RSS_LIMIT && slow.max(after) <= P99_LIMIT && ended <= END_LIMIT && in_time;
    let measurement = format!(
        "{with_idle} MiB with {IDLE} idle, at most {most} MiB; p99 of reads {:.1} ms; never-readers ended after {:.0} s; SIGTERM {:.1} s",
        slow.max(after).as_secs_f64() * 1e3,
        ended.as_secs_f64(),
        stopped.as_secs_f64()
    );
    Ok(Outcome { passed, measurement })
}

/// Returns a request that creates an item with a description of 8 KB.
fn create_large(name: &str, token: &str) -> String {
    create_with(name, &"\u{1F600}".repeat(2_000), token)
}
