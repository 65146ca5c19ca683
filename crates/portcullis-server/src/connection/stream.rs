//! A connection that ends after a timeout, or if its client reads too slowly.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::HEADER_READ_TIMEOUT;
use super::hyper_errors;
use super::slots::ConnectionSlot;
use super::tracked::Progress;
use super::write_progress::WriteProgress;

/// How long the server reads data that a client still sends after the last response (RFC 9112 §9.6). Without this, the
/// client's system could discard the response.
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);
/// What a connection is waiting for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// The rest of the head of a request, or the first byte of a new connection.
    Head,
    /// The response to a request. The router limits its duration.
    Response,
    /// The first byte of another request.
    Idle,
    /// The end of the data that the client sends after the last response.
    Draining,
}

/// A connection with timeouts.
pub struct TimedStream<T> {
    stream: T,
    abort: fn(&T),
    slot: ConnectionSlot,
    progress: Progress,
    phase: Phase,
    deadline: Pin<Box<Sleep>>,
    write_progress: WriteProgress,
    keep_alive: Duration,
    /// Whether the bytes being written are the response to a request.
    is_response: bool,
    /// The replacement for what Hyper writes, and how much of it is written.
    replacement: Option<(Vec<u8>, usize)>,
}

impl<T> TimedStream<T> {
    /// Wraps `stream`. The first head must arrive within `limit`, and the next request within `keep_alive`.
    pub(super) fn new(
        stream: T,
        abort: fn(&T),
        slot: ConnectionSlot,
        progress: Progress,
        limit: Duration,
        keep_alive: Duration,
    ) -> Self {
        Self {
            stream,
            abort,
            slot,
            progress,
            phase: Phase::Head,
            deadline: Box::pin(sleep(limit)),
            write_progress: WriteProgress::default(),
            keep_alive,
            is_response: false,
            replacement: None,
        }
    }

    /// Starts the timeout of `phase` and registers this task for it.
    fn enter(&mut self, phase: Phase, limit: Duration, cx: &mut Context<'_>) {
        self.phase = phase;
        self.deadline.as_mut().reset(Instant::now() + limit);
        // Hyper may not read again before something wakes it.
        let _ = self.deadline.as_mut().poll(cx);
    }

    /// Updates the phase from the state of the service.
    fn follow(&mut self, cx: &mut Context<'_>) {
        if self.progress.is_busy() {
            self.slot.set_idle(false);
            self.phase = Phase::Response;
            self.is_response = true;
        } else if self.progress.take_done() {
            self.is_response = true;
            // A pipelined head also has only this limit: it is unknown here how much of the data belongs to which
            // request.
            self.enter(Phase::Idle, self.keep_alive, cx);
        }
    }

    /// The service is done before the last bytes of the response are sent. A connection is not idle while they are
    /// being sent.
    fn on_write(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.follow(cx);
        if self.phase == Phase::Idle && matches!(written, Poll::Ready(Ok(1..))) {
            self.enter(Phase::Idle, self.keep_alive, cx);
        }
        if let Err(too_slow) = self.write_progress.on_write(&written, cx) {
            (self.abort)(&self.stream);
            return Poll::Ready(Err(too_slow));
        }
        written
    }
}

impl<T: AsyncRead + Unpin> TimedStream<T> {
    /// Returns the result of a read when the connection must end.
    fn end(&self) -> Poll<io::Result<()>> {
        Poll::Ready(match self.phase {
            // The same as if the client had closed it: no request is in progress.
            Phase::Idle => Ok(()),
            _ => Err(io::ErrorKind::TimedOut.into()),
        })
    }

    /// Reads and discards what the client still sends, if it may send more.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut rest = [0; 1024];
        loop {
            if self.slot.poll_evicted(cx) || self.deadline.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            let mut buffer = ReadBuf::new(&mut rest);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => self.progress.expect_more_input(),
                Poll::Pending if self.progress.expects_more_input() => return Poll::Pending,
                _ => return Poll::Ready(()),
            }
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for TimedStream<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.follow(cx);
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        // Data that arrived before the slot was taken still gets a response.
        if read.is_pending() && self.phase != Phase::Response && self.slot.poll_evicted(cx) {
            return self.end();
        }
        if self.phase == Phase::Idle && buffer.filled().len() > before {
            self.slot.set_idle(false);
            self.enter(Phase::Head, HEADER_READ_TIMEOUT, cx);
        }
        // The service is done with a response long before its last bytes are sent. Until then the connection is not
        // idle, and the speed of the client decides.
        let is_under_way = self.phase == Phase::Response || self.write_progress.is_blocked();
        if read.is_ready() || is_under_way || self.deadline.as_mut().poll(cx).is_pending() {
            return read;
        }
        self.end()
    }
}

impl<T: AsyncWrite + Unpin> TimedStream<T> {
    /// Writes the replacement for `bytes`, if Hyper created them itself. After that, `bytes` count as written.
    fn poll_replace(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Option<Poll<io::Result<usize>>> {
        if self.replacement.is_none() && !self.is_response {
            self.replacement = hyper_errors::replacement(bytes).map(|text| (text, 0));
            if self.replacement.is_some() {
                self.progress.expect_more_input();
            }
        }
        let (text, sent) = self.replacement.as_mut()?;
        while *sent < text.len() {
            match Pin::new(&mut self.stream).poll_write(cx, &text[*sent..]) {
                Poll::Ready(Ok(0)) => return Some(Poll::Ready(Err(io::ErrorKind::WriteZero.into()))),
                Poll::Ready(Ok(length)) => *sent += length,
                other => return Some(other),
            }
        }
        Some(Poll::Ready(Ok(bytes.len())))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TimedStream<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.follow(cx);
        let written = match self.poll_replace(cx, bytes) {
            Some(written) => written,
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
        };
        self.on_write(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.follow(cx);
        let first = parts.iter().find(|part| !part.is_empty()).map_or(&[][..], |part| part);
        let written = match self.poll_replace(cx, first) {
            Some(written) => written,
            None => Pin::new(&mut self.stream).poll_write_vectored(cx, parts),
        };
        self.on_write(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.follow(cx);
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.write_progress.on_flush();
        self.is_response = false;
        if self.phase == Phase::Idle {
            self.slot.set_idle(true);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.phase != Phase::Draining {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.enter(Phase::Draining, LINGER_TIMEOUT, cx);
        }
        self.poll_drain(cx).map(Ok)
    }
}
