//! One at a time across all tabs: a Web Lock, or where the browser has none, a lease in localStorage.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use js_sys::futures::JsFuture;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::{set_timeout, window};
use leptos::task::spawn_local;
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};

use crate::handover;
use crate::storage::{Kept, key_of};

/// The name of the lock, and the key of the lease.
pub const NAME: &str = "portcullis_refresh";
/// How long a lease is good for, in milliseconds: longer than what is done under it may take.
const LEASE: u64 = 25_000;
/// How long to wait for the lock: whoever holds it waits for the provider, and the clock, no longer than this.
pub const PATIENCE: Duration = Duration::from_secs(25);
/// When two tabs that write a lease at once see which of them wrote last: nothing tells when one tab sees what another
/// writes, and a busy machine takes its time.
const SETTLED: Duration = Duration::from_millis(500);
/// How long to wait before looking at a lease again.
const AGAIN: Duration = Duration::from_millis(100);

/// Runs `work` while no other tab of this site runs its own under the lock, and sees what they have written. None if its turn did not come in time.
pub async fn exclusively<T>(work: impl Future<Output = T>) -> Option<T> {
    match hold(NAME, &Object::new(), PATIENCE).await {
        WebLock::Held { release } => {
            let writes = handover::catch_up().await;
            let done = work.await;
            handover::announce(writes.saturating_add(1)).await;
            let _ = release.call0(&JsValue::UNDEFINED);
            Some(done)
        }
        WebLock::Busy => None,
        WebLock::None => {
            let lease = take_lease().await;
            let done = work.await;
            // Another tab may have taken over a lease that lasted too long.
            if Kept::Everywhere.text(NAME).as_deref() == Some(&*lease) {
                Kept::Everywhere.delete(NAME);
            }
            Some(done)
        }
    }
}

/// A promise, and the function that keeps it.
pub fn promise() -> (Promise, Function) {
    let mut keep = None;
    let promise = Promise::new(&mut |resolve, _| keep = Some(resolve));
    (promise, keep.unwrap_or_default())
}

/// What came of asking for a Web Lock.
pub enum WebLock {
    /// It is held until this function is called.
    Held { release: Function },
    /// Another tab holds it, and went on holding it while it was waited for.
    Busy,
    /// The browser has no such locks.
    None,
}

/// Asks for the Web Lock called `name` with our prefix, by `options` of the Web Locks API, and waits for it no longer than
/// `patience`.
pub async fn hold(name: &str, options: &Object, patience: Duration) -> WebLock {
    let ((answered, answer), (released, release)) = (promise(), promise());
    let on_answer = move |lock: JsValue| {
        // Null is the answer to `ifAvailable` where another tab holds the lock.
        let is_held = !lock.is_null();
        let _ = answer.call1(&JsValue::UNDEFINED, &is_held.into());
        if is_held { released.into() } else { JsValue::UNDEFINED }
    };
    let Some(asked) = request(&key_of(name), options, on_answer) else { return WebLock::None };
    // Refused, as in a document without an origin, answered, or neither: whichever comes first.
    let (late, is_late) = promise();
    set_timeout(move || _ = is_late.call0(&JsValue::UNDEFINED), patience);
    match JsFuture::from(Promise::race(&Array::of3(&answered, &asked, &late))).await {
        Ok(held) if held.is_truthy() => WebLock::Held { release },
        Ok(_) => {
            // Should it be granted after all, it is given back at once.
            let _ = release.call0(&JsValue::UNDEFINED);
            WebLock::Busy
        }
        Err(_) => WebLock::None,
    }
}

fn request(name: &str, options: &Object, on_answer: impl FnOnce(JsValue) -> JsValue + 'static) -> Option<Promise> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let answered = Closure::once_into_js(on_answer);
    Some(request.call3(&locks, &name.into(), options, &answered).ok()?.unchecked_into())
}

/// Waits for the lease and gives it: until when it is good, and a number that tells it from others.
async fn take_lease() -> String {
    loop {
        let now = js_sys::Date::now() as u64;
        let until = Kept::Everywhere.text(NAME).and_then(|lease| lease.split(' ').next()?.parse::<u64>().ok());
        if until.is_none_or(|until| until < now || until > now + LEASE) {
            let lease = format!("{} {}", now + LEASE, (js_sys::Math::random() * 1e15) as u64);
            let kept = Kept::Everywhere.put(NAME, lease.as_str());
            pause(SETTLED).await;
            if kept.is_err() || Kept::Everywhere.text(NAME).as_deref() == Some(&*lease) {
                return lease;
            }
        } else {
            pause(AGAIN).await;
        }
    }
}

/// Runs `work`, and waits for it no longer than `duration`; it goes on all the same.
pub async fn within<T: 'static>(duration: Duration, work: impl Future<Output = T> + 'static) -> Option<T> {
    let (over, end) = promise();
    let done = Rc::new(Cell::new(None));
    let (result, finish) = (done.clone(), end.clone());
    spawn_local(async move {
        result.set(Some(work.await));
        let _ = finish.call0(&JsValue::UNDEFINED);
    });
    set_timeout(move || _ = end.call0(&JsValue::UNDEFINED), duration);
    let _ = JsFuture::from(over).await;
    done.take()
}

/// Waits for `duration`.
pub async fn pause(duration: Duration) {
    let (over, end) = promise();
    set_timeout(move || _ = end.call0(&JsValue::UNDEFINED), duration);
    let _ = JsFuture::from(over).await;
}
