//! The tools that the build needs. Missing tools are installed.

use std::fs;

use xshell::{Cmd, cmd};

use crate::Result;
use crate::shell::{find, read, root, run, shell, step};

/// The last version that builds with the Rust version of this workspace.
const CARGO_LEPTOS: &str = "0.3.10";

/// Installs everything that `cargo leptos` needs to build the client and the server.
pub fn for_building() -> Result {
    wasm_target()?;
    npm_packages()?;
    wasm_bindgen()?;
    cargo_leptos()
}

fn wasm_target() -> Result {
    let sh = shell()?;
    let sysroot = read(cmd!(sh, "rustc --print sysroot")).ok_or("rustc was not found: install Rust with rustup")?;
    let library = std::path::Path::new(sysroot.trim()).join("lib/rustlib/wasm32-unknown-unknown");
    if library.is_dir() {
        return Ok(());
    }
    step("Adding Rust's wasm32-unknown-unknown target", || {
        run(cmd!(sh, "rustup target add wasm32-unknown-unknown"))
            .map_err(|error| format!("{error}; add the target wasm32-unknown-unknown to your Rust toolchain"))
    })
}

/// Configures a faster build with much less memory: the tools themselves need not be fast.
fn quickly(command: Cmd<'_>) -> Cmd<'_> {
    command
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
}

fn cargo_leptos() -> Result {
    let sh = shell()?;
    if read(cmd!(sh, "cargo leptos --version")).is_some() {
        return Ok(());
    }
    if find("cargo-binstall").is_some() {
        let prebuilt = cmd!(sh, "cargo binstall --no-confirm cargo-leptos@{CARGO_LEPTOS}");
        if step("Installing cargo-leptos, prebuilt", || run(prebuilt)).is_ok() {
            return Ok(());
        }
    }
    step(&format!("Installing cargo-leptos {CARGO_LEPTOS} from source, once (about ten minutes on two cores)"), || {
        run(quickly(cmd!(sh, "cargo install cargo-leptos --version {CARGO_LEPTOS} --locked")))
            .map_err(|error| format!("{error}; install cargo-leptos {CARGO_LEPTOS} by hand"))
    })
}

/// Installs `wasm-bindgen` in exactly the version that the client is linked with.
fn wasm_bindgen() -> Result {
    let sh = shell()?;
    let lock = fs::read_to_string(root().join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
    let version = locked_version(&lock, "wasm-bindgen").ok_or("Cargo.lock names no wasm-bindgen")?;
    let found = read(cmd!(sh, "wasm-bindgen --version")).unwrap_or_default();
    if found.trim() == format!("wasm-bindgen {version}") {
        return Ok(());
    }
    step(&format!("Installing wasm-bindgen {version} into .tools"), || {
        // Without --locked: the lock file of the tool does not resolve with every Rust version.
        let install = quickly(cmd!(sh, "cargo install wasm-bindgen-cli --version {version} --force --root .tools"));
        let install = install.env("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback");
        run(install).map_err(|error| format!("{error}; install wasm-bindgen-cli {version} by hand"))
    })
}

fn locked_version<'l>(lock: &'l str, package: &str) -> Option<&'l str> {
    let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("name = \"{package}\"\n")))?;
    entry.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
}

/// Installs the npm packages: wasm-opt for the build, TypeScript for the checks, and the browser's driver and a second
/// provider for the tests.
pub fn npm_packages() -> Result {
    if find("npm").is_none() {
        return Err("npm was not found: install Node 20 or later (on Debian: apt-get install nodejs npm)".into());
    }
    let modified = |file: &str| fs::metadata(root().join("end2end").join(file)).and_then(|found| found.modified()).ok();
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return Ok(());
    }
    let sh = shell()?;
    step("Installing the npm packages (wasm-opt, Playwright, TypeScript, oidc-provider)", || {
        run(cmd!(sh, "npm --prefix end2end ci --no-audit --no-fund --loglevel=error"))
            .map_err(|error| format!("{error}; run npm ci in end2end by hand"))
    })
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn version_is_read_for_the_exact_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "leptos"), None);
    }
}
