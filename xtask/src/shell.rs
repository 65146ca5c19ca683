//! Running other programs: with our tools first on the path, and saying what is done and how long it took.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Result;

/// The repository's root.
pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// The folders of our own tools, and then those of the system.
fn path() -> Vec<PathBuf> {
    let mut folders = vec![root().join(".tools/bin"), root().join("end2end/node_modules/.bin")];
    folders.extend(env::home_dir().map(|home| home.join(".cargo/bin")));
    folders.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    folders
}

/// Where `program` is, if it is anywhere.
pub fn find(program: &str) -> Option<PathBuf> {
    path().into_iter().map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The command `line`, words separated by spaces, in the repository's root. A program with a slash in its name is
/// seen from there too.
pub fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let program = words.next().unwrap_or_default();
    let ours = program.contains('/').then(|| root().join(program));
    let mut command = Command::new(ours.or_else(|| find(program)).unwrap_or_else(|| program.into()));
    let folders: OsString = env::join_paths(path()).unwrap_or_default();
    command.args(words).current_dir(root()).env("PATH", folders).stdin(Stdio::null());
    command
}

/// Does a step of the work, saying so before and how long it took after.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {what}");
    let begun = Instant::now();
    let result = work()?;
    println!("    done in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(result)
}

/// Runs `command` to its end.
pub fn run(mut command: Command) -> Result {
    let name = name(&command);
    let status = command.status().map_err(|error| format!("{name} cannot be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} has failed ({status})")) }
}

/// Runs `command` in the place of this process, so that signals reach it and its end is ours.
#[cfg(unix)]
pub fn become_one(mut command: Command) -> Result {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(format!("{} cannot be run: {error}", name(&command)))
}

/// Runs `command` to its end, which is ours.
#[cfg(not(unix))]
pub fn become_one(command: Command) -> Result {
    run(command)
}

/// Runs `command` quietly; what it printed, if it succeeded.
pub fn output(mut command: Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// Runs `command`, printing what it prints and keeping it; and whether it succeeded.
pub fn tee(mut command: Command) -> Result<(bool, Vec<String>)> {
    let name = name(&command);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("{name} cannot be run: {error}"))?;
    let mut lines = Vec::new();
    for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).lines()) {
        let line = line.map_err(|error| format!("{name}: {error}"))?;
        println!("{line}");
        lines.push(line);
    }
    let status = child.wait().map_err(|error| format!("{name}: {error}"))?;
    Ok((status.success(), lines))
}

fn name(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
