//! `cargo xtask check`: the checks that must pass before a change is submitted.

use std::ffi::OsStr;

use xshell::{Cmd, Shell, cmd};

use crate::shell::{self, find, shell, step};
use crate::{Result, tools};

/// Set only by continuous integration services.
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
    let sh = shell()?;
    if find("cargo-deny").is_some() {
        step("Dependencies", || shell::run(cmd!(sh, "cargo deny check")))
    } else {
        println!("==> Dependencies: not checked, because cargo-deny is not installed");
        Ok(())
    }
}

/// Checks the formatting, the types of the browser tests, and the lints.
pub fn lints() -> Result {
    let sh = shell()?;
    step("Formatting", || shell::run(cmd!(sh, "cargo fmt --all --check")))?;
    tools::npm_packages()?;
    step("Types of the browser tests", || shell::run(type_check(&sh)))?;
    for (what, arguments) in LINTS {
        step(what, || shell::run(clippy(&sh, arguments, denies_warnings())))?;
    }
    Ok(())
}

/// Builds the documentation with private items. A broken link is a warning.
pub fn docs() -> Result {
    let sh = shell()?;
    for (what, arguments) in DOCUMENTED {
        step(what, || shell::run(doc(&sh, arguments, denies_warnings())))?;
    }
    Ok(())
}

fn denies_warnings() -> bool {
    is_ci(std::env::var_os(CI).as_deref())
}

/// Returns whether the `value` of the variable `CI` means yes.
fn is_ci(value: Option<&OsStr>) -> bool {
    value.is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}

fn type_check(sh: &Shell) -> Cmd<'_> {
    cmd!(sh, "tsc --noEmit --project end2end")
}

/// Warnings become errors by an argument, because RUSTFLAGS would replace the flags in `.cargo/config.toml`.
fn clippy<'a>(sh: &'a Shell, arguments: &str, deny_warnings: bool) -> Cmd<'a> {
    let arguments = arguments.split_whitespace();
    let lints: &[&str] = if deny_warnings { &["--", "-D", "warnings"] } else { &[] };
    cmd!(sh, "cargo clippy {arguments...} {lints...}")
}

fn doc<'a>(sh: &'a Shell, arguments: &str, deny_warnings: bool) -> Cmd<'a> {
    let arguments = arguments.split_whitespace();
    let doc = cmd!(sh, "cargo doc {arguments...} --no-deps --document-private-items --quiet");
    if deny_warnings { doc.env("RUSTDOCFLAGS", "-D warnings") } else { doc }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

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
        let sh = shell().expect("a shell");
        let has = |command: Cmd<'_>, text: &str| format!("{:?}", Command::from(command)).contains(text);
        for (_, arguments) in LINTS {
            assert!(has(clippy(&sh, arguments, true), r#""-D" "warnings""#), "{arguments}");
            assert!(!has(clippy(&sh, arguments, false), "warnings"), "{arguments}");
        }
        for (_, arguments) in DOCUMENTED {
            assert!(has(doc(&sh, arguments, true), "RUSTDOCFLAGS"), "{arguments}");
            assert!(!has(doc(&sh, arguments, false), "RUSTDOCFLAGS"), "{arguments}");
        }
    }

    #[test]
    fn check_sets_no_rustflags() {
        // RUSTFLAGS would replace `--cfg erase_components`, and the build would differ from the release.
        let sh = shell().expect("a shell");
        for command in [clippy(&sh, LINTS[0].1, true), doc(&sh, DOCUMENTED[0].1, true)] {
            assert!(Command::from(command).get_envs().all(|(name, _)| name != "RUSTFLAGS"));
        }
    }

    #[test]
    fn type_check_emits_nothing() {
        let sh = shell().expect("a shell");
        assert!(Command::from(type_check(&sh)).get_args().any(|argument| argument == "--noEmit"));
    }
}
