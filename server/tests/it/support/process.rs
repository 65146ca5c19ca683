//! The real binary in its own process, with its output and exit code.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A running server. Dropping it kills the process.
pub struct Process {
    pub child: Child,
    /// The address at which it listens.
    pub url: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the path of the server that was built with these tests. The variable `CARGO_BIN_EXE_server` would be
/// compiled in, so tests in a copied checkout would start the server of the other one.
pub fn binary() -> PathBuf {
    let tests = std::env::current_exe().expect("this program");
    tests.ancestors().nth(2).expect("the profile's folder").join("server")
}

fn server(folder: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary());
    command
        .current_dir(folder)
        .env_clear()
        .envs([("LEPTOS_SITE_ADDR", "127.0.0.1:0"), ("DEV_PROVIDER_ADDR", "127.0.0.1:0")])
        .envs(variables.iter().copied())
        .stdin(Stdio::null());
    command
}

impl Process {
    /// Starts `server` with `variables` in `folder`, and waits until it prints its address.
    pub fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        Self::start_with_log(folder, variables, Stdio::piped())
    }

    /// Does the same as [`Process::start`], with `log` as the standard error.
    pub fn start_with_log(folder: &Path, variables: &[(&str, &str)], log: Stdio) -> Self {
        Self::spawn(server(folder, variables), log)
    }

    /// Starts `server` after a shell has run `limit`, as in `ulimit -n 64`.
    pub fn start_limited(folder: &Path, limit: &str, variables: &[(&str, &str)]) -> Self {
        let plain = server(folder, variables);
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(format!(r#"{limit} && exec "$0""#)).arg(plain.get_program()).current_dir(folder);
        command
            .env_clear()
            .envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .stdin(Stdio::null());
        Self::spawn(command, Stdio::piped())
    }

    fn spawn(mut command: Command, log: Stdio) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("it runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let url = line.trim().split_once("listens on ").unwrap_or_else(|| panic!("{line:?}")).1.to_owned();
        Self { child, url }
    }

    /// Reads the log until a line contains `words`. Returns that line.
    pub fn logs(&mut self, words: &str) -> String {
        let lines = BufReader::new(self.child.stderr.take().expect("its log")).lines();
        lines.map(|line| line.expect("a line")).find(|line| line.contains(words)).expect("it says so before it ends")
    }

    /// Sends the signal with this name.
    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
    }
}

/// Runs `server` with `arguments`, `variables` and `input` on its standard input, and waits for its end.
pub fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Output {
    let mut command = server(folder, variables);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    // A command that reads no input may have ended already.
    let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
    child.wait_with_output().expect("its output")
}

/// Runs `server serve` with `variables` that prevent the start. Returns the one line that it prints.
pub fn refused(folder: &Path, variables: &[(&str, &str)]) -> String {
    let output = server(folder, variables).arg("serve").output().expect("it runs");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    said
}
