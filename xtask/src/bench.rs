//! `cargo xtask bench`: what the gate costs, measured on this machine.

use crate::Result;
use crate::shell::{command, run, step};

/// The token check by itself, and then the release server over loopback; the tables are those of docs/performance.md.
pub fn measure() -> Result {
    // By itself: built together, what measures could change what the server is made of.
    step("Building the release server", || run(command("cargo build --release -p server")))?;
    step("Building what measures", || run(command("cargo build --release -p bench")))?;
    step("The token check, and what it allocates", || run(command("cargo bench -p bench --bench verification")))?;
    step("The token check beside the bare signature check, and the server beside one without a gate", || {
        run(command("cargo run --release --quiet -p bench"))
    })
}
