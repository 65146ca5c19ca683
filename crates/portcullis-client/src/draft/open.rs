//! Which drafts are open in a form of some tab: each such form holds a Web Lock, which goes with its tab.

use std::cell::RefCell;
use std::time::Duration;

use js_sys::{Function, Object, Reflect};
use leptos::wasm_bindgen::JsValue;

use crate::lock::{WebLock, hold};

/// How long to wait for a draft that is open elsewhere: a page that is loaded again, or a tab that follows one that was
/// closed, may come before the lock of the page before it is gone.
const PATIENCE: Duration = Duration::from_secs(5);

thread_local! {
    /// The drafts that are open in this page, each with what releases its lock.
    static HELD: RefCell<Vec<(String, Option<Function>)>> = const { RefCell::new(Vec::new()) };
}

/// Whether a form of this page has the draft `id` open.
pub fn is_held(id: &str) -> bool {
    HELD.with_borrow(|held| held.iter().any(|(other, _)| other == id))
}

/// What came of opening a draft.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opening {
    /// It was opened, and the caller closes it.
    New,
    /// Another form of this page has it open.
    Already,
    /// Another tab has it open.
    Refused,
}

/// Opens the draft `id` here, unless another tab has it open: `waits` for that tab to close it. A browser without such
/// locks opens it in any case.
pub async fn open(id: &str, waits: bool) -> Opening {
    if is_held(id) {
        return Opening::Already;
    }
    let options = Object::new();
    let _ = Reflect::set(&options, &"ifAvailable".into(), &(!waits).into());
    let release = match hold(&format!("portcullis_draft {id}"), &options, PATIENCE).await {
        WebLock::Held { release } => Some(release),
        WebLock::None => None,
        // What was waited for may have been another form of this page.
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
