//! A server in its own process: its address, memory and processor time.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

/// The number of ticks per second in `/proc`: 100 on every Linux (`getconf CLK_TCK`).
const TICKS: u64 = 100;

/// A running server. Dropping it kills the process.
pub struct Server {
    child: Child,
    /// The address that it listens on.
    pub addr: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Memory use in KiB.
#[derive(Clone, Copy)]
pub struct Memory {
    /// The current resident memory.
    pub now: u64,
    /// The highest resident memory so far.
    pub peak: u64,
}

impl Server {
    /// Starts `command` with only these `variables`, in `folder`, which also gets the log. Waits until the server
    /// listens.
    ///
    /// # Errors
    /// If it cannot be run, or ends before it listens. The error contains its log.
    pub fn start(command: &mut Command, folder: &Path, variables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let log = folder.join("log");
        let name = command.get_program().to_string_lossy().into_owned();
        command.current_dir(folder).env_clear().envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&log)?);
        let mut child = command.spawn().with_context(|| format!("{name} cannot be run"))?;
        let output = child.stdout.take().context("its output")?;
        // From here on, dropping the value kills the process, also after an error.
        let mut server = Self { child, addr: ([0, 0, 0, 0], 0).into() };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        match line.trim().rsplit_once("listens on http://").map(|(_, addr)| addr.parse()) {
            Some(Ok(addr)) => server.addr = addr,
            _ => bail!("{name} does not listen: {}", fs::read_to_string(&log)?.trim()),
        }
        Ok(server)
    }

    /// Returns the memory use, if the system reports it.
    #[must_use]
    pub fn memory(&self) -> Option<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        Some(Memory { now: kibibytes(&status, "VmRSS:")?, peak: kibibytes(&status, "VmHWM:")? })
    }

    /// Returns the processor time so far, if the system reports it.
    #[must_use]
    pub fn processor_time(&self) -> Option<Duration> {
        processor_time(&fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?)
    }
}

/// Returns the number in a line such as `VmRSS:     1234 kB`.
fn kibibytes(status: &str, name: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// Returns the sum of `utime` and `stime`, the fields 14 and 15 of `stat` (proc_pid_stat(5)). The second field is a
/// name in parentheses that may contain any character.
fn processor_time(stat: &str) -> Option<Duration> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * (1000 / TICKS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_process_are_read_by_their_names_and_places() {
        let status = "Name:\tserver\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\n";
        assert_eq!((kibibytes(status, "VmRSS:"), kibibytes(status, "VmHWM:")), (Some(10_240), Some(20_480)));
        assert_eq!(kibibytes("Name:\tserver\n", "VmRSS:"), None);
        let stat = "42 (a ) name) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 3 0 100 1000 10";
        assert_eq!(processor_time(stat), Some(Duration::from_secs(2)));
    }
}
