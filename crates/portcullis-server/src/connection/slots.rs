//! The limit on the number of connections. At the limit, a new connection replaces the one that has been idle for the
//! longest time. If none is idle, there are a few spare slots, which serve only health checks.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use crate::Throttle;
use tokio::sync::{Semaphore, oneshot};

use super::regular::{RegularSlot, RegularSlots};

/// The maximum number of connections over the limit that have not sent a request yet.
pub const SPARE_CONNECTIONS: usize = 64;
/// The maximum number of requests on them that are handled concurrently.
pub const SPARE_REQUESTS: usize = 64;

/// The slots of one server.
#[derive(Debug)]
pub(super) struct ConnectionSlots {
    regular: RegularSlots,
    spare_requests: Arc<Semaphore>,
    /// The connections over the limit, oldest first. Dropping a sender ends its connection.
    spare: Mutex<VecDeque<oneshot::Sender<Infallible>>>,
    warning: Throttle,
}

/// The slot of a connection. Dropping it frees the slot.
pub(super) enum ConnectionSlot {
    /// A slot within the limit.
    Regular(RegularSlot),
    /// A slot over the limit, until a newer connection needs it.
    Spare { evicted: Option<oneshot::Receiver<Infallible>> },
}

/// Marks the only request of a connection over the limit. The router answers it only if it is a health check and
/// `has_room`.
#[derive(Clone, Copy, Debug)]
pub struct BeyondCap {
    /// Whether fewer than [`SPARE_REQUESTS`] other requests are being handled.
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

    /// Returns a slot for a new connection. Over the limit it replaces the oldest connection without a request. A
    /// health check sends its request immediately, so it gets its slot even during a flood.
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

    /// Returns the limit for requests on connections over the limit.
    pub(super) fn spare_requests(&self) -> Arc<Semaphore> {
        self.spare_requests.clone()
    }
}

impl ConnectionSlot {
    pub(super) fn is_spare(&self) -> bool {
        matches!(self, Self::Spare { .. })
    }

    /// Records whether the connection is waiting for another request.
    pub(super) fn set_idle(&self, is_idle: bool) {
        if let Self::Regular(slot) = self {
            slot.set_idle(is_idle);
        }
    }

    /// Returns whether a newer connection has taken this slot. Otherwise registers the task to be woken when that
    /// happens.
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
        // Connections that have ended by themselves free their slots first.
        spare.truncate(SPARE_CONNECTIONS / 2);
        for _ in 0..SPARE_CONNECTIONS / 4 {
            spare.push(slots.take());
        }
        assert!(spare.iter_mut().skip(2).all(|slot| !slot.poll_evicted(cx)));
    }
}
