//! The fields of forms without a draft of their own, while the tab is at the provider.

use std::cell::Cell;
use std::time::Duration;

use js_sys::Reflect;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{Element, Event, EventInit};
use serde::{Deserialize, Serialize};

use super::store;
use crate::later::SplitLoaderError;
use crate::storage::WebStorage;
use crate::{later, token_store};

/// The sessionStorage key.
pub const SNAPSHOT_KEY: &str = "portcullis_draft";
/// Selects the fields that are stored.
const FIELDS: &str = r#"main form:not([data-draft], [role="search"]) :is(input, textarea, select)[name]"#;
/// How often to look for the form, in milliseconds, and how many times.
const POLL_INTERVAL: u64 = 100;
const MAX_POLLS: u32 = 300;

#[derive(Serialize, Deserialize)]
struct Snapshot {
    /// Who typed it.
    person: String,
    path: String,
    fields: Vec<Field>,
}

/// A field: its name, its index among those of the same name, and its content.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Field {
    name: String,
    #[serde(rename = "place")]
    index: usize,
    value: String,
    checked: bool,
}

fn text(element: &Element, property: &str) -> String {
    Reflect::get(element, &property.into()).ok().and_then(|value| value.as_string()).unwrap_or_default()
}

/// Returns the fields of the page, each with its name and its index among those of the same name.
fn fields() -> Vec<(Element, String, usize)> {
    let mut found: Vec<(Element, String, usize)> = Vec::new();
    let Ok(all) = document().query_selector_all(FIELDS) else { return found };
    for element in (0..all.length()).filter_map(|index| all.get(index)) {
        let element: Element = element.unchecked_into();
        if matches!(text(&element, "type").as_str(), "password" | "file" | "hidden" | "submit" | "button") {
            continue;
        }
        let name = text(&element, "name");
        let index = found.iter().filter(|(_, other, _)| *other == name).count();
        found.push((element, name, index));
    }
    found
}

fn path() -> String {
    location().pathname().unwrap_or_default()
}

/// Stores what `person` has typed into this page.
pub async fn save_fields(person: Option<String>) {
    if let Some(person) = person {
        let _ = save(person).await;
    }
}

later! { pages:
    /// Stores the fields. The code is downloaded with that of the pages, which have the forms.
    fn save(person: String) -> Result<(), SplitLoaderError> {
        let fields: Vec<Field> = fields()
            .into_iter()
            .map(|(element, name, index)| Field {
                name,
                index,
                value: text(&element, "value"),
                checked: Reflect::get(&element, &"checked".into()).is_ok_and(|checked| checked.is_truthy()),
            })
            .collect();
        // The person will return, and this tab keeps the drafts, so there is nothing to warn about.
        store::allow_leaving();
        // A page without a form, such as the callback page after a failed sign-in, must not replace an earlier
        // snapshot.
        if !fields.is_empty() {
            let _ = WebStorage::Session.set(SNAPSHOT_KEY, &Snapshot { person, path: path(), fields });
        }
        Ok(())
    }
}

thread_local! {
    static HAS_RESTORED: Cell<bool> = const { Cell::new(false) };
}

/// Fills in what was stored, once for each load of a page, as soon as its form is there.
pub fn restore_fields() {
    if !HAS_RESTORED.replace(true) && WebStorage::Session.contains(SNAPSHOT_KEY) {
        spawn_local(async { _ = restore().await });
    }
}

later! { sign_in:
    /// Fills in the snapshot. The code is downloaded with that of the sign-in, after which most people return to a
    /// form.
    fn restore() -> Result<(), SplitLoaderError> {
        if let Some(snapshot) = WebStorage::Session.get(SNAPSHOT_KEY) {
            fill_in(snapshot, MAX_POLLS);
        }
        Ok(())
    }
}

/// Fills in the fields that are on the page, and looks for the others again, `polls` times.
fn fill_in(mut snapshot: Snapshot, polls: u32) {
    if path() == snapshot.path {
        if token_store::tokens().map(|tokens| tokens.person_key()).as_ref() != Some(&snapshot.person) {
            return WebStorage::Session.delete(SNAPSHOT_KEY);
        }
        let present = fields();
        snapshot.fields.retain(|stored| {
            let found = present.iter().find(|(_, name, index)| *name == stored.name && *index == stored.index);
            if let Some((element, ..)) = found {
                fill(element, stored);
            }
            found.is_none()
        });
    }
    if snapshot.fields.is_empty() || polls == 0 {
        return WebStorage::Session.delete(SNAPSHOT_KEY);
    }
    set_timeout(move || fill_in(snapshot, polls - 1), Duration::from_millis(POLL_INTERVAL));
}

/// Puts `stored` into `element`, and dispatches the events of an input.
fn fill(element: &Element, stored: &Field) {
    let has_checked = matches!(text(element, "type").as_str(), "checkbox" | "radio");
    let (property, value) = match has_checked {
        true => ("checked", JsValue::from_bool(stored.checked)),
        false => ("value", JsValue::from_str(&stored.value)),
    };
    let _ = Reflect::set(element, &property.into(), &value);
    let options = EventInit::new();
    options.set_bubbles(true);
    for name in ["input", "change"] {
        if let Ok(event) = Event::new_with_event_init_dict(name, &options) {
            let _ = element.dispatch_event(&event);
        }
    }
}
