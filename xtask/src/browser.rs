//! The browser for the end-to-end tests, and the runs of those tests.

use std::path::PathBuf;

use crate::Result;
use crate::shell::{command, find, output, root, run, step};
use crate::tools;

/// The names that Chromium has on the systems we know.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// Names the browser where it is somewhere else.
const VARIABLE: &str = "PORTCULLIS_CHROMIUM";

/// The browser; none where Playwright has one of its own.
pub fn chromium() -> Result<Option<PathBuf>> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return Ok(Some(named.into()));
    }
    let installed = || NAMES.iter().find_map(|name| find(name));
    if let Some(found) = installed() {
        return Ok(Some(found));
    }
    tools::npm_packages()?;
    let is_root = output(command("id -u")).is_some_and(|id| id.trim() == "0");
    if is_root && find("apt-get").is_some() {
        let by_apt = step("Installing Chromium with apt-get", || {
            run(command("apt-get update -qq"))?;
            let mut install = command("apt-get install -y -qq --no-install-recommends chromium fonts-liberation");
            install.env("DEBIAN_FRONTEND", "noninteractive");
            run(install)
        });
        if by_apt.is_ok() {
            return Ok(installed());
        }
    }
    step("Installing Playwright's Chromium", || run(command("npx --prefix end2end playwright install chromium")))
        .map_err(|_| {
            format!("Chromium was not found: install it (on Debian: apt-get install chromium) or name it in {VARIABLE}")
        })?;
    Ok(None)
}

/// The command that runs the browser tests whose files match `filter`.
pub fn playwright(filter: &str) -> Result<std::process::Command> {
    let mut tests = command(&format!("playwright test {filter}"));
    tests.current_dir(root().join("end2end"));
    if let Some(chromium) = chromium()? {
        tests.env(VARIABLE, chromium);
    }
    Ok(tests)
}
