//! `cargo xtask check`: what must hold before a change is shown to anyone.

use crate::Result;
use crate::shell::{self, command, find, step};

/// Every check, in the order of how soon it answers.
pub fn run() -> Result {
    step("Formatting", || shell::run(command("cargo fmt --all --check")))?;
    step("Lints of the server", || {
        shell::run(command(
            "cargo clippy -p app -p bench -p server -p xtask --features app/ssr --all-targets -- -D warnings",
        ))
    })?;
    step("Lints of the server without the development provider", || {
        shell::run(command("cargo clippy -p server --no-default-features -- -D warnings"))
    })?;
    step("Lints of the client", || {
        shell::run(command("cargo clippy -p frontend --target wasm32-unknown-unknown -- -D warnings"))
    })?;
    step("Documentation", || {
        let mut doc = command("cargo doc -p app -p bench -p server --features app/ssr --no-deps --quiet");
        doc.env("RUSTDOCFLAGS", "-D warnings");
        shell::run(doc)
    })?;
    if find("cargo-deny").is_some() {
        step("Dependencies", || shell::run(command("cargo deny check")))?;
    } else {
        println!("==> Dependencies: not checked, as cargo-deny is not installed");
    }
    Ok(())
}
