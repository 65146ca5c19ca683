//! The log. A separate thread writes lines to standard error, so that a log that cannot be written stops nothing.
//!
//! Writing to standard error fails if its reader is gone or its disk is full, and blocks while its pipe is full. A
//! request or a background task must neither panic nor wait for that. Lines that cannot be written are counted, and the
//! number is logged when writing works again.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// The maximum size of the lines that are waiting to be written, in bytes. Further lines are dropped and counted.
pub const MAX_QUEUED_BYTES: usize = 1024 * 1024;
/// How long a shutdown waits for the last lines to be written.
pub const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

/// The log thread. Dropping this waits until all earlier lines are written, for at most [`FLUSH_TIMEOUT`].
pub struct Log(LogWriter);

/// Passes lines to the log thread. It neither fails nor blocks.
#[derive(Clone)]
pub struct LogWriter {
    entries: Sender<Entry>,
    backlog: Arc<Backlog>,
}

#[derive(Default)]
struct Backlog {
    queued_bytes: AtomicUsize,
    lost_lines: AtomicU64,
}

enum Entry {
    Line(Box<[u8]>),
    /// Asks for a reply once all earlier lines are written.
    Flush(Sender<()>),
}

impl Log {
    /// Starts the log thread, which writes to `output`.
    ///
    /// # Errors
    /// [`io::Error`] if the system cannot start a thread.
    pub fn start(output: impl Write + Send + 'static) -> io::Result<Self> {
        let (entries, received) = channel();
        let backlog = Arc::<Backlog>::default();
        let shared = backlog.clone();
        std::thread::Builder::new().name("log".into()).spawn(move || write_all(output, &received, &shared))?;
        Ok(Self(LogWriter { entries, backlog }))
    }

    /// Returns a writer for the log.
    #[must_use]
    pub fn writer(&self) -> LogWriter {
        self.0.clone()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let (done, flushed) = channel();
        if self.0.entries.send(Entry::Flush(done)).is_ok() {
            let _ = flushed.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

fn write_all(output: impl Write, received: &Receiver<Entry>, backlog: &Backlog) {
    let mut output = Lines { output, is_cut: false };
    for entry in received {
        match entry {
            Entry::Line(line) => {
                let written = write_dropped(&mut output, backlog).and_then(|()| output.write_line(&line));
                if written.is_err() {
                    backlog.lost_lines.fetch_add(1, Ordering::Relaxed);
                }
                backlog.queued_bytes.fetch_sub(line.len(), Ordering::Relaxed);
            }
            Entry::Flush(done) => {
                let _ = write_dropped(&mut output, backlog).and_then(|()| output.output.flush());
                let _ = done.send(());
            }
        }
    }
}

/// An output for lines.
struct Lines<W> {
    output: W,
    /// Whether the last line was written only in part.
    is_cut: bool,
}

impl<W: Write> Lines<W> {
    /// Writes `line` on its own line.
    fn write_line(&mut self, line: &[u8]) -> io::Result<()> {
        let end_of_cut: &[u8] = if self.is_cut { b"\n" } else { b"" };
        let mut rest = &[end_of_cut, line].concat()[..];
        while !rest.is_empty() {
            match self.output.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(length) => {
                    self.is_cut = rest[length - 1] != b'\n';
                    rest = &rest[length..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Writes the number of lines that were dropped since the last such line.
fn write_dropped(output: &mut Lines<impl Write>, backlog: &Backlog) -> io::Result<()> {
    let lost = backlog.lost_lines.load(Ordering::Relaxed);
    if lost > 0 {
        output.write_line(format!("dropped {lost} log lines\n").as_bytes())?;
        backlog.lost_lines.fetch_sub(lost, Ordering::Relaxed);
    }
    Ok(())
}

impl Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let queued = self.backlog.queued_bytes.fetch_add(line.len(), Ordering::Relaxed);
        let is_taken = queued + line.len() <= MAX_QUEUED_BYTES && self.entries.send(Entry::Line(line.into())).is_ok();
        if !is_taken {
            self.backlog.queued_bytes.fetch_sub(line.len(), Ordering::Relaxed);
            self.backlog.lost_lines.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Makes `writer` the log of the process, with `filter`.
pub fn install(filter: EnvFilter, writer: LogWriter, is_terminal: bool) {
    // Otherwise the subscriber reports failed writes with `eprintln!`, which panics if standard error cannot be
    // written.
    let log = tracing_subscriber::fmt().log_internal_errors(false).with_env_filter(filter);
    log.with_ansi(is_terminal).with_writer(writer).init();
}

#[cfg(test)]
mod tests;
