//! Which drafts are open in a form of some tab: each such form holds a Web Lock, which goes with its tab.

use std::cell::RefCell;
use std::time::Duration;

use js_sys::futures::JsFuture;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::wasm_bindgen::JsValue;

use super::super::lock::{pause, promise, request_lock};

/// How often to ask for a lock, and how long to wait in between: a page that is loaded again may come before its own
/// lock of before is gone.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);

thread_local! {
    /// The drafts that are open in this page, each with what releases its lock.
    static HELD: RefCell<Vec<(String, Function)>> = const { RefCell::new(Vec::new()) };
}

/// Whether a form of this page has the draft `id` open.
pub fn is_held(id: &str) -> bool {
    HELD.with_borrow(|held| held.iter().any(|(other, _)| other == id))
}

/// Opens the draft `id` here, unless another tab has it open. A browser without such locks opens it in any case.
pub async fn open(id: &str) -> bool {
    if is_held(id) {
        return true;
    }
    for attempt in 0..ATTEMPTS {
        let (released, release) = promise();
        if request(id, released).await {
            HELD.with_borrow_mut(|held| held.push((id.to_owned(), release)));
            return true;
        }
        if attempt + 1 < ATTEMPTS {
            pause(PAUSE).await;
        }
    }
    false
}

/// Lets other tabs open the draft `id`.
pub fn close(id: &str) {
    HELD.with_borrow_mut(|held| {
        held.retain(|(other, release)| {
            let is_other = other != id;
            if !is_other {
                let _ = release.call0(&JsValue::UNDEFINED);
            }
            is_other
        });
    });
}

/// Asks for the lock of `id`, which is held until `released`. Whether it is held, as far as the browser can say.
async fn request(id: &str, released: Promise) -> bool {
    let (answered, answer) = promise();
    let Some(asked) = ask(id, answer, released) else { return true };
    JsFuture::from(Promise::race(&Array::of2(&answered, &asked))).await.map_or(true, |held| held.is_truthy())
}

fn ask(id: &str, answer: Function, released: Promise) -> Option<Promise> {
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE).ok()?;
    request_lock(&format!("portcullis.draft.{id}"), &options, move |lock| {
        let is_held = !lock.is_null();
        let _ = answer.call1(&JsValue::UNDEFINED, &is_held.into());
        if is_held { released.into() } else { JsValue::UNDEFINED }
    })
}
