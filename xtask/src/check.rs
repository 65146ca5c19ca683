//! `cargo xtask check`: what must hold before a change is sent.

use std::ffi::OsStr;
use std::process::Command;

use crate::shell::{self, command, find, step};
use crate::{Result, tools};

/// Set by continuous integration services, and only there.
const CI: &str = "CI";

/// The lints of each part, with the arguments of `cargo clippy`. `frontend` would switch on both sides of `app` at once.
const LINTS: [(&str, &str); 3] = [
    ("Lints of the server", "--workspace --exclude frontend --features app/ssr --all-targets"),
    ("Lints of the server without the development provider", "-p server --no-default-features"),
    ("Lints of the client", "-p frontend --target wasm32-unknown-unknown"),
];

/// The packages and features that `cargo doc` documents.
const DOCUMENTED: &str = "--workspace --exclude frontend --features app/ssr";

/// Runs every check, the fastest first.
pub fn run() -> Result {
    let deny_warnings = is_ci(std::env::var_os(CI).as_deref());
    step("Formatting", || shell::run(command("cargo fmt --all --check")))?;
    tools::npm_packages()?;
    step("Types of the browser tests", || shell::run(type_check()))?;
    for (what, arguments) in LINTS {
        step(what, || shell::run(clippy(arguments, deny_warnings)))?;
    }
    step("Documentation", || shell::run(doc(deny_warnings)))?;
    if find("cargo-deny").is_some() {
        step("Dependencies", || shell::run(command("cargo deny check")))?;
    } else {
        println!("==> Dependencies: not checked, because cargo-deny is not installed");
    }
    Ok(())
}

/// Returns whether the variable `CI` has a `value` that means yes.
fn is_ci(value: Option<&OsStr>) -> bool {
    value.is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}

fn type_check() -> Command {
    command("tsc --noEmit --project end2end")
}

/// Warnings become errors by an argument: RUSTFLAGS would replace the flags in `.cargo/config.toml`.
fn clippy(arguments: &str, deny_warnings: bool) -> Command {
    let lints = if deny_warnings { " -- -D warnings" } else { "" };
    command(&format!("cargo clippy {arguments}{lints}"))
}

fn doc(deny_warnings: bool) -> Command {
    let mut doc = command(&format!("cargo doc {DOCUMENTED} --no-deps --quiet"));
    if deny_warnings {
        doc.env("RUSTDOCFLAGS", "-D warnings");
    }
    doc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_ci_follows_the_variable() {
        for no in ["", "false", "0"] {
            assert!(!is_ci(Some(OsStr::new(no))), "{no:?}");
        }
        assert!(!is_ci(None));
        assert!(is_ci(Some(OsStr::new("true"))));
    }

    #[test]
    fn check_denies_warnings_only_in_ci() {
        let has = |command: &Command, text: &str| format!("{command:?}").contains(text);
        for (_, arguments) in LINTS {
            assert!(has(&clippy(arguments, true), r#""-D" "warnings""#), "{arguments}");
            assert!(!has(&clippy(arguments, false), "warnings"), "{arguments}");
        }
        assert!(has(&doc(true), "RUSTDOCFLAGS"));
        assert!(!has(&doc(false), "RUSTDOCFLAGS"));
    }

    #[test]
    fn check_sets_no_rustflags() {
        // They would replace `--cfg erase_components`, and build something else than the release.
        for command in [clippy(LINTS[0].1, true), doc(true)] {
            assert!(command.get_envs().all(|(name, _)| name != "RUSTFLAGS"));
        }
    }

    #[test]
    fn type_check_emits_nothing() {
        assert!(type_check().get_args().any(|argument| argument == "--noEmit"));
    }
}
