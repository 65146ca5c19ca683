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
    let (elapsed, resolve) = promise();
    set_timeout(move || _ = resolve.call0(&JsValue::UNDEFINED), duration);
    let _ = JsFuture::from(elapsed).await;
}

/// Runs `work` to its end, but waits for it no longer than `duration`. Returns `None` if the work takes longer.
pub async fn timeout<T: 'static>(duration: Duration, work: impl Future<Output = T> + 'static) -> Option<T> {
    let (done, resolve) = promise();
    let output = Rc::new(Cell::new(None));
    let (work_output, on_work_done) = (output.clone(), resolve.clone());
    spawn_local(async move {
        work_output.set(Some(work.await));
        let _ = on_work_done.call0(&JsValue::UNDEFINED);
    });
    set_timeout(move || _ = resolve.call0(&JsValue::UNDEFINED), duration);
    let _ = JsFuture::from(done).await;
    output.take()
}
