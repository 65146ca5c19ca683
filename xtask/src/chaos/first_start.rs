//! The server is killed during its first start, at every moment of it.

use std::time::Duration;

use super::{Launch, Outcome, Scenario, Server, World, provider};
use crate::Result;

pub const SCENARIO: Scenario =
    Scenario { name: "kill during the first start", must: "the next start succeeds, every time", run };

const KILLS: u64 = 60;

fn run(world: &World) -> Result<Outcome> {
    let provider = provider::Provider::start(world, world.folder("first-provider")?)?;
    let variables = provider.variables();
    let mut failed = Vec::new();
    for n in 0..KILLS {
        let folder = world.folder(&format!("first-{n}"))?;
        let mut child = Server::spawn(world, &folder, Launch { variables: &variables, ..Launch::default() })?;
        // A start takes some tens of milliseconds.
        std::thread::sleep(Duration::from_micros(2_000 + 1_000 * n));
        let _ = child.kill();
        let _ = child.wait();
        if let Err(error) = provider::server_of(world, &provider, &folder, Launch::default()) {
            failed.push(error);
        }
        let _ = std::fs::remove_dir_all(&folder);
    }
    let first = failed.first().map_or("", String::as_str);
    Ok(Outcome { holds: failed.is_empty(), figure: format!("{KILLS} kills, {} failed starts {first}", failed.len()) })
}
