//! A server under test: a separate process with its own limits, which ends with the scenario.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{SIGTERM_LIMIT, TestBed};
use crate::Result;

/// The maximum duration of a start.
const START_LIMIT: Duration = Duration::from_secs(30);
/// The client file that scenarios use.
pub const LARGE_FILE: &str = "/pkg/large.wasm";
const LARGE_FILE_BYTES: usize = 4 * 1024 * 1024;

/// The settings of a start.
#[derive(Default)]
pub struct Launch<'a> {
    pub variables: &'a [(&'a str, &'a str)],
    /// Shell commands to run before the server, for limits.
    pub prelude: &'a str,
    /// The standard error of the server. The default is `server.log` in its folder.
    pub log: Option<Stdio>,
}

/// A running server. Dropping it kills the process.
pub struct Server {
    pub child: Child,
    pub addr: String,
    pub folder: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Server {
    /// Starts a server in `folder` and waits until it listens. Its database is in the folder, unless `launch` sets
    /// another one.
    pub fn start(bed: &TestBed, folder: &Path, launch: Launch<'_>) -> Result<Self> {
        let mut child = Self::spawn(bed, folder, launch)?;
        let output = child.stdout.take();
        let mut server = Self { child, addr: String::new(), folder: folder.to_owned() };
        let (said, line) = channel();
        std::thread::spawn(move || {
            let line = output.and_then(|output| BufReader::new(output).lines().next());
            let _ = said.send(line);
        });
        let line = line.recv_timeout(START_LIMIT).ok().flatten().and_then(|line| line.ok()).unwrap_or_default();
        let addr = line.split_once("listens on http://").map(|(_, addr)| addr.trim().to_owned());
        server.addr = addr.ok_or_else(|| format!("the server did not start: {}", server.log().trim()))?;
        Ok(server)
    }

    /// Starts the process without waiting.
    pub fn spawn(bed: &TestBed, folder: &Path, launch: Launch<'_>) -> Result<Child> {
        let io = |error: std::io::Error| format!("{}: {error}", folder.display());
        let site = folder.join("site/pkg");
        if !site.exists() {
            fs::create_dir_all(&site).map_err(io)?;
            fs::write(site.join("large.wasm"), vec![b'x'; LARGE_FILE_BYTES]).map_err(io)?;
            fs::write(site.join("portcullis.css"), "body{}").map_err(io)?;
        }
        let log = match launch.log {
            Some(log) => log,
            None => File::options().create(true).append(true).open(folder.join("server.log")).map_err(io)?.into(),
        };
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{}\nexec \"$@\"", launch.prelude)).arg("sh").arg(&bed.program).arg("serve");
        command
            .current_dir(folder)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("LEPTOS_SITE_ADDR", "127.0.0.1:0")
            .env("LEPTOS_SITE_ROOT", folder.join("site"))
            .envs(launch.variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        command.spawn().map_err(io)
    }

    fn pid(&self) -> Result<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| "no process".to_owned())
    }

    pub fn signal(&self, signal: Signal) -> Result {
        kill_process(self.pid()?, signal).map_err(|error| error.to_string())
    }

    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Stops the server with SIGTERM. Returns how long that took, and whether it was within the limit.
    pub fn stop(&mut self) -> Result<(Duration, bool)> {
        self.signal(Signal::TERM)?;
        let started = Instant::now();
        while started.elapsed() < SIGTERM_LIMIT * 6 {
            if self.child.try_wait().map_err(|error| error.to_string())?.is_some() {
                return Ok((started.elapsed(), started.elapsed() <= SIGTERM_LIMIT));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok((started.elapsed(), false))
    }

    /// Returns the resident memory of the server, in MiB.
    pub fn rss(&self) -> Result<u64> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error} (Linux is needed)"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().map_err(|_| format!("{path}: {line:?}"))?;
        Ok(kib / 1024)
    }

    /// Returns the number of its open files and sockets.
    pub fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.child.id())).map_or(0, Iterator::count)
    }

    /// Returns the content of `server.log`.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("server.log")).unwrap_or_default()
    }
}
