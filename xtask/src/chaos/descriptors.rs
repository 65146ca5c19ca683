//! The server runs out of file descriptors: its limit is lowered while it runs.

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use super::http::{Connection, get};
use super::server::LARGE_FILE;
use super::{Launch, Outcome, Scenario, TestBed, provider};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "out of file descriptors",
    requirement: "client files return 503, never 404; reads return 200; the log warns; everything works afterwards; SIGTERM takes at most 5 s",
    run,
};

const ROUNDS: usize = 20;

fn run(bed: &TestBed) -> Result<Outcome> {
    let (_provider, mut server, token) = provider::with_server(bed, "descriptors", Launch::default())?;
    // A file that was not requested before. Requested files are cached in memory.
    let file = format!("GET {LARGE_FILE} HTTP/1.1\r\nHost: chaos\r\n\r\n");
    let mut connection = Connection::open(&server.addr)?;
    connection.request(&get("/api/items", &token))?;
    let limit = |current| {
        let limit = Rlimit { current: Some(current), ..getrlimit(Resource::Nofile) };
        prlimit(Some(Pid::from_child(&server.child)), Resource::Nofile, limit).map_err(|error| error.to_string())
    };
    let open = u64::try_from(server.descriptors()).map_err(|error| error.to_string())?;
    // Open descriptors stay open. No free number is below the limit.
    let before = limit(open / 2)?;
    let (mut files, mut reads) = (Vec::new(), 0);
    for _ in 0..ROUNDS {
        files.push(connection.request(&file)?.status);
        reads += usize::from(connection.request(&get("/api/items", &token))?.status == 200);
    }
    limit(before.current.unwrap_or(1_024))?;
    let after = connection.request(&file)?.status;
    let warnings = server.log().lines().filter(|line| line.contains("WARN")).count();
    let (stopped, in_time) = server.stop()?;
    let is_good = files.iter().all(|status| *status == 503) && reads == ROUNDS && after == 200;
    let passed = is_good && (1..ROUNDS).contains(&warnings) && in_time;
    files.dedup();
    let measurement = format!(
        "with {open} open and no more allowed: the file {files:?}, {reads} of {ROUNDS} reads returned 200, {warnings} warnings; the file afterwards {after}; SIGTERM {:.1} s",
        stopped.as_secs_f64()
    );
    Ok(Outcome { passed, measurement })
}
