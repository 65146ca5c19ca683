//! `cargo xtask fuzz`: runs every fuzz target a million times, with its seeds and the corpus of earlier runs.

use std::fs;

use xshell::cmd;

use crate::Result;
use crate::shell::{read, root, run, shell, step};

/// The targets, each with the maximum length of an input in bytes.
const TARGETS: [(&str, usize); 4] = [("bearer_header", 2048), ("token", 4096), ("json", 2048), ("jwks", 4096)];
/// The number of runs of each target.
const RUNS: usize = 1_000_000;

/// Runs all targets, and stops at the first finding. Its input is then in fuzz/artifacts.
pub fn every_target() -> Result {
    let sh = shell()?;
    for (line, install) in [
        ("+nightly --version", "rustup toolchain install nightly --profile minimal"),
        ("fuzz --version", "cargo install cargo-fuzz --locked"),
    ] {
        let arguments = line.split_whitespace();
        read(cmd!(sh, "cargo {arguments...}"))
            .ok_or_else(|| format!("`cargo {line}` does not run: install it with `{install}`"))?;
    }
    for (target, longest) in TARGETS {
        let corpus = format!("fuzz/corpus/{target}");
        fs::create_dir_all(root().join(&corpus)).map_err(|error| format!("{corpus}: {error}"))?;
        let limits = [format!("-runs={RUNS}"), format!("-max_len={longest}")];
        let fuzz = cmd!(
            sh,
            "cargo +nightly fuzz run {target} {corpus} crates/portcullis-verifier/seeds/{target} -- {limits...}"
        );
        step(&format!("Fuzzing {target}"), || run(fuzz.args(["-timeout=10", "-print_final_stats=1"])))?;
    }
    Ok(())
}
