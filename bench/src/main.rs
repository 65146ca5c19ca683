//! The second half of `cargo xtask bench`: measures, and prints the tables of docs/performance.md.

use std::path::PathBuf;

use anyhow::{Context, bail};
use bench::comparison::{self, UNGUARDED};
use bench::{table, unguarded, verification};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => measure(),
        // The same runtime as in the release server.
        [mode, database] if *mode == UNGUARDED => {
            tokio::runtime::Runtime::new()?.block_on(unguarded::serve(database.into()))
        }
        _ => bail!("no arguments are expected; cargo xtask bench runs this"),
    }
}

fn measure() -> anyhow::Result<()> {
    println!("{}\n", machine());
    let (text, mut targets) = verification::report();
    println!("{text}");
    let server = server()?;
    // A single thread, so that the load takes little processor time from the servers.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (text, more) = runtime.block_on(comparison::report(&server))?;
    println!("{text}");
    targets.extend(more);
    println!("{}", table::markdown(&["target", "wanted", "measured", ""], &targets));
    Ok(())
}

/// Returns the path of the release server, in the same folder as this program.
fn server() -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe()?;
    let server = this.with_file_name("server").with_extension(std::env::consts::EXE_EXTENSION);
    if !server.is_file() {
        bail!("{} is missing: cargo xtask bench builds it", server.display());
    }
    server.canonicalize().context("the server's path")
}

/// Returns a description of this machine.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("a processor that does not tell its name", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{model}, {cores} cores, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}
