//! Makes what one tab writes into localStorage under the lock visible to the next holder of the lock.
//!
//! Nothing orders localStorage and Web Locks: a tab may be granted the lock and still read what was there before the
//! last holder wrote. It would then send a refresh token that is already used. Therefore, each holder increments a
//! number in localStorage as its last write, and holds a second lock whose name contains the number. All tabs see the
//! same held locks at any moment. The next holder waits until it reads that number in localStorage.

use std::cell::RefCell;
use std::time::Duration;

use js_sys::futures::JsFuture;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use leptos::wasm_bindgen::{JsCast, JsValue};

use crate::back_off::BACK_OFF_KEY;
use crate::clock::monotonic;
use crate::lock::{LOCK_TIMEOUT, WebLock, acquire};
use crate::storage::{WebStorage, key_of};
use crate::time::sleep;
use crate::token_manifest::MANIFEST_KEY;

/// The localStorage key of the number, and the start of the names of the locks.
const WRITE_COUNT_KEY: &str = "portcullis_writes";
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
    let start = monotonic();
    while stored() < last && monotonic() - start < CATCH_UP_TIMEOUT {
        sleep(POLL_INTERVAL).await;
    }
    stored().max(last)
}

/// Tells the next holder of the lock that this tab has made the write number `write`. Callers must hold the lock.
pub async fn announce(write: u64) {
    let has_session = [MANIFEST_KEY, BACK_OFF_KEY].into_iter().any(|key| WebStorage::Local.contains(key));
    if !has_session || WebStorage::Local.set_js(WRITE_COUNT_KEY, write as f64).is_err() {
        return clear();
    }
    let options = Object::new();
    let _ = Reflect::set(&options, &"mode".into(), &"shared".into());
    if let WebLock::Held { release } = acquire(&format!("{WRITE_COUNT_KEY} {write}"), &options, LOCK_TIMEOUT).await {
        call_release(RELEASE.replace(Some(release)));
    }
}

/// Removes the number: the session is over.
pub fn clear() {
    WebStorage::Local.delete(WRITE_COUNT_KEY);
    call_release(RELEASE.take());
}

fn call_release(release: Option<Function>) {
    if let Some(release) = release {
        let _ = release.call0(&JsValue::UNDEFINED);
    }
}

fn stored() -> u64 {
    WebStorage::Local.number(WRITE_COUNT_KEY).unwrap_or_default()
}

/// Returns the highest number in the names of the held locks.
async fn last_announced() -> Option<u64> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let query: Function = Reflect::get(&locks, &"query".into()).ok()?.dyn_into().ok()?;
    let snapshot = JsFuture::from(query.call0(&locks).ok()?.unchecked_into::<Promise>()).await.ok()?;
    let held: Array = Reflect::get(&snapshot, &"held".into()).ok()?.dyn_into().ok()?;
    let prefix = format!("{} ", key_of(WRITE_COUNT_KEY));
    let number =
        |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string()?.strip_prefix(&prefix)?.parse().ok();
    held.iter().filter_map(number).max()
}
