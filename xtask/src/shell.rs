//! Runs other programs, with our tools first on the path, and prints the duration of each step.
//!
//! `xshell` builds and runs the commands. It lacks three functions, which are written here: [`tee`], which shows the
//! output of a test runner while it runs and keeps its lines for the counts; [`exec`], which replaces this process with
//! a server; and [`detached`], for a background service that is stopped by its process id.

use std::env;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use xshell::{Cmd, Shell};

use crate::Result;

/// Contained in every checkout, relative to its root.
const MARKER: &str = "xtask/Cargo.toml";

/// Returns the root of the checkout that contains the current folder.
///
/// The current folder decides, as it does for cargo and git. A path that is compiled in would still name the old place
/// after the checkout was moved or copied with its target folder, because cargo has nothing to rebuild then.
pub fn root() -> PathBuf {
    checkout().unwrap_or_default()
}

/// Returns [`root`], or an error outside of a checkout.
pub fn checkout() -> Result<PathBuf> {
    let current = env::current_dir().map_err(|error| format!("the current folder cannot be read: {error}"))?;
    root_above(&current).ok_or_else(|| format!("{} is not inside a checkout: no {MARKER} above it", current.display()))
}

fn root_above(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|ancestor| ancestor.join(MARKER).is_file()).map(Path::to_owned)
}

/// Returns the folders of our own tools, followed by those of the system.
fn path() -> Vec<PathBuf> {
    let mut folders = vec![root().join(".tools/bin"), root().join("end2end/node_modules/.bin")];
    folders.extend(env::home_dir().map(|home| home.join(".cargo/bin")));
    folders.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    folders
}

/// Returns the path of `program`, if it is installed.
pub fn find(program: &str) -> Option<PathBuf> {
    path().into_iter().map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Returns a shell in the repository's root.
pub fn shell() -> Result<Shell> {
    shell_in(&root())
}

/// Returns a shell in `folder`.
pub fn shell_in(folder: &Path) -> Result<Shell> {
    let shell = Shell::new().map_err(|error| error.to_string())?;
    shell.change_dir(folder);
    shell.set_var("PATH", env::join_paths(path()).unwrap_or_default());
    Ok(shell)
}

/// Runs a step: prints its name before, and its duration after it.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {name}");
    let started = Instant::now();
    let result = work()?;
    println!("    done in {:.1} s", started.elapsed().as_secs_f64());
    Ok(result)
}

/// Runs `command` to its end. A failure is an error with the name of the command.
pub fn run(command: Cmd<'_>) -> Result {
    command.quiet().run().map_err(|error| error.to_string())
}

/// Runs `command` quietly, and returns what it printed if it succeeded.
pub fn read(command: Cmd<'_>) -> Option<String> {
    command.ignore_stderr().read().ok()
}

/// Returns `command` without standard input, for a process that outlives this call.
pub fn detached(command: Cmd<'_>) -> Command {
    let mut command = Command::from(command);
    command.stdin(Stdio::null());
    command
}

/// Replaces this process with `command`, so that it receives signals and its exit status is ours.
pub fn exec(command: Cmd<'_>) -> Result {
    let name = command.to_string();
    let error = detached(command).exec();
    Err(format!("{name} cannot be run: {error}"))
}

/// Runs `command` and prints its output. Returns whether it succeeded, and the lines of the output.
pub fn tee(command: Cmd<'_>) -> Result<(bool, Vec<String>)> {
    let name = command.to_string();
    let spawned = detached(command).stdout(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| format!("{name} cannot be run: {error}"))?;
    let mut lines = Vec::new();
    for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).lines()) {
        let line = line.map_err(|error| format!("{name}: {error}"))?;
        println!("{line}");
        lines.push(line);
    }
    let status = child.wait().map_err(|error| format!("{name}: {error}"))?;
    Ok((status.success(), lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use xshell::cmd;

    #[test]
    fn root_is_the_nearest_checkout_above() {
        let folder = tempfile::tempdir().expect("a folder");
        let (outer, inner) = (folder.path().join("Größe 1"), folder.path().join("Größe 1/apps/inner"));
        for checkout in [&outer, &inner] {
            std::fs::create_dir_all(checkout.join("xtask/src")).expect("folders");
            std::fs::write(checkout.join(MARKER), "").expect("a file");
        }
        assert_eq!(root_above(&outer.join("xtask/src")).as_ref(), Some(&outer));
        assert_eq!(root_above(&outer.join("apps")).as_ref(), Some(&outer));
        assert_eq!(root_above(&inner.join("xtask")).as_ref(), Some(&inner));
        assert_eq!(root_above(folder.path()), None);
    }

    #[test]
    fn shell_runs_in_root_with_our_tools_first() {
        let shell = shell().expect("a shell");
        assert_eq!(read(cmd!(shell, "pwd")).map(PathBuf::from), root().canonicalize().ok());
        let path = read(cmd!(shell, "sh -c 'echo $PATH'")).expect("a path");
        let first = env::split_paths(&path).next();
        assert_eq!(first, Some(root().join(".tools/bin")));
    }

    #[test]
    fn shell_finds_programs_on_its_own_path() {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("/bin/echo", folder.path().join("tool-of-ours")).expect("a link");
        let shell = shell_in(folder.path()).expect("a shell");
        assert_eq!(read(cmd!(shell, "tool-of-ours found")), None);
        shell.set_var("PATH", folder.path());
        assert_eq!(read(cmd!(shell, "tool-of-ours found")).as_deref(), Some("found"));
        assert_eq!(tee(cmd!(shell, "tool-of-ours found")), Ok((true, vec!["found".to_owned()])));
    }

    #[test]
    fn run_failure_names_the_command() {
        let shell = shell().expect("a shell");
        let error = run(cmd!(shell, "sh -c 'exit 7'")).expect_err("a status");
        assert!(error.contains("sh -c") && error.ends_with(": 7"), "{error}");
        let error = run(cmd!(shell, "no-such-program --flag")).expect_err("no program");
        assert!(error.contains("no-such-program"), "{error}");
        assert_eq!(run(cmd!(shell, "true")), Ok(()));
    }

    #[test]
    fn read_is_nothing_on_failure() {
        let shell = shell().expect("a shell");
        assert_eq!(read(cmd!(shell, "echo version 1")).as_deref(), Some("version 1"));
        assert_eq!(read(cmd!(shell, "sh -c 'echo half; exit 1'")), None);
        assert_eq!(read(cmd!(shell, "no-such-program")), None);
    }

    #[test]
    fn tee_returns_lines_and_status() {
        let shell = shell().expect("a shell");
        let lines = || vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(tee(cmd!(shell, "sh -c 'echo a; echo b'")), Ok((true, lines())));
        assert_eq!(tee(cmd!(shell, "sh -c 'echo a; echo b; exit 3'")), Ok((false, lines())));
        assert!(
            tee(cmd!(shell, "no-such-program")).expect_err("no program").starts_with("no-such-program cannot be run")
        );
    }
}
