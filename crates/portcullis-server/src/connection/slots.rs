//! How many connections there may be. At the cap the one that is idle for longest gives way to a new one. If none is idle,
//! there are a few slots more, in which health checks alone are answered.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use crate::Throttle;
use tokio::sync::{Semaphore, oneshot};

use super::regular::{RegularSlot, RegularSlots};

/// How many connections beyond the cap may be about to say what they want.
pub const SPARE_CONNECTIONS: usize = 64;
/// How many of them may be answered at the same time.
pub const SPARE_REQUESTS: usize = 64;

/// The slots of one server.
#[derive(Debug)]
pub(super) struct ConnectionSlots {
    regular: RegularSlots,
    spare_requests: Arc<Semaphore>,
    /// What ends the connections beyond the cap, the oldest first: when a sender is dropped, its connection ends.
    spare: Mutex<VecDeque<oneshot::Sender<Infallible>>>,
    warning: Throttle,
}

/// The slot of one connection; it is free again when this is dropped.
pub(super) enum ConnectionSlot {
    /// One of those below the cap.
    Regular(RegularSlot),
    /// One beyond it, until a newer connection needs it.
    Spare { evicted: Option<oneshot::Receiver<Infallible>> },
}

/// Marks the one request of a connection beyond the cap. A router answers it only for a health check, and only if it
/// `has_room`.
#[derive(Clone, Copy, Debug)]
pub struct BeyondCap {
    /// Whether fewer than [`SPARE_REQUESTS`] others are being answered.
    pub has_room: bool,
}

impl ConnectionSlots {
    pub(super) fn new(max_connections: usize) -> Self {
        Self {
            regular: RegularSlots::new(max_connections),
            spare_requests: Arc::new(Semaphore::new(SPARE_REQUESTS)),
            spare: Mutex::default(),
            warning: Throttle::default(),
        }
    }

    /// Gives a new connection its slot. Beyond the cap the oldest of those that have said nothing yet gives way: a
    /// health check, which says at once what it wants, finds its slot in any flood.
    pub(super) fn take(&self) -> ConnectionSlot {
        if let Some(slot) = self.regular.take() {
            return ConnectionSlot::Regular(slot);
        }
        if let Some(suppressed) = self.warning.admit() {
            tracing::warn!(suppressed, "connection limit reached (MAX_CONNECTIONS); rejecting new connections");
        }
        let (keep, evicted) = oneshot::channel();
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        spare.retain(|connection| !connection.is_closed());
        if spare.len() >= SPARE_CONNECTIONS {
            spare.pop_front();
        }
        spare.push_back(keep);
        ConnectionSlot::Spare { evicted: Some(evicted) }
    }

    /// What limits the requests beyond the cap.
    pub(super) fn spare_requests(&self) -> Arc<Semaphore> {
        self.spare_requests.clone()
    }
}

impl ConnectionSlot {
    pub(super) fn is_spare(&self) -> bool {
        matches!(self, Self::Spare { .. })
    }

    /// Notes whether the connection does nothing but wait for another request.
    pub(super) fn set_idle(&self, is_idle: bool) {
        if let Self::Regular(slot) = self {
            slot.set_idle(is_idle);
        }
    }

    /// Returns whether a newer connection has taken this slot; otherwise has this task woken when one does.
    pub(super) fn poll_evicted(&mut self, cx: &mut Context<'_>) -> bool {
        let evicted = match self {
            Self::Regular(slot) => return slot.poll_evicted(cx),
            Self::Spare { evicted } => evicted,
        };
        let is_evicted = evicted.as_mut().is_none_or(|evicted| Pin::new(evicted).poll(cx) != Poll::Pending);
        if is_evicted {
            *evicted = None;
        }
        is_evicted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_below_the_cap_come_back_when_dropped() {
        let slots = ConnectionSlots::new(2);
        let (first, second) = (slots.take(), slots.take());
        assert!(!first.is_spare() && !second.is_spare());
        assert!(slots.take().is_spare());
        drop(first);
        assert!(!slots.take().is_spare());
    }

    #[tokio::test]
    async fn slots_beyond_the_cap_go_to_the_newest() {
        let slots = ConnectionSlots::new(0);
        let mut spare: Vec<_> = (0..SPARE_CONNECTIONS + 2).map(|_| slots.take()).collect();
        let cx = &mut Context::from_waker(std::task::Waker::noop());
        let evicted: Vec<_> = spare.iter_mut().map(|slot| slot.poll_evicted(cx)).collect();
        assert_eq!(evicted.iter().filter(|is_evicted| **is_evicted).count(), 2);
        assert!(evicted[0] && evicted[1] && !evicted[2], "the oldest give way");
        // Those that have ended by themselves make room first.
        spare.truncate(SPARE_CONNECTIONS / 2);
        for _ in 0..SPARE_CONNECTIONS / 4 {
            spare.push(slots.take());
        }
        assert!(spare.iter_mut().skip(2).all(|slot| !slot.poll_evicted(cx)));
    }
}
