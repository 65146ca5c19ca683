//! Support for tests: the log of the thread of a test in memory, and gates that identify callers by other means.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::Dispatch;
use tracing::dispatcher::{DefaultGuard, set_default};

use crate::{Authenticate, Gate};

/// Returns a gate that identifies callers by `authenticate`, whatever it does.
#[must_use]
pub fn gate(authenticate: Arc<dyn Authenticate>) -> Gate {
    Gate::new(authenticate)
}

/// The log of this thread, on which the application of the test runs too.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a log").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Logs everything of this thread, for as long as the guard lives.
    ///
    /// With one dispatcher alone, `tracing` lets the thread that reaches a call first decide for all of them whether
    /// it is logged; the second, in which nothing ends up, keeps the threads of other tests from doing so.
    pub fn start() -> (Self, (Dispatch, DefaultGuard)) {
        let log = Self::default();
        let second = Self::default().dispatch();
        let guard = set_default(&log.dispatch());
        (log, (second, guard))
    }

    fn dispatch(&self) -> Dispatch {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_ansi(false);
        Dispatch::new(subscriber.without_time().with_writer(move || log.clone()).finish())
    }

    /// Takes what was logged since the last time.
    pub fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().expect("a log"))).expect("UTF-8")
    }
}
