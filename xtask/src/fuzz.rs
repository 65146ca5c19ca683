//! `cargo xtask fuzz`: every fuzz target for a million runs, from its seeds and from what earlier runs have found.

use std::fs;

use crate::Result;
use crate::shell::{command, output, root, run, step};

/// The targets, with the longest input of each in bytes.
const TARGETS: [(&str, usize); 4] = [("bearer_header", 2048), ("token", 4096), ("json", 2048), ("jwks", 4096)];
/// How often each is run.
const RUNS: usize = 1_000_000;

/// Runs them all, and stops at the first finding; what found it then lies in fuzz/artifacts.
pub fn every_target() -> Result {
    for (line, install) in [
        ("cargo +nightly --version", "rustup toolchain install nightly --profile minimal"),
        ("cargo fuzz --version", "cargo install cargo-fuzz --locked"),
    ] {
        output(command(line)).ok_or_else(|| format!("`{line}` does not run: install it with `{install}`"))?;
    }
    for (target, longest) in TARGETS {
        let corpus = format!("fuzz/corpus/{target}");
        fs::create_dir_all(root().join(&corpus)).map_err(|error| format!("{corpus}: {error}"))?;
        let line = format!("cargo +nightly fuzz run {target} {corpus} crates/portcullis-verifier/seeds/{target} --");
        let limits = format!("-runs={RUNS} -max_len={longest} -timeout=10 -print_final_stats=1");
        step(&format!("Fuzzing {target}"), || run(command(&format!("{line} {limits}"))))?;
    }
    Ok(())
}
