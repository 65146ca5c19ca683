//! Standard error is full when the server starts: a disk without room, and a pipe without a reader.

use std::fs::File;
use std::io::Write;
use std::process::Stdio;

use super::http::{get, once};
use super::{Launch, Outcome, Scenario, TestBed, provider};
use crate::Result;

pub const SCENARIO: Scenario = Scenario {
    name: "log full at the start",
    requirement: "the server starts, returns 200 to 2,000 requests that are logged, and stops within 5 s",
    run,
};

/// The capacity of a pipe in Linux, in bytes.
const PIPE_BYTES: usize = 64 * 1024;

fn run(bed: &TestBed) -> Result<Outcome> {
    let io = |error: std::io::Error| error.to_string();
    let device = File::options().write(true).open("/dev/full").map_err(io)?;
    let (_unread, mut pipe) = std::io::pipe().map_err(io)?;
    pipe.write_all(&vec![b'\n'; PIPE_BYTES]).map_err(io)?;
    let mut figures = Vec::new();
    let mut passed = true;
    for (name, log) in [("full-disk", Stdio::from(device)), ("full-pipe", Stdio::from(pipe))] {
        let launch = Launch { variables: &[("RUST_LOG", "trace")], log: Some(log), ..Launch::default() };
        let (_provider, mut server, token) = provider::with_server(bed, name, launch)?;
        let mut good = 0;
        for _ in 0..2_000 {
            good += usize::from(once(&server.addr, &get("/api/items", &token))?.status == 200);
        }
        let (stopped, in_time) = server.stop()?;
        passed &= good == 2_000 && in_time;
        figures.push(format!("{name}: {good} of 2000 returned 200, SIGTERM {:.1} s", stopped.as_secs_f64()));
    }
    Ok(Outcome { passed, measurement: figures.join("; ") })
}
