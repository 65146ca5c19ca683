//! `cargo xtask bench`, its second half: measures, and prints the tables of docs/performance.md.

use std::path::PathBuf;

use anyhow::{Context, bail};
use bench::comparison::{self, UNGUARDED};
use bench::{table, unguarded, verification};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => measure(),
        // As the release server has it.
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
    // One thread: the load takes as little as it can of what the servers share with it.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (text, more) = runtime.block_on(comparison::report(&server))?;
    println!("{text}");
    targets.extend(more);
    println!("{}", table::markdown(&["target", "wanted", "measured", ""], &targets));
    Ok(())
}

/// The release server: it is built into the folder that this program is in.
fn server() -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe()?;
    let server = this.with_file_name("server").with_extension(std::env::consts::EXE_EXTENSION);
    if !server.is_file() {
        bail!("{} is missing: cargo xtask bench builds it", server.display());
    }
    server.canonicalize().context("the server's path")
}

/// What this machine is, as far as it tells.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("a processor that does not tell its name", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{model}, {cores} cores, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}
