//! Which drafts are open in a form of some tab. Each such form holds a Web Lock, which is released with its tab.

use std::cell::RefCell;
use std::time::Duration;

use js_sys::{Function, Object, Reflect};
use leptos::wasm_bindgen::JsValue;

use crate::lock::{WebLock, acquire};

/// How long to wait for a draft that is open elsewhere. After a reload, or in a tab that follows a closed one, the lock
/// of the earlier page may still exist.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

thread_local! {
    /// The drafts that are open in this page, each with the function that releases its lock.
    static HELD: RefCell<Vec<(String, Option<Function>)>> = const { RefCell::new(Vec::new()) };
}

/// Returns whether a form of this page has the draft `id` open.
pub fn is_held(id: &str) -> bool {
    HELD.with_borrow(|held| held.iter().any(|(other, _)| other == id))
}

/// The result of opening a draft.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opening {
    /// It was opened. The caller must close it.
    New,
    /// Another form of this page has it open.
    Already,
    /// Another tab has it open.
    Refused,
}

/// Opens the draft `id` here, unless another tab has it open. If `should_wait`, waits for that tab to close it. A
/// browser without Web Locks always opens it.
pub async fn open(id: &str, should_wait: bool) -> Opening {
    if is_held(id) {
        return Opening::Already;
    }
    let options = Object::new();
    let _ = Reflect::set(&options, &"ifAvailable".into(), &(!should_wait).into());
    let release = match acquire(&format!("portcullis_draft {id}"), &options, LOCK_TIMEOUT).await {
        WebLock::Held { release } => Some(release),
        WebLock::Unsupported => None,
        // Another form of this page may have held the lock.
        WebLock::Busy if is_held(id) => return Opening::Already,
        WebLock::Busy => return Opening::Refused,
    };
    HELD.with_borrow_mut(|held| held.push((id.to_owned(), release)));
    Opening::New
}

/// Lets other tabs open the draft `id`.
pub fn close(id: &str) {
    HELD.with_borrow_mut(|held| {
        held.retain(|(other, release)| {
            let is_other = other != id;
            if let Some(release) = release.as_ref().filter(|_| !is_other) {
                let _ = release.call0(&JsValue::UNDEFINED);
            }
            is_other
        });
    });
}
