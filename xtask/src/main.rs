//! `cargo xtask`: installs missing tools, then serves, watches, checks, tests or measures.

mod bench;
mod browser;
mod build;
mod chaos;
mod check;
mod fuzz;
mod images;
mod keycloak;
mod mongodb;
#[cfg(test)]
mod repository;
mod shell;
mod test;
mod tools;

use std::process::ExitCode;

/// The error is one line for the user.
type Result<T = ()> = std::result::Result<T, String>;

const USAGE: &str = "usage: cargo xtask <command>

  serve    build the release and serve it at http://127.0.0.1:3000, with a development provider
  watch    the same for development: rebuild and reload on every change
  test     run all tests: unit, doc, integration, both stores, browser, and Keycloak if Java and Maven are installed;
           `test keycloak` runs only those with Keycloak
  check    formatting, types of the browser tests, lints, documentation, dependencies; warnings are errors only if the
           variable CI is set. `check lints` runs the first three, `check docs` only the documentation
  images   take screenshots of every page into target/screenshots, and update those in docs/images
  bench    measure the token check, and compare the release server with the same server without the gate
  chaos    inject faults into the release server: full disks, dead peers, kills, hostile clients; `chaos NAME` runs the
           scenarios with NAME in their names
  fuzz     run every fuzz target a million times (needs nightly Rust and cargo-fuzz)

Missing tools are installed into cargo's folder and .tools, npm packages into end2end/node_modules. Rust toolchains
are not installed; `fuzz` says how to install the one that it needs.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = shell::checkout().and_then(|_| run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result {
    match arguments {
        ["serve"] => build::serve(),
        ["watch"] => build::watch(),
        ["test"] => test::run(),
        ["test", "keycloak"] => test::with_keycloak(),
        ["check"] => check::run(),
        ["check", "lints"] => check::lints(),
        ["check", "docs"] => check::docs(),
        ["images"] => images::take(),
        ["bench"] => bench::measure(),
        ["chaos"] => chaos::every_scenario(""),
        ["chaos", filter] => chaos::every_scenario(filter),
        ["fuzz"] => fuzz::every_target(),
        _ => Err(USAGE.to_owned()),
    }
}
