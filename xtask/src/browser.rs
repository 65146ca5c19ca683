//! The browser for the end-to-end tests, and the runs of those tests.

use std::path::PathBuf;

use xshell::{Cmd, Shell, cmd};

use crate::Result;
use crate::shell::{find, read, root, run, shell, shell_in, step};
use crate::tools;

/// The names of Chromium on the supported systems.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// The variable with the path of the browser, if it is not in one of the usual places.
const VARIABLE: &str = "PORTCULLIS_CHROMIUM";

/// Returns the path of the browser, or `None` if Playwright has its own.
pub fn chromium() -> Result<Option<PathBuf>> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return Ok(Some(named.into()));
    }
    let installed = || NAMES.iter().find_map(|name| find(name));
    if let Some(found) = installed() {
        return Ok(Some(found));
    }
    tools::npm_packages()?;
    let sh = shell()?;
    let is_root = read(cmd!(sh, "id -u")).is_some_and(|id| id.trim() == "0");
    if is_root && find("apt-get").is_some() {
        let by_apt = step("Installing Chromium with apt-get", || {
            run(cmd!(sh, "apt-get update -qq"))?;
            let install = cmd!(sh, "apt-get install -y -qq --no-install-recommends chromium fonts-liberation");
            run(install.env("DEBIAN_FRONTEND", "noninteractive"))
        });
        if by_apt.is_ok() {
            return Ok(installed());
        }
    }
    step("Installing Playwright's Chromium", || run(cmd!(sh, "npx --prefix end2end playwright install chromium")))
        .map_err(|_| {
            format!("Chromium was not found: install it (on Debian: apt-get install chromium) or name it in {VARIABLE}")
        })?;
    Ok(None)
}

/// Returns a shell in the folder of the browser tests.
pub fn end2end() -> Result<Shell> {
    shell_in(&root().join("end2end"))
}

/// Returns the command that runs the browser tests with `arguments`, in a shell of [`end2end`].
pub fn playwright<'a>(sh: &'a Shell, arguments: &[&str]) -> Result<Cmd<'a>> {
    let tests = cmd!(sh, "playwright test {arguments...}");
    Ok(tests.envs(chromium()?.map(|chromium| (VARIABLE, chromium))))
}
