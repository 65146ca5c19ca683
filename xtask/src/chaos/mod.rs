//! `cargo xtask chaos`: how the release server behaves when its dependencies fail, and with hostile clients.
//!
//! Every scenario is one file with one [`Scenario`]. All traffic is on loopback and limited in time and number. To add a
//! scenario, write its file and add it to [`SCENARIOS`].

mod descriptors;
mod disk_full;
mod first_start;
mod hostile;
mod http;
mod kills;
mod log_full;
mod log_reader;
mod many_connections;
mod provider;
mod provider_down;
mod rolling_restart;
mod server;
mod slow_database;
mod token_cache;
mod unfinished_heads;
mod waiting_writers;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use xshell::cmd;

use crate::Result;
use crate::shell::{root, run, shell, step};
use server::{Launch, Server};

/// The variable with the path of a server to test instead of `target/release/server`.
const SERVER: &str = "PORTCULLIS_SERVER";
/// The maximum time between SIGTERM and the end.
const SIGTERM_LIMIT: Duration = Duration::from_secs(5);

/// A fault, and the required behavior of the server.
struct Scenario {
    name: &'static str,
    requirement: &'static str,
    run: fn(&TestBed) -> Result<Outcome>,
}

/// The measurements of a scenario, and whether it passed.
struct Outcome {
    passed: bool,
    measurement: String,
}

const SCENARIOS: &[Scenario] = &[
    log_reader::SCENARIO,
    log_full::SCENARIO,
    provider_down::SCENARIO,
    disk_full::SCENARIO,
    waiting_writers::SCENARIO,
    kills::SCENARIO,
    first_start::SCENARIO,
    slow_database::SCENARIO,
    rolling_restart::SCENARIO,
    many_connections::SCENARIO,
    unfinished_heads::SCENARIO,
    descriptors::SCENARIO,
    hostile::SCENARIO,
    token_cache::SCENARIO,
];

/// The environment of scenarios: the path of the server, and a temporary folder for their files.
struct TestBed {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl TestBed {
    /// Returns a new, empty folder.
    fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.path().join(name);
        std::fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(folder)
    }
}

/// Runs every scenario, or only those whose name contains `filter`.
pub fn every_scenario(filter: &str) -> Result {
    let scenarios: Vec<_> = SCENARIOS.iter().filter(|scenario| scenario.name.contains(filter)).collect();
    if scenarios.is_empty() {
        let names: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        return Err(format!("no scenario has {filter:?} in its name. There are: {}", names.join(", ")));
    }
    let program = match std::env::var_os(SERVER) {
        Some(program) => program.into(),
        None => {
            let sh = shell()?;
            step("Building the release server", || run(cmd!(sh, "cargo build --release -p server")))?;
            root().join("target/release/server")
        }
    };
    let program = program.canonicalize().map_err(|error| format!("{}: {error}", program.display()))?;
    raise_descriptor_limit();
    let folder = tempfile::Builder::new().prefix("portcullis-chaos-").tempdir().map_err(|error| error.to_string())?;
    let bed = TestBed { program, folder };
    let mut failed = Vec::new();
    let started = Instant::now();
    for scenario in scenarios {
        println!("==> {}\n    required: {}", scenario.name, scenario.requirement);
        let started = Instant::now();
        let Outcome { passed, measurement } = (scenario.run)(&bed)
            .unwrap_or_else(|error| Outcome { passed: false, measurement: format!("error: {error}") });
        let verdict = if passed { "PASS" } else { "FAIL" };
        println!("    {verdict} ({:.1} s): {measurement}", started.elapsed().as_secs_f64());
        if !passed {
            failed.push(scenario.name);
        }
    }
    println!("{:.0} s in all", started.elapsed().as_secs_f64());
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

/// Raises the limit of open files for this process and the servers that it starts.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}
