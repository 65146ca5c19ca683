//! The reader of standard error closes while the provider rotates its key.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::http::{get, once};
use super::{Launch, Outcome, Scenario, TestBed, provider};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "log without a reader",
    requirement: "a rotated key works at once, /readyz stays 200, and SIGTERM takes at most 5 s",
    run,
};

const MAX_DELAY: Duration = Duration::from_secs(1);

fn run(bed: &TestBed) -> Result<Outcome> {
    // At `debug`, the fetch of keys is logged too.
    let launch = Launch { variables: &[("RUST_LOG", "debug")], log: Some(Stdio::piped()), ..Launch::default() };
    let (mut provider, mut server, token) = provider::with_server(bed, "log-reader", launch)?;
    let before = once(&server.addr, &get("/api/items", &token))?.status;
    drop(server.child.stderr.take());
    provider.stop();
    // A rejection is logged too. This must not close the connection.
    let refused = once(&server.addr, &get("/api/items", "no.to.ken"))?.status;
    provider.resume(bed)?;
    let token = provider.token(bed)?;
    let started = Instant::now();
    let after = once(&server.addr, &get("/api/items", &token))?.status;
    let took = started.elapsed();
    let ready = once(&server.addr, &get("/readyz", ""))?.status;
    let (stopped, in_time) = server.stop()?;
    let passed = (before, refused, after, ready) == (200, 401, 200, 200) && took <= MAX_DELAY && in_time;
    let measurement = format!(
        "before {before}, bad token {refused}, rotated key {after} after {:.0} ms, /readyz {ready}, SIGTERM {:.1} s",
        took.as_secs_f64() * 1e3,
        stopped.as_secs_f64()
    );
    Ok(Outcome { passed, measurement })
}
