//! One tab at a time: a Web Lock, or a lease in localStorage if the browser has no Web Locks.

use std::future::Future;
use std::time::Duration;

use js_sys::futures::JsFuture;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::{set_timeout, window};
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};

use crate::handover;
use crate::storage::{WebStorage, key_of};
use crate::time::{promise, sleep};

/// The name of the lock, and the key of the lease.
pub const REFRESH_LOCK: &str = "portcullis_refresh";
/// How long a lease is valid, in milliseconds: longer than the work under it may take.
const LEASE_LIFETIME: u64 = 25_000;
/// How long to wait for the lock. Its holder waits for the provider and the server no longer than this.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(25);
/// How long to wait before checking which tab holds the lease, if two write one at the same time. Browsers do not say
/// when a tab sees what another writes, and a busy machine takes longer.
const LEASE_SETTLE_TIME: Duration = Duration::from_millis(500);
/// How often to look at a lease of another tab.
const LEASE_POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Runs `work` while no other tab of this site runs its own, and after this tab sees what the others have written.
/// Returns `None` if the lock is not free before the timeout.
pub async fn with_lock<T>(work: impl Future<Output = T>) -> Option<T> {
    match acquire(REFRESH_LOCK, &Object::new(), LOCK_TIMEOUT).await {
        WebLock::Held { release } => {
            let last_write = handover::catch_up().await;
            let output = work.await;
            handover::announce(last_write.saturating_add(1)).await;
            let _ = release.call0(&JsValue::UNDEFINED);
            Some(output)
        }
        WebLock::Busy => None,
        WebLock::Unsupported => {
            let lease = take_lease().await;
            let output = work.await;
            // Another tab may have taken over a lease that lasted too long.
            if WebStorage::Local.text(REFRESH_LOCK).as_deref() == Some(&*lease) {
                WebStorage::Local.delete(REFRESH_LOCK);
            }
            Some(output)
        }
    }
}

/// The result of requesting a Web Lock.
pub enum WebLock {
    /// This tab holds it until it calls this function.
    Held { release: Function },
    /// Another tab held it until the timeout.
    Busy,
    /// The browser has no Web Locks.
    Unsupported,
}

/// Requests the Web Lock `name`, with our prefix and the `options` of the Web Locks API, and waits for it until
/// `timeout`.
pub async fn acquire(name: &str, options: &Object, timeout: Duration) -> WebLock {
    let ((granted, grant), (released, release)) = (promise(), promise());
    let on_grant = move |lock: JsValue| {
        // With `ifAvailable`, null says that another tab holds the lock.
        let is_held = !lock.is_null();
        let _ = grant.call1(&JsValue::UNDEFINED, &is_held.into());
        if is_held { released.into() } else { JsValue::UNDEFINED }
    };
    let Some(requested) = request(&key_of(name), options, on_grant) else { return WebLock::Unsupported };
    let (timed_out, time_out) = promise();
    set_timeout(move || _ = time_out.call0(&JsValue::UNDEFINED), timeout);
    // The request itself fails in a document without an origin.
    match JsFuture::from(Promise::race(&Array::of3(&granted, &requested, &timed_out))).await {
        Ok(held) if held.is_truthy() => WebLock::Held { release },
        Ok(_) => {
            // If the lock is granted after the timeout, it is released at once.
            let _ = release.call0(&JsValue::UNDEFINED);
            WebLock::Busy
        }
        Err(_) => WebLock::Unsupported,
    }
}

fn request(name: &str, options: &Object, on_grant: impl FnOnce(JsValue) -> JsValue + 'static) -> Option<Promise> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let on_grant = Closure::once_into_js(on_grant);
    Some(request.call3(&locks, &name.into(), options, &on_grant).ok()?.unchecked_into())
}

/// Waits for the lease and returns it: when it ends, and a number that distinguishes it from others.
async fn take_lease() -> String {
    loop {
        let now = js_sys::Date::now() as u64;
        let until = WebStorage::Local.text(REFRESH_LOCK).and_then(|lease| lease.split(' ').next()?.parse::<u64>().ok());
        if until.is_none_or(|until| until < now || until > now + LEASE_LIFETIME) {
            let lease = format!("{} {}", now + LEASE_LIFETIME, (js_sys::Math::random() * 1e15) as u64);
            let result = WebStorage::Local.set_js(REFRESH_LOCK, lease.as_str());
            sleep(LEASE_SETTLE_TIME).await;
            if result.is_err() || WebStorage::Local.text(REFRESH_LOCK).as_deref() == Some(&*lease) {
                return lease;
            }
        } else {
            sleep(LEASE_POLL_INTERVAL).await;
        }
    }
}
