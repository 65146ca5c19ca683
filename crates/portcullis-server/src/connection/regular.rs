//! The connections within the limit. Requests take no lock: each connection records when it became idle, and only a new
//! connection that finds no free slot scans all of them.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Context;
use std::time::Duration;

use crate::Throttle;
use futures_util::task::AtomicWaker;
use tokio::time::Instant;

/// The minimum time between two searches for idle connections, per connection. Without it, a flood of connections could
/// make the server search all the time.
const SEARCH_INTERVAL: Duration = Duration::from_micros(1);
/// The maximum number of idle connections that one search returns.
const MAX_FOUND: usize = 256;

/// The connections of one server within the limit.
#[derive(Debug)]
pub(super) struct RegularSlots {
    max_connections: usize,
    connections: Arc<Mutex<Connections>>,
    start: Instant,
    warning: Throttle,
}

#[derive(Debug, Default)]
struct Connections {
    next_id: u64,
    activities: HashMap<u64, Arc<Activity>>,
    /// The idle connections of the last search with their times, oldest first. They may be in use again.
    idle: VecDeque<(u64, u64)>,
    last_search: Option<Instant>,
}

/// The state of a connection: idle or not.
#[derive(Debug, Default)]
struct Activity {
    /// [`BUSY`], [`EVICTED`], or the time when it became idle, in microseconds since the start of the server.
    idle_since: AtomicU64,
    waker: AtomicWaker,
}

const BUSY: u64 = 0;
const EVICTED: u64 = u64::MAX;

/// The slot of a connection within the limit. Dropping it frees the slot.
pub(super) struct RegularSlot {
    id: u64,
    activity: Arc<Activity>,
    connections: Arc<Mutex<Connections>>,
    start: Instant,
}

impl RegularSlots {
    pub(super) fn new(max_connections: usize) -> Self {
        Self { max_connections, connections: Arc::default(), start: Instant::now(), warning: Throttle::default() }
    }

    /// Returns a slot for a new connection, if one is free or a connection is idle and can be evicted.
    pub(super) fn take(&self) -> Option<RegularSlot> {
        let mut connections = lock(&self.connections);
        if connections.activities.len() >= self.max_connections {
            if !connections.evict_idle() {
                return None;
            }
            if let Some(suppressed) = self.warning.admit() {
                tracing::warn!(suppressed, "connection limit reached (MAX_CONNECTIONS); closing idle connections");
            }
        }
        let id = connections.next_id;
        connections.next_id += 1;
        let activity = Arc::<Activity>::default();
        connections.activities.insert(id, activity.clone());
        Some(RegularSlot { id, activity, connections: self.connections.clone(), start: self.start })
    }
}

impl Connections {
    /// Evicts the connection that has been idle for the longest time. Returns whether there was one.
    fn evict_idle(&mut self) -> bool {
        if self.evict_found() {
            return true;
        }
        let now = Instant::now();
        let interval = SEARCH_INTERVAL * u32::try_from(self.activities.len()).unwrap_or(u32::MAX);
        if self.last_search.is_some_and(|last| now - last < interval) {
            return false;
        }
        self.last_search = Some(now);
        let since = |activity: &Activity| activity.idle_since.load(Ordering::Acquire);
        let mut found: Vec<_> = self.activities.iter().map(|(id, activity)| (since(activity), *id)).collect();
        found.retain(|(since, _)| *since != BUSY);
        if found.len() > MAX_FOUND {
            found.select_nth_unstable(MAX_FOUND);
            found.truncate(MAX_FOUND);
        }
        found.sort_unstable();
        self.idle = found.into();
        self.evict_found()
    }

    /// Evicts the first connection of the last search that is still idle.
    fn evict_found(&mut self) -> bool {
        while let Some((since, id)) = self.idle.pop_front() {
            let Some(activity) = self.activities.get(&id) else { continue };
            if activity.idle_since.compare_exchange(since, EVICTED, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                activity.waker.wake();
                self.activities.remove(&id);
                return true;
            }
        }
        false
    }
}

impl RegularSlot {
    /// Records whether the connection is waiting for another request.
    pub(super) fn set_idle(&self, is_idle: bool) {
        // The overflow would come after more than 500,000 years.
        let since = || u64::try_from(self.start.elapsed().as_micros()).unwrap_or(BUSY).max(1);
        let state = if is_idle { since() } else { BUSY };
        let change = |old| (old != EVICTED).then_some(state);
        let _ = self.activity.idle_since.fetch_update(Ordering::AcqRel, Ordering::Acquire, change);
    }

    /// Returns whether a newer connection has taken this slot. Otherwise registers the task to be woken when that
    /// happens.
    pub(super) fn poll_evicted(&self, cx: &mut Context<'_>) -> bool {
        self.activity.waker.register(cx.waker());
        self.activity.idle_since.load(Ordering::Acquire) == EVICTED
    }
}

impl Drop for RegularSlot {
    fn drop(&mut self) {
        lock(&self.connections).activities.remove(&self.id);
    }
}

fn lock(connections: &Mutex<Connections>) -> MutexGuard<'_, Connections> {
    connections.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_evicted(slot: &RegularSlot) -> bool {
        slot.poll_evicted(&mut Context::from_waker(std::task::Waker::noop()))
    }

    #[tokio::test(start_paused = true)]
    async fn connection_idle_for_longest_is_closed_first() {
        let slots = RegularSlots::new(3);
        let mut taken: Vec<_> = (0..3).map(|_| slots.take().expect("a slot")).collect();
        assert!(slots.take().is_none(), "all are busy");
        for number in [1, 0, 2] {
            tokio::time::advance(Duration::from_millis(1)).await;
            taken[number].set_idle(true);
        }
        taken.push(slots.take().expect("the slot of 1"));
        // The search finds it idle, and then a request arrives.
        taken[0].set_idle(false);
        taken.push(slots.take().expect("the slot of 2"));
        assert!(slots.take().is_none(), "all are busy");
        assert_eq!(taken.iter().map(is_evicted).collect::<Vec<_>>(), [false, true, true, false, false]);
        // Only connections with a slot free one.
        taken.drain(1..3);
        assert!(slots.take().is_none());
        taken.remove(0);
        assert!(slots.take().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn search_takes_the_oldest_of_many() {
        let slots = RegularSlots::new(MAX_FOUND * 3);
        let mut taken: Vec<_> = (0..MAX_FOUND * 3).map(|_| slots.take().expect("a slot")).collect();
        for slot in taken.iter().rev() {
            tokio::time::advance(Duration::from_micros(1)).await;
            slot.set_idle(true);
        }
        for round in 0..2 {
            for _ in 0..MAX_FOUND {
                taken.push(slots.take().expect("a slot"));
            }
            assert_eq!(taken.iter().filter(|slot| is_evicted(slot)).count(), MAX_FOUND * (round + 1));
            assert!(!is_evicted(&taken[MAX_FOUND * (2 - round) - 1]) && is_evicted(&taken[MAX_FOUND * (2 - round)]));
            assert!(round > 0 || slots.take().is_none(), "it searches once in a while");
            tokio::time::advance(SEARCH_INTERVAL * 1_000).await;
        }
    }
}
