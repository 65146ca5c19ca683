//! How fast a client must take what is sent to it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// How long a client may take for [`MIN_BYTES_PER_WRITE_WINDOW`] of a response while more of it waits to be sent.
pub const WRITE_WINDOW: Duration = Duration::from_secs(30);
/// How much a client must take in each [`WRITE_WINDOW`]: 273 bytes a second, which is less than any modem.
pub const MIN_BYTES_PER_WRITE_WINDOW: usize = 8 * 1024;

/// How much a client has taken, from the moment when a write is blocked.
#[derive(Default)]
pub(super) struct WriteProgress {
    window: Option<Pin<Box<Sleep>>>,
    taken: usize,
}

impl WriteProgress {
    /// Follows a write; fails when too little was taken since the window began, and otherwise has this task woken at
    /// its end.
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

    /// Whether something waits to be sent.
    pub(super) fn is_blocked(&self) -> bool {
        self.window.is_some()
    }

    /// All that there was to send is sent.
    pub(super) fn on_flush(&mut self) {
        self.window = None;
    }
}
