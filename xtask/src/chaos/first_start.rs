//! The server is killed during its first start, at different moments.

use std::time::Duration;

use super::{Launch, Outcome, Scenario, Server, TestBed, provider};
use crate::Result;

pub const SCENARIO: Scenario =
    Scenario { name: "kill during the first start", requirement: "the next start succeeds, every time", run };

const KILLS: u64 = 150;

fn run(bed: &TestBed) -> Result<Outcome> {
    let provider = provider::Provider::start(bed, bed.folder("first-provider")?)?;
    let variables = provider.variables();
    let mut failed = Vec::new();
    for n in 0..KILLS {
        let folder = bed.folder(&format!("first-{n}"))?;
        let mut child = Server::spawn(bed, &folder, Launch { variables: &variables, ..Launch::default() })?;
        // A start takes tens of milliseconds.
        std::thread::sleep(Duration::from_micros(2_000 + 300 * n));
        let _ = child.kill();
        let _ = child.wait();
        if let Err(error) = provider::server_of(bed, &provider, &folder, Launch::default()) {
            failed.push(error);
        }
        let _ = std::fs::remove_dir_all(&folder);
    }
    let first = failed.first().map_or("", String::as_str);
    Ok(Outcome {
        passed: failed.is_empty(),
        measurement: format!("{KILLS} kills, {} failed starts {first}", failed.len()),
    })
}
