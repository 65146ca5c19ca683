//! Promises and timers of the browser as futures.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use js_sys::futures::JsFuture;
use js_sys::{Function, Promise};
use leptos::prelude::set_timeout;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsValue;

/// Returns a promise, and the function that resolves it.
pub fn promise() -> (Promise, Function) {
    let mut resolve_promise = None;
    let promise = Promise::new(&mut |resolve, _| resolve_promise = Some(resolve));
    (promise, resolve_promise.unwrap_or_default())
}

/// Waits for `duration`.
pub async fn sleep(duration: Duration) {
    let (over, end) = promise();
    set_timeout(move || _ = end.call0(&JsValue::UNDEFINED), duration);
    let _ = JsFuture::from(over).await;
}

/// Runs `work` to its end, but waits for it no longer than `duration`. Returns `None` if that was too short.
pub async fn timeout<T: 'static>(duration: Duration, work: impl Future<Output = T> + 'static) -> Option<T> {
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
