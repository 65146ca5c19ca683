//! What a person has typed and not sent.
//!
//! A form that has a [`FormDraft`] keeps its input as the person types, and gives it back whenever the same person opens
//! the form again (`form`, `kept`). Of any other form the fields are kept in sessionStorage when the tab leaves for the
//! provider, and filled in when the same person is back on the same page: it needs nothing but names on its fields. A
//! form with `data-draft` and a search form are left out.

mod form;
mod kept;
mod open;

use std::cell::Cell;
use std::time::Duration;

use crate::SplitLoaderError;
use js_sys::{Array, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{Element, Event, EventInit};
use serde::{Deserialize, Serialize};

use crate::later;
use crate::storage::Kept;
use crate::token_store;

pub use form::{FormDraft, Slot};

/// The sessionStorage key.
const DRAFT: &str = "portcullis_draft";
/// The fields that are kept.
const FIELDS: &str = r#"main form:not([data-draft], [role="search"]) :is(input, textarea, select)[name]"#;
/// How often to look whether a form is there by now, in milliseconds, and how many times.
const AGAIN: u64 = 100;
const TIMES: u32 = 300;

#[derive(Serialize, Deserialize)]
struct Draft {
    /// Who typed it.
    person: String,
    path: String,
    fields: Vec<Field>,
}

/// A field: its name, its place among those of the same name, and what is in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Field {
    name: String,
    place: usize,
    value: String,
    checked: bool,
}

fn text(element: &Element, property: &str) -> String {
    Reflect::get(element, &property.into()).ok().and_then(|value| value.as_string()).unwrap_or_default()
}

/// The fields of the page, each with its name and its place among those of the same name.
fn fields() -> Vec<(Element, String, usize)> {
    let mut found: Vec<(Element, String, usize)> = Vec::new();
    let Ok(all) = document().query_selector_all(FIELDS) else { return found };
    for element in (0..all.length()).filter_map(|index| all.get(index)) {
        let element: Element = element.unchecked_into();
        if matches!(text(&element, "type").as_str(), "password" | "file" | "hidden" | "submit" | "button") {
            continue;
        }
        let name = text(&element, "name");
        let place = found.iter().filter(|(_, other, _)| *other == name).count();
        found.push((element, name, place));
    }
    found
}

fn path() -> String {
    location().pathname().unwrap_or_default()
}

/// Keeps what `person` has typed into this page.
pub async fn keep(person: Option<String>) {
    if let Some(person) = person {
        let _ = keep_fields(person).await;
    }
}

later! { pages:
    /// Its code comes with that of the pages, which have the forms.
    fn keep_fields(person: String) -> Result<(), SplitLoaderError> {
        let fields: Vec<Field> = fields()
            .into_iter()
            .map(|(element, name, place)| Field {
                name,
                place,
                value: text(&element, "value"),
                checked: Reflect::get(&element, &"checked".into()).is_ok_and(|checked| checked.is_truthy()),
            })
            .collect();
        // The person leaves to come back: there is nothing to warn of where a sign-in keeps what this tab keeps.
        kept::allow_leaving();
        // From a page without a form, as the callback page of a sign-in that failed, what was kept before is still wanted.
        if !fields.is_empty() {
            let _ = Kept::InThisTab.set(DRAFT, &Draft { person, path: path(), fields });
        }
        Ok(())
    }
}

/// Forgets everything that `person` has typed, and what this tab alone keeps: the person signs out. By the browser's own
/// JSON, since serde's is not in the first download.
pub fn forget_of(person: Option<&str>) {
    let drafts = Kept::Everywhere.parsed(kept::DRAFTS).and_then(|drafts| drafts.dyn_into::<Array>().ok());
    let is_others = |draft: &JsValue| {
        let of = Reflect::get(draft, &"person".into()).ok().and_then(|of| of.as_string());
        of.as_deref() != person
    };
    let others: Array = drafts.iter().flat_map(Array::iter).filter(is_others).collect();
    match others.length() {
        0 => Kept::Everywhere.delete(kept::DRAFTS),
        _ => _ = Kept::Everywhere.put(kept::DRAFTS, others),
    }
    forget_in_tab();
}

/// Forgets what this tab alone keeps.
pub fn forget_in_tab() {
    for key in [DRAFT, kept::DRAFTS] {
        Kept::InThisTab.delete(key);
    }
    kept::clear_memory();
}

thread_local! {
    static LOOKED: Cell<bool> = const { Cell::new(false) };
}

/// Fills in what was kept, once in the life of a page, as soon as its form is there.
pub fn restore() {
    if !LOOKED.replace(true) && Kept::InThisTab.holds(DRAFT) {
        spawn_local(async { _ = fill_in().await });
    }
}

later! { sign_in:
    /// Its code comes with that of signing in, from where most who have left something behind come back.
    fn fill_in() -> Result<(), SplitLoaderError> {
        if let Some(draft) = Kept::InThisTab.get(DRAFT) {
            again(draft, TIMES);
        }
        Ok(())
    }
}

fn again(mut draft: Draft, times: u32) {
    if path() == draft.path {
        if token_store::tokens().map(|tokens| tokens.whose()).as_ref() != Some(&draft.person) {
            return Kept::InThisTab.delete(DRAFT);
        }
        let there = fields();
        draft.fields.retain(|kept| {
            let place = there.iter().find(|(_, name, place)| *name == kept.name && *place == kept.place);
            if let Some((element, ..)) = place {
                fill(element, kept);
            }
            place.is_none()
        });
    }
    if draft.fields.is_empty() || times == 0 {
        return Kept::InThisTab.delete(DRAFT);
    }
    set_timeout(move || again(draft, times - 1), Duration::from_millis(AGAIN));
}

/// Puts `kept` into `element`, and says so to whoever listens for input.
fn fill(element: &Element, kept: &Field) {
    let is_box = matches!(text(element, "type").as_str(), "checkbox" | "radio");
    let (property, value) = match is_box {
        true => ("checked", JsValue::from_bool(kept.checked)),
        false => ("value", JsValue::from_str(&kept.value)),
    };
    let _ = Reflect::set(element, &property.into(), &value);
    let bubbling = EventInit::new();
    bubbling.set_bubbles(true);
    for name in ["input", "change"] {
        if let Ok(event) = Event::new_with_event_init_dict(name, &bubbling) {
            let _ = element.dispatch_event(&event);
        }
    }
}
