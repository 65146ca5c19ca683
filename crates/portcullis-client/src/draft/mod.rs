//! Drafts: what a person has typed and not sent.
//!
//! A form with a [`FormDraft`] stores its input as the person types, and restores it when the same person opens the
//! form again (`form`, `store`). The fields of any other form are stored in sessionStorage when the tab leaves for the
//! provider, and filled in when the same person is back on the same page (`fields`). Such a form needs nothing but
//! names on its fields. Forms with `data-draft` and search forms are left out.

mod fields;
mod form;
mod lock;
mod store;

use js_sys::{Array, Reflect};
use leptos::wasm_bindgen::{JsCast, JsValue};

pub use fields::{restore_fields, save_fields};
pub use form::{DraftSlot, FormDraft};

use crate::storage::WebStorage;

/// Removes everything that `person` has typed, and what is in this tab only. It uses the browser's JSON, since serde's
/// is not in the first download.
pub fn clear_drafts_of(person: Option<&str>) {
    let drafts = WebStorage::Local.get_js(store::DRAFTS_KEY).and_then(|drafts| drafts.dyn_into::<Array>().ok());
    let is_of_another = |draft: &JsValue| {
        let owner = Reflect::get(draft, &"person".into()).ok().and_then(|owner| owner.as_string());
        owner.as_deref() != person
    };
    let others: Array = drafts.iter().flat_map(Array::iter).filter(is_of_another).collect();
    match others.length() {
        0 => WebStorage::Local.delete(store::DRAFTS_KEY),
        _ => _ = WebStorage::Local.set_js(store::DRAFTS_KEY, others),
    }
    clear_tab();
}

/// Removes what is in this tab only.
pub fn clear_tab() {
    for key in [fields::SNAPSHOT_KEY, store::DRAFTS_KEY] {
        WebStorage::Session.delete(key);
    }
    store::clear_memory();
}
