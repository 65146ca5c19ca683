//! A log whose output fails, waits or ends.

use std::sync::{Mutex, PoisonError};

use super::*;

/// An output whose writes fail or wait as the test says.
#[derive(Clone, Default)]
struct Output {
    written: Arc<Mutex<Vec<u8>>>,
    is_full: Arc<std::sync::atomic::AtomicBool>,
    /// How many more bytes there is room for; none without a limit.
    room: Arc<Mutex<Option<usize>>>,
    /// Held by a test, it makes writes wait.
    gate: Arc<Mutex<()>>,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _open = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut room = self.room.lock().expect("nobody panics");
        let length = bytes.len().min(room.unwrap_or(usize::MAX));
        if length == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        *room = room.map(|room| room - length);
        self.written.lock().expect("nobody panics").extend_from_slice(&bytes[..length]);
        Ok(length)
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
    assert_eq!(output.text(), "dropped 3 log lines\nkept\n");
}

#[test]
fn line_that_was_cut_is_ended_before_the_next() {
    let output = Output::default();
    let log = Log::start(output.clone()).expect("a thread");
    *output.room.lock().expect("nobody panics") = Some(6);
    log.writer().write_all(b"cut off\n").expect("it never fails");
    settle(&log);
    *output.room.lock().expect("nobody panics") = None;
    log.writer().write_all(b"kept\n").expect("it never fails");
    drop(log);
    assert_eq!(output.text(), "cut of\ndropped 1 log lines\nkept\n");
}

#[test]
fn log_that_ends_after_lost_lines_counts_them() {
    let output = Output::default();
    let log = Log::start(output.clone()).expect("a thread");
    output.is_full.store(true, Ordering::SeqCst);
    log.writer().write_all(b"lost\n").expect("it never fails");
    settle(&log);
    output.is_full.store(false, Ordering::SeqCst);
    drop(log);
    assert_eq!(output.text(), "dropped 1 log lines\n");
}

#[test]
fn log_without_a_reader_never_blocks_and_is_bounded() {
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
    let lost = text.lines().filter_map(|line| line.strip_prefix("dropped ")?.strip_suffix(" log lines"));
    let lost: usize = lost.map(|count| count.parse::<usize>().expect("a number")).sum();
    assert_eq!(lost, 2 * MAX_QUEUED_BYTES / line.len());
    assert_eq!(text.lines().filter(|line| line.starts_with('x')).count(), MAX_QUEUED_BYTES / line.len());
}

#[test]
fn log_at_shutdown_waits_for_lines_up_to_a_limit() {
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
