//! The log: lines go to standard error by a thread of their own, so that a log that cannot be written stops nothing.
//!
//! Writing to standard error fails when its reader is gone or its disk is full, and blocks while its pipe is full. A
//! request or a background task must neither panic nor wait for that. Lines that cannot be written are counted, and the
//! count is logged as soon as writing works again.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// How many bytes of lines may wait to be written. Further lines are counted as lost.
pub const MAX_QUEUED_BYTES: usize = 1024 * 1024;
/// How long the end of the process waits for the last lines to be written.
pub const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// The thread that writes. Dropping this waits until the lines so far are written, at most [`FLUSH_TIMEOUT`].
pub struct Log(LogWriter);

/// Hands over lines to the thread that writes them. It neither fails nor blocks.
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
    /// Everything before this is to be written before the sender is answered.
    Flush(Sender<()>),
}

impl Log {
    /// Starts the thread, which writes to `output`.
    ///
    /// # Errors
    /// When the system has no thread for it.
    pub fn start(output: impl Write + Send + 'static) -> io::Result<Self> {
        let (entries, received) = channel();
        let backlog = Arc::<Backlog>::default();
        let shared = backlog.clone();
        std::thread::Builder::new().name("log".into()).spawn(move || write_all(output, &received, &shared))?;
        Ok(Self(LogWriter { entries, backlog }))
    }

    /// Returns what lines are written by.
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

fn write_all(mut output: impl Write, received: &Receiver<Entry>, backlog: &Backlog) {
    for entry in received {
        match entry {
            Entry::Line(line) => {
                let lost = backlog.lost_lines.swap(0, Ordering::Relaxed);
                let note =
                    if lost > 0 { format!("{lost} lines of the log could not be written\n") } else { String::new() };
                let written = output.write_all(note.as_bytes()).and_then(|()| output.write_all(&line));
                if written.is_err() {
                    backlog.lost_lines.fetch_add(lost + 1, Ordering::Relaxed);
                }
                backlog.queued_bytes.fetch_sub(line.len(), Ordering::Relaxed);
            }
            Entry::Flush(done) => {
                let _ = output.flush();
                let _ = done.send(());
            }
        }
    }
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

/// Makes `writer` the log of the whole process, for what `filter` lets through.
pub fn install(filter: EnvFilter, writer: LogWriter, is_terminal: bool) {
    // Its own reports of failed writes go to standard error by `eprintln!`, which panics where that cannot be written.
    let log = tracing_subscriber::fmt().log_internal_errors(false).with_env_filter(filter);
    log.with_ansi(is_terminal).with_writer(writer).init();
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;

    /// An output whose writes fail or wait as the test says.
    #[derive(Clone, Default)]
    struct Output {
        written: Arc<Mutex<Vec<u8>>>,
        is_full: Arc<std::sync::atomic::AtomicBool>,
        /// Held by a test, it makes writes wait.
        gate: Arc<Mutex<()>>,
    }

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _open = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
            if self.is_full.load(Ordering::SeqCst) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.written.lock().expect("nobody panics").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Output {
        fn text(&self) -> String {
            String::from_utf8(self.written.lock().expect("nobody panics").clone()).expect("UTF-8")
        }
    }

    /// Waits until the thread has seen everything so far.
    fn settle(log: &Log) {
        let (done, flushed) = channel();
        log.0.entries.send(Entry::Flush(done)).expect("the thread runs");
        flushed.recv().expect("it answers");
    }

    #[test]
    fn log_that_fails_counts_lost_lines_and_recovers() {
        let output = Output::default();
        let log = Log::start(output.clone()).expect("a thread");
        output.is_full.store(true, Ordering::SeqCst);
        for n in 0..3 {
            log.writer().write_all(format!("lost {n}\n").as_bytes()).expect("it never fails");
        }
        settle(&log);
        output.is_full.store(false, Ordering::SeqCst);
        log.writer().write_all(b"kept\n").expect("it never fails");
        drop(log);
        assert_eq!(output.text(), "3 lines of the log could not be written\nkept\n");
    }

    #[test]
    fn log_that_nobody_reads_never_blocks_and_is_bounded() {
        let output = Output::default();
        let log = Log::start(output.clone()).expect("a thread");
        let mut line = [b'x'; 1024];
        line[1023] = b'\n';
        let closed = output.gate.lock().expect("nobody panics");
        for _ in 0..3 * MAX_QUEUED_BYTES / line.len() {
            log.writer().write_all(&line).expect("it never fails");
        }
        let queued = log.0.backlog.queued_bytes.load(Ordering::Relaxed);
        assert!(queued <= MAX_QUEUED_BYTES, "{queued}");
        drop(closed);
        settle(&log);
        let text = output.text();
        let lost = text.lines().filter_map(|line| line.strip_suffix(" lines of the log could not be written"));
        let lost: usize = lost.map(|count| count.parse::<usize>().expect("a number")).sum();
        assert_eq!(lost, 2 * MAX_QUEUED_BYTES / line.len());
        assert_eq!(text.lines().filter(|line| line.starts_with('x')).count(), MAX_QUEUED_BYTES / line.len());
    }

    #[test]
    fn log_at_its_end_waits_for_lines_but_not_forever() {
        let output = Output::default();
        let log = Log::start(output.clone()).expect("a thread");
        let closed = output.gate.lock().expect("nobody panics");
        log.writer().write_all(b"last\n").expect("it never fails");
        let started = std::time::Instant::now();
        drop(log);
        assert!(started.elapsed() >= FLUSH_TIMEOUT);
        drop(closed);
        let log = Log::start(output.clone()).expect("a thread");
        log.writer().write_all(b"very last\n").expect("it never fails");
        drop(log);
        assert!(output.text().contains("very last\n"));
    }
}
