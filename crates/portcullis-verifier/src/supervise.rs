//! Background tasks that run as long as the server. A task that panics or ends is restarted, and is reported as stopped
//! until then.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};

/// The pause before the first restart of a task. It doubles with each further restart.
pub const MIN_RESTART_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause. After a run that is longer than this, the pause starts at the minimum again.
pub const MAX_RESTART_PAUSE: Duration = Duration::from_secs(60);

/// The health of a supervised task.
#[derive(Clone, Debug)]
pub struct TaskHealth {
    /// The name of the task, in the log and in `/readyz`.
    pub name: &'static str,
    has_stopped: Arc<AtomicBool>,
}

impl TaskHealth {
    /// Returns whether the task has panicked or ended, and is not restarted yet.
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.has_stopped.load(Ordering::Acquire)
    }

    fn set_stopped(&self, has_stopped: bool) {
        self.has_stopped.store(has_stopped, Ordering::Release);
    }
}

/// A task that is restarted when it panics or ends. It is canceled when this is dropped.
pub struct Supervised {
    task: JoinHandle<()>,
    health: TaskHealth,
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Supervised {
    /// Starts the task `name`: runs the future that `run` returns, and calls `run` again when that panics or ends.
    #[must_use]
    pub fn start<F>(name: &'static str, run: impl FnMut() -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let health = TaskHealth { name, has_stopped: Arc::default() };
        Self { task: tokio::spawn(supervise(health.clone(), run)), health }
    }

    /// Returns the health of the task.
    #[must_use]
    pub fn health(&self) -> TaskHealth {
        self.health.clone()
    }
}

async fn supervise<F>(health: TaskHealth, mut run: impl FnMut() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut pause = MIN_RESTART_PAUSE;
    loop {
        let started = Instant::now();
        // The task isolates a panic. A `JoinSet` also cancels it when the supervisor is dropped.
        let mut running = JoinSet::new();
        if let Ok(future) = catch_unwind(AssertUnwindSafe(&mut run)) {
            running.spawn(future);
            // A canceled task means that the server is shutting down.
            if let Some(Err(error)) = running.join_next().await
                && error.is_cancelled()
            {
                return;
            }
        }
        health.set_stopped(true);
        if started.elapsed() > MAX_RESTART_PAUSE {
            pause = MIN_RESTART_PAUSE;
        }
        let (task, seconds) = (health.name, pause.as_secs());
        log(|| tracing::error!(task, seconds, "background task stopped; restarting after a pause"));
        sleep(pause).await;
        pause = (pause * 2).min(MAX_RESTART_PAUSE);
        health.set_stopped(false);
        log(|| tracing::info!(task, "background task restarted"));
    }
}

/// Logging may be what stopped the task, so a panic in the log must not stop the supervisor.
fn log(line: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(line));
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// Starts a task that panics on its first `panics` runs, and returns it with the times of its starts.
    fn flaky(panics: usize) -> (Supervised, Arc<Mutex<Vec<Instant>>>) {
        let starts = Arc::<Mutex<Vec<Instant>>>::default();
        let seen = starts.clone();
        let task = Supervised::start("flaky", move || {
            let mut starts = seen.lock().expect("nobody panics");
            starts.push(Instant::now());
            let panics_now = starts.len() <= panics;
            async move {
                assert!(!panics_now, "told to panic");
                std::future::pending().await
            }
        });
        (task, starts)
    }

    #[tokio::test(start_paused = true)]
    async fn supervisor_restarts_with_growing_pauses() {
        let (task, starts) = flaky(9);
        sleep(Duration::from_secs(600)).await;
        let starts = starts.lock().expect("nobody panics").clone();
        let pauses: Vec<u64> = starts.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert!(!task.health().has_stopped(), "it runs in the end");
    }

    #[tokio::test(start_paused = true)]
    async fn supervisor_says_stopped_until_the_restart() {
        let (task, _) = flaky(1);
        let health = task.health();
        assert!(!health.has_stopped());
        sleep(Duration::from_millis(500)).await;
        assert!(health.has_stopped());
        sleep(Duration::from_secs(1)).await;
        assert!(!health.has_stopped());
    }

    #[tokio::test(start_paused = true)]
    async fn supervisor_forgets_panics_after_a_good_while() {
        let starts = Arc::<AtomicUsize>::default();
        let seen = starts.clone();
        let _task = Supervised::start("rare", move || {
            seen.fetch_add(1, Ordering::SeqCst);
            async {
                sleep(MAX_RESTART_PAUSE * 2).await;
                panic!("told to panic");
            }
        });
        // Each run takes 120 s and each pause 1 s, no matter how often the task has panicked.
        sleep(Duration::from_secs(10 * 121 + 1)).await;
        assert_eq!(starts.load(Ordering::SeqCst), 11);
    }

    #[tokio::test(start_paused = true)]
    async fn supervisor_cancels_its_task_when_dropped() {
        let held = Arc::new(());
        let inner = held.clone();
        let task = Supervised::start("endless", move || {
            let held = inner.clone();
            async move {
                let _held = held;
                std::future::pending().await
            }
        });
        tokio::task::yield_now().await;
        drop(task);
        sleep(Duration::from_millis(1)).await;
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn supervisor_restarts_a_task_that_ends_or_is_never_made() {
        for panics in [false, true] {
            let starts = Arc::<AtomicUsize>::default();
            let seen = starts.clone();
            let task = Supervised::start("once", move || {
                assert!(seen.fetch_add(1, Ordering::SeqCst) > 0 || !panics, "told to panic");
                async {}
            });
            sleep(Duration::from_millis(500)).await;
            assert_eq!((starts.load(Ordering::SeqCst), task.health().has_stopped()), (1, true), "{panics}");
            sleep(Duration::from_secs(1)).await;
            assert_eq!(starts.load(Ordering::SeqCst), 2, "{panics}");
        }
    }

    /// A log that panics, as `eprintln!` does if standard error is closed.
    struct PanickingLog;

    impl tracing::Subscriber for PanickingLog {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, _: &tracing::Event<'_>) {
            panic!("told to panic");
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }

    #[tokio::test(start_paused = true)]
    async fn supervisor_survives_a_log_that_panics() {
        let _log = tracing::subscriber::set_default(PanickingLog);
        let (task, starts) = flaky(3);
        sleep(Duration::from_secs(60)).await;
        assert_eq!(starts.lock().expect("nobody panics").len(), 4);
        assert!(!task.health().has_stopped());
    }
}
