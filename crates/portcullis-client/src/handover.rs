//! What one tab writes into localStorage under the lock is seen by the next that holds it.
//!
//! Nothing orders localStorage and Web Locks: a tab may be granted the lock and still read what was there before the
//! last holder wrote, and would then send a refresh token that is already used. So each holder counts up a number in
//! localStorage, as its last write, and holds a second lock that is named after the number. The names of held locks
//! are the same for all tabs at any moment; the next holder waits until its localStorage has come as far.

use std::cell::RefCell;
use std::time::Duration;

use js_sys::futures::JsFuture;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use leptos::wasm_bindgen::{JsCast, JsValue};

use crate::clock::steady;
use crate::lock::{self, WebLock, hold, pause};
use crate::record::RECORD;
use crate::retry::RETRY;
use crate::storage::{Kept, key_of};

/// The localStorage key of the number, and the start of the names of the locks.
const WRITES: &str = "portcullis_writes";
/// How long localStorage is waited for, in milliseconds: another app may have deleted the number.
const PATIENCE: f64 = 2_000.0;
/// How long to wait before reading it again.
const AGAIN: Duration = Duration::from_millis(10);

thread_local! {
    /// Releases the lock that names the last number of this tab.
    static RELEASE: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Waits until this tab sees what was written under the lock before. Returns the number of the last write.
pub async fn catch_up() -> u64 {
    let last = last_named().await.unwrap_or_default();
    let started = steady();
    while stored() < last && steady() - started < PATIENCE {
        pause(AGAIN).await;
    }
    stored().max(last)
}

/// Tells the next holder of the lock that this tab has written, as number `write`. To be called under the lock.
pub async fn announce(write: u64) {
    let is_shared = [RECORD, RETRY].into_iter().any(|key| Kept::Everywhere.holds(key));
    if !is_shared || Kept::Everywhere.put(WRITES, write as f64).is_err() {
        return forget();
    }
    let options = Object::new();
    let _ = Reflect::set(&options, &"mode".into(), &"shared".into());
    if let WebLock::Held { release } = hold(&format!("{WRITES} {write}"), &options, lock::PATIENCE).await {
        let_go(RELEASE.replace(Some(release)));
    }
}

/// Forgets the number: the session that it counts for is over.
pub fn forget() {
    Kept::Everywhere.delete(WRITES);
    let_go(RELEASE.take());
}

fn let_go(release: Option<Function>) {
    if let Some(release) = release {
        let _ = release.call0(&JsValue::UNDEFINED);
    }
}

fn stored() -> u64 {
    Kept::Everywhere.number(WRITES).unwrap_or_default()
}

/// The highest number that a tab names by a lock now.
async fn last_named() -> Option<u64> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let query: Function = Reflect::get(&locks, &"query".into()).ok()?.dyn_into().ok()?;
    let found = JsFuture::from(query.call0(&locks).ok()?.unchecked_into::<Promise>()).await.ok()?;
    let held: Array = Reflect::get(&found, &"held".into()).ok()?.dyn_into().ok()?;
    let start = format!("{} ", key_of(WRITES));
    let number =
        |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string()?.strip_prefix(&start)?.parse().ok();
    held.iter().filter_map(number).max()
}
