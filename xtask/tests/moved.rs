//! `cargo xtask` in checkouts that were renamed, copied or linked together with their target folder.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Returns the root of this checkout. Cargo runs tests in the folder of their package.
fn root() -> PathBuf {
    std::env::current_dir().expect("a folder").parent().expect("the checkout").to_owned()
}

/// Creates a checkout in `folder` that contains nothing but xtask, and a cargo for it that prints where it runs.
fn create(folder: &Path) {
    fs::create_dir_all(folder.join(".tools/bin")).expect("a folder");
    for entry in [".cargo", "xtask", "Cargo.lock"] {
        copy(&root().join(entry), &folder.join(entry));
    }
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace");
    let members = workspace.lines().find(|line| line.starts_with("members = ")).expect("its members");
    fs::write(folder.join("Cargo.toml"), workspace.replace(members, r#"members = ["xtask"]"#)).expect("a file");
    let cargo = folder.join(".tools/bin/cargo");
    fs::write(&cargo, "#!/bin/sh\necho \"$0 in $(pwd)\"\n").expect("a file");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).expect("executable");
}

/// Copies a file or folder with its modification times, by which cargo decides what to rebuild.
fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().expect("cp runs").success());
}

/// Runs `cargo xtask bench` in `folder`. Its steps run the cargo of the checkout.
fn bench(folder: &Path) -> Output {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["xtask", "bench"]).current_dir(folder);
    // The target folder must be the one in the checkout, and its build small.
    cargo.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET_DIR");
    cargo.envs([("CARGO_NET_OFFLINE", "true"), ("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")]);
    cargo.output().expect("cargo runs")
}

/// Asserts that `cargo xtask` in `folder` works in `checkout`, with the tools of `checkout`.
fn assert_works_in(checkout: &Path, folder: &Path) {
    let output = bench(folder);
    let printed = String::from_utf8_lossy(&output.stdout);
    let steps: Vec<_> = printed.lines().filter(|line| line.contains("/.tools/bin/cargo ")).collect();
    let expected = format!("{0}/.tools/bin/cargo in {0}", checkout.display());
    assert!(output.status.success(), "{}: {output:?}", folder.display());
    assert!(!steps.is_empty() && steps.iter().all(|step| *step == expected), "{expected}: {printed}");
}

#[test]
fn xtask_works_where_its_checkout_was_moved() {
    let folder = tempfile::tempdir().expect("a folder");
    // The system's folder for temporary files may be a link.
    let place = |name: &str| folder.path().canonicalize().expect("a folder").join(name);
    let (first, renamed, copied, link) = (place("first"), place("Mein Café"), place("コピー"), place("link"));
    create(&first);
    assert_works_in(&first, &first);

    fs::rename(&first, &renamed).expect("renamed");
    assert_works_in(&renamed, &renamed);

    copy(&renamed, &copied);
    assert_works_in(&copied, &copied);
    assert_works_in(&renamed, &renamed.join("xtask/src"));

    symlink(&copied, &link).expect("a link");
    assert_works_in(&copied, &link);
}
