//! Readiness: whether there are keys, the store responds, and the background tasks run.

use std::sync::Arc;
use std::time::Duration;

use crate::store::{Database, StoreError};
use portcullis_verifier::jwks::KeyCache;
use portcullis_verifier::supervise::TaskHealth;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long the result of a ping is reused. Anyone may request it, so not every request may cause a ping.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// The maximum duration of a ping. Load balancers check again soon.
const PING_LIMIT: Duration = Duration::from_secs(2);

/// The readiness check for `/readyz`.
pub struct Readiness {
    keys: Vec<Arc<KeyCache>>,
    database: Database,
    tasks: Vec<TaskHealth>,
    store: Mutex<Option<(Instant, bool)>>,
}

/// The result of a readiness check.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Ready {
    /// Whether there are keys of at least one issuer. An issuer that is down must not affect the others.
    pub keys: bool,
    /// Whether the store responds.
    pub store: bool,
    /// The background tasks that panicked and are not restarted yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stopped: Vec<&'static str>,
}

impl Ready {
    /// Returns whether everything is ready.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.keys && self.store && self.stopped.is_empty()
    }
}

impl Readiness {
    /// Creates a check of `keys` and the tasks that fetch them, of `database`, and of other background `tasks`.
    #[must_use]
    pub fn new(keys: Vec<Arc<KeyCache>>, database: Database, tasks: Vec<TaskHealth>) -> Self {
        let tasks = keys.iter().map(|keys| keys.refresh_task()).chain(tasks).collect();
        Self { keys, database, tasks, store: Mutex::new(None) }
    }

    /// Checks the readiness. Concurrent calls share one ping of the store.
    pub async fn now(&self) -> Ready {
        let mut known = self.store.lock().await;
        let store = match *known {
            Some((at, is_ok)) if at.elapsed() < GOOD_FOR => is_ok,
            _ => {
                let late = |_| Err(StoreError::Unavailable(format!("no answer within {} s", PING_LIMIT.as_secs())));
                let outcome = timeout(PING_LIMIT, self.database.ping()).await.unwrap_or_else(late);
                let is_ok = outcome.is_ok();
                let is_new = known.is_none_or(|(_, before)| before != is_ok);
                match outcome {
                    Err(error) if is_new => tracing::warn!(%error, "the store is not ready"),
                    Ok(()) if is_new => tracing::info!("the store is ready"),
                    _ => {}
                }
                *known = Some((Instant::now(), is_ok));
                is_ok
            }
        };
        let stopped = self.tasks.iter().filter(|task| task.has_stopped()).map(|task| task.name).collect();
        Ready { keys: self.keys.iter().any(|keys| keys.is_ready()), store, stopped }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use portcullis_verifier::supervise::{MIN_RESTART_PAUSE, Supervised};
    use serde_json::json;

    use super::*;
    use crate::store::{Backend, Stores};

    struct Answering;

    #[async_trait]
    impl Backend for Answering {
        async fn ping(&self) -> Result<(), StoreError> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn readiness_names_a_stopped_task_until_it_runs() {
        let database = Database::new(Answering, Stores::default());
        let mut starts = 0;
        let task = Supervised::start("example", move || {
            starts += 1;
            async move {
                assert!(starts > 1, "told to panic");
                std::future::pending().await
            }
        });
        let readiness = Readiness::new(Vec::new(), database, vec![task.health()]);
        tokio::time::sleep(MIN_RESTART_PAUSE / 2).await;
        let ready = readiness.now().await;
        assert_eq!(serde_json::to_value(&ready).expect("JSON")["stopped"], json!(["example"]));
        assert!(!Ready { keys: true, ..ready }.is_all());
        tokio::time::sleep(MIN_RESTART_PAUSE).await;
        let ready = readiness.now().await;
        assert_eq!(serde_json::to_value(&ready).expect("JSON"), json!({"keys": false, "store": true}));
        assert!(Ready { keys: true, ..ready }.is_all());
    }
}
