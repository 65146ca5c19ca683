//! Support for tests: the log of a test thread in memory, and gates with custom authentication.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::Dispatch;
use tracing::dispatcher::{DefaultGuard, set_default};

use crate::{Authenticate, Gate};

/// Returns a gate that identifies callers with `authenticate`.
#[must_use]
pub fn gate(authenticate: Arc<dyn Authenticate>) -> Gate {
    Gate::new(authenticate)
}

/// The log of this thread. The application under test runs on the same thread.
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
    /// Logs everything on this thread while the guard lives.
    ///
    /// With a single dispatcher, `tracing` lets the first thread at a call site decide for all threads whether it is
    /// logged. The second dispatcher discards everything, and keeps the threads of other tests from doing so.
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

    /// Returns and clears the log since the last call.
    pub fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().expect("a log"))).expect("UTF-8")
    }
}
