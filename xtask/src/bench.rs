//! `cargo xtask bench`: measures the cost of the gate on this machine.

use xshell::cmd;

use crate::Result;
use crate::shell::{run, shell, step};

/// Measures token verification in isolation, and then the release server over loopback. The tables are those of
/// docs/performance.md.
pub fn measure() -> Result {
    let sh = shell()?;
    // Built separately: together with the benchmarks, the server could get other features.
    step("Building the release server", || run(cmd!(sh, "cargo build --release -p server")))?;
    step("Building the benchmarks", || run(cmd!(sh, "cargo build --release -p bench")))?;
    step("The token check and its allocations", || run(cmd!(sh, "cargo bench -p bench --bench verification")))?;
    step("The token check compared with the signature check alone, and the server with one without the gate", || {
        run(cmd!(sh, "cargo run --release --quiet -p bench"))
    })
}
