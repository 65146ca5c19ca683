//! More connections than the server may have files open.

use std::time::Duration;

use super::http::{Connection, get, once};
use super::{Launch, Outcome, Scenario, World, provider};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "out of file descriptors",
    must: "files of the client answer 200 or 503, never 404; the log warns; everything works afterwards",
    run,
};

const DESCRIPTORS: usize = 200;

fn run(world: &World) -> Result<Outcome> {
    let prelude = format!("ulimit -n {DESCRIPTORS}");
    let launch = Launch { prelude: &prelude, ..Launch::default() };
    let (_provider, server, token) = provider::with_server(world, "descriptors", launch)?;
    let file = "GET /pkg/portcullis.css HTTP/1.1\r\nHost: chaos\r\n\r\n";
    let mut early = Connection::open(&server.addr)?;
    let before = early.ask(file)?.status;
    early.ask(&get("/api/items", &token))?;
    // The kernel accepts them for the server, which may not have any more.
    let crowd: Vec<_> = (0..2 * DESCRIPTORS).flat_map(|_| Connection::open(&server.addr)).collect();
    std::thread::sleep(Duration::from_secs(1));
    let mut during = Vec::new();
    for _ in 0..20 {
        during.push(early.ask(file)?.status);
        during.push(early.ask(&get("/api/items", &token))?.status);
    }
    let open = server.descriptors();
    let log = server.log();
    let warned = log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).count();
    drop(crowd);
    std::thread::sleep(Duration::from_millis(500));
    let after = once(&server.addr, file)?.status;
    let reads = once(&server.addr, &get("/api/items", &token))?.status;
    let is_good = |status: &u16| matches!(status, 200 | 503);
    // A server that keeps some descriptors back never runs out, and need not warn.
    let has_warned = warned > 0 || during.iter().all(|status| *status == 200);
    let holds =
        before == 200 && during.iter().all(is_good) && has_warned && warned < 50 && (after, reads) == (200, 200);
    during.sort_unstable();
    during.dedup();
    let figure = format!(
        "file before {before}, with {open} of {DESCRIPTORS} open {during:?}, afterwards {after}; {warned} warnings"
    );
    Ok(Outcome { holds, figure })
}
