//! Whether requests can be served now: the keys are there, and the store answers.

use std::sync::Arc;
use std::time::Duration;

use app::ssr::items::ItemStore;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::auth::jwks::KeyCache;

/// How long an answer of the store is good for: anyone may ask for it, so it must not cost one each.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// What `/readyz` looks at.
pub struct Readiness {
    keys: Vec<Arc<KeyCache>>,
    items: Arc<dyn ItemStore>,
    store: Mutex<Option<(Instant, bool)>>,
}

/// What is ready.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Ready {
    /// There are keys to check tokens with, of one issuer at least: one that is down must not take the others with it.
    pub keys: bool,
    /// The store answers what requests ask.
    pub store: bool,
}

impl Readiness {
    /// The readiness of `keys` and `items`.
    #[must_use]
    pub fn new(keys: Vec<Arc<KeyCache>>, items: Arc<dyn ItemStore>) -> Self {
        Self { keys, items, store: Mutex::new(None) }
    }

    /// What is ready now. Those who ask at once share one question to the store.
    pub async fn now(&self) -> Ready {
        let mut known = self.store.lock().await;
        let store = match *known {
            Some((asked, answer)) if asked.elapsed() < GOOD_FOR => answer,
            _ => {
                let outcome = self.items.ping().await;
                let answer = outcome.is_ok();
                let is_new = known.is_none_or(|(_, before)| before != answer);
                match outcome {
                    Err(error) if is_new => tracing::warn!(%error, "the store is not ready"),
                    Ok(()) if is_new => tracing::info!("the store is ready"),
                    _ => {}
                }
                *known = Some((Instant::now(), answer));
                answer
            }
        };
        Ready { keys: self.keys.iter().any(|keys| keys.is_ready()), store }
    }
}
