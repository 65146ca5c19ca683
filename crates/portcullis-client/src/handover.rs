//! Makes what one tab writes into localStorage under the lock visible to the next holder of the lock.
//!
//! Nothing orders localStorage and Web Locks: a tab may be granted the lock and still read what was there before the last
//! holder wrote. It would then send a refresh token that is already used. So each holder counts up a number in
//! localStorage as its last write, and holds a second lock that is named after the number. The names of held locks are the
//! same for all tabs at any moment. The next holder waits until it reads that number in localStorage.

use std::cell::RefCell;
use std::time::Duration;

use js_sys::futures::JsFuture;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use leptos::wasm_bindgen::{JsCast, JsValue};

use crate::back_off::BACK_OFF;
use crate::clock::steady;
use crate::lock::{LOCK_TIMEOUT, WebLock, acquire};
use crate::record::RECORD;
use crate::storage::{WebStorage, key_of};
use crate::time::sleep;

/// The localStorage key of the number, and the start of the names of the locks.
const WRITES: &str = "portcullis_writes";
/// How long to wait for localStorage, in milliseconds: another app may have deleted the number.
const CATCH_UP_TIMEOUT: f64 = 2_000.0;
/// How often to read the number.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

thread_local! {
    /// Releases the lock that names the last write of this tab.
    static RELEASE: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Waits until this tab sees what the last holder of the lock wrote. Returns the number of the last write.
pub async fn catch_up() -> u64 {
    let last = last_announced().await.unwrap_or_default();
    let started = steady();
    while stored() < last && steady() - started < CATCH_UP_TIMEOUT {
        sleep(POLL_INTERVAL).await;
    }
    stored().max(last)
}

/// Tells the next holder of the lock that this tab has made the write number `write`. Callers must hold the lock.
pub async fn announce(write: u64) {
    let has_session = [RECORD, BACK_OFF].into_iter().any(|key| WebStorage::Local.holds(key));
    if !has_session || WebStorage::Local.put(WRITES, write as f64).is_err() {
        return clear();
    }
    let options = Object::new();
    let _ = Reflect::set(&options, &"mode".into(), &"shared".into());
    if let WebLock::Held { release } = acquire(&format!("{WRITES} {write}"), &options, LOCK_TIMEOUT).await {
        call(RELEASE.replace(Some(release)));
    }
}

/// Removes the number: the session is over.
pub fn clear() {
    WebStorage::Local.delete(WRITES);
    call(RELEASE.take());
}

fn call(release: Option<Function>) {
    if let Some(release) = release {
        let _ = release.call0(&JsValue::UNDEFINED);
    }
}

fn stored() -> u64 {
    WebStorage::Local.number(WRITES).unwrap_or_default()
}

/// Returns the highest number that a tab announces now.
async fn last_announced() -> Option<u64> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let query: Function = Reflect::get(&locks, &"query".into()).ok()?.dyn_into().ok()?;
    let found = JsFuture::from(query.call0(&locks).ok()?.unchecked_into::<Promise>()).await.ok()?;
    let held: Array = Reflect::get(&found, &"held".into()).ok()?.dyn_into().ok()?;
    let start = format!("{} ", key_of(WRITES));
    let number =
        |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string()?.strip_prefix(&start)?.parse().ok();
    held.iter().filter_map(number).max()
}
