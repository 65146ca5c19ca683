//! The minimum speed at which a client must read a response.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// The time in which a client must read [`MIN_BYTES_PER_WRITE_WINDOW`] of a response while more is waiting to be sent.
pub const WRITE_WINDOW: Duration = Duration::from_secs(30);
/// The amount that a client must read in each [`WRITE_WINDOW`]: 273 bytes per second, which every modem can do.
pub const MIN_BYTES_PER_WRITE_WINDOW: usize = 8 * 1024;

/// Measures how much a client has read since a write was first blocked.
#[derive(Default)]
pub(super) struct WriteProgress {
    window: Option<Pin<Box<Sleep>>>,
    taken: usize,
}

impl WriteProgress {
    /// Records a write. Fails if the client has read too little in the current window. Otherwise registers this task to
    /// be woken at its end.
    pub(super) fn on_write(&mut self, written: &Poll<io::Result<usize>>, cx: &mut Context<'_>) -> io::Result<()> {
        match written {
            Poll::Ready(Ok(length)) => self.taken += length,
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                if self.window.is_none() {
                    self.taken = 0;
                }
                let window = self.window.get_or_insert_with(|| Box::pin(sleep(WRITE_WINDOW)));
                while window.as_mut().poll(cx).is_ready() {
                    if self.taken < MIN_BYTES_PER_WRITE_WINDOW {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    self.taken = 0;
                    window.as_mut().reset(Instant::now() + WRITE_WINDOW);
                }
            }
        }
        Ok(())
    }

    /// Returns whether data is waiting to be sent.
    pub(super) fn is_blocked(&self) -> bool {
        self.window.is_some()
    }

    /// Records that all data is sent.
    pub(super) fn on_flush(&mut self) {
        self.window = None;
    }
}
