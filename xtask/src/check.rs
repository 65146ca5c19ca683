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

/// The documentation of each part, with the arguments of `cargo doc`.
const DOCUMENTED: [(&str, &str); 2] = [
    ("Documentation of the server", "--workspace --exclude frontend --features app/ssr"),
    ("Documentation of the client", "-p app -p frontend -p portcullis-client --target wasm32-unknown-unknown"),
];

/// Runs every check, the fastest first.
pub fn run() -> Result {
    lints()?;
    docs()?;
    if find("cargo-deny").is_some() {
        step("Dependencies", || shell::run(command("cargo deny check")))
    } else {
        println!("==> Dependencies: not checked, because cargo-deny is not installed");
        Ok(())
    }
}

/// Checks the formatting, the types of the browser tests, and the lints.
pub fn lints() -> Result {
    step("Formatting", || shell::run(command("cargo fmt --all --check")))?;
    tools::npm_packages()?;
    step("Types of the browser tests", || shell::run(type_check()))?;
    for (what, arguments) in LINTS {
        step(what, || shell::run(clippy(arguments, denies_warnings())))?;
    }
    Ok(())
}

/// Builds the documentation, with private items: a link to something that is gone is a warning.
pub fn docs() -> Result {
    for (what, arguments) in DOCUMENTED {
        step(what, || shell::run(doc(arguments, denies_warnings())))?;
    }
    Ok(())
}

fn denies_warnings() -> bool {
    is_ci(std::env::var_os(CI).as_deref())
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

fn doc(arguments: &str, deny_warnings: bool) -> Command {
    let mut doc = command(&format!("cargo doc {arguments} --no-deps --document-private-items --quiet"));
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
        for (_, arguments) in DOCUMENTED {
            assert!(has(&doc(arguments, true), "RUSTDOCFLAGS"), "{arguments}");
            assert!(!has(&doc(arguments, false), "RUSTDOCFLAGS"), "{arguments}");
        }
    }

    #[test]
    fn check_sets_no_rustflags() {
        // They would replace `--cfg erase_components`, and build something else than the release.
        for command in [clippy(LINTS[0].1, true), doc(DOCUMENTED[0].1, true)] {
            assert!(command.get_envs().all(|(name, _)| name != "RUSTFLAGS"));
        }
    }

    #[test]
    fn type_check_emits_nothing() {
        assert!(type_check().get_args().any(|argument| argument == "--noEmit"));
    }
}
