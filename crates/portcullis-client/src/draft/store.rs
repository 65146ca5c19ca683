//! Where drafts of forms are stored: in localStorage, limited in number and age. If the browser stores nothing there,
//! they are in this tab, with a prompt before it is closed.

use std::cell::RefCell;

use js_sys::Reflect;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;
use serde::{Deserialize, Serialize};

use crate::storage::WebStorage;

/// The key in localStorage, and in sessionStorage if localStorage is full.
pub const DRAFTS_KEY: &str = "portcullis_drafts";
/// How many drafts of one person are stored. The oldest are removed.
const MAX_DRAFTS: usize = 20;
/// How long a draft is stored, in milliseconds.
const MAX_AGE: f64 = 7.0 * 24.0 * 60.0 * 60.0 * 1000.0;

/// The draft of a form.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Draft {
    /// Who typed it. Without a known person, the draft stays in memory.
    pub person: Option<String>,
    /// The form: the path of its page and its name.
    pub form: String,
    /// Distinguishes the draft from others of the same form.
    pub id: String,
    /// When it was stored, in milliseconds since 1970.
    pub saved_at: f64,
    /// The input, in a format of the form.
    pub content: String,
}

impl Draft {
    fn is_of(&self, person: Option<&str>, form: &str) -> bool {
        self.person.as_deref() == person && self.form == form
    }
}

thread_local! {
    /// Drafts that could not be stored in localStorage.
    static IN_MEMORY: RefCell<Vec<Draft>> = const { RefCell::new(Vec::new()) };
    /// The listener that makes the browser ask before the tab is closed.
    static PROMPT: RefCell<Option<WindowListenerHandle>> = const { RefCell::new(None) };
}

/// Returns those of `drafts` that are within the limits of age and number at the time `now`, the oldest first.
fn within_limits(mut drafts: Vec<Draft>, now: f64) -> Vec<Draft> {
    drafts.retain(|draft| now - draft.saved_at < MAX_AGE);
    drafts.sort_by(|one, other| one.saved_at.total_cmp(&other.saved_at));
    // The limit counts for each person: nobody removes the drafts of others.
    let is_newest = |draft: &Draft| {
        let newer = drafts.iter().filter(|other| other.person == draft.person && other.saved_at > draft.saved_at);
        newer.count() < MAX_DRAFTS
    };
    drafts.iter().filter(|draft| is_newest(draft)).cloned().collect()
}

fn load(storage: WebStorage) -> Vec<Draft> {
    within_limits(storage.get(DRAFTS_KEY).unwrap_or_default(), js_sys::Date::now())
}

/// Stores `drafts` in place of all others. Returns whether that succeeded.
fn save(storage: WebStorage, drafts: &[Draft]) -> bool {
    if drafts.is_empty() {
        storage.delete(DRAFTS_KEY);
        return true;
    }
    storage.set(DRAFTS_KEY, drafts).is_ok()
}

/// Returns the drafts of `person` and `form`, the newest first and each once.
pub fn all(person: Option<&str>, form: &str) -> Vec<Draft> {
    let stored = load(WebStorage::Local).into_iter().chain(load(WebStorage::Session));
    let all = stored.chain(IN_MEMORY.with_borrow(Clone::clone));
    let mut found: Vec<Draft> = all.filter(|draft| draft.is_of(person, form)).collect();
    found.sort_by(|one, other| other.saved_at.total_cmp(&one.saved_at));
    let mut seen = Vec::new();
    found.retain(|draft| {
        let is_new = !seen.contains(&draft.id);
        seen.push(draft.id.clone());
        is_new
    });
    found
}

/// Stores `draft` in place of its earlier content.
pub fn put(draft: Draft) {
    let is_other = |other: &Draft| other.id != draft.id;
    let mut drafts = load(WebStorage::Local);
    drafts.retain(is_other);
    drafts.push(draft.clone());
    let is_stored = draft.person.is_some() && save(WebStorage::Local, &within_limits(drafts, js_sys::Date::now()));
    retain_in_tab(is_other, (!is_stored).then_some(draft.clone()));
}

/// Removes the draft `id` if it still has this `content`.
pub fn remove(id: &str, content: &str) {
    let is_other = |draft: &Draft| draft.id != id || draft.content != content;
    let before = load(WebStorage::Local);
    let mut drafts = before.clone();
    drafts.retain(is_other);
    if drafts != before {
        save(WebStorage::Local, &drafts);
    }
    retain_in_tab(is_other, None);
}

/// Changes the drafts of this tab: in memory, and in sessionStorage for a reload or a sign-in.
fn retain_in_tab(should_stay: impl Fn(&Draft) -> bool, added: Option<Draft>) {
    let before = load(WebStorage::Session);
    let in_memory = IN_MEMORY.with_borrow_mut(|drafts| {
        drafts.retain(&should_stay);
        drafts.extend(added.clone());
        !drafts.is_empty()
    });
    let mut drafts = before.clone();
    drafts.retain(&should_stay);
    drafts.extend(added.filter(|draft| draft.person.is_some()));
    if drafts != before {
        save(WebStorage::Session, &drafts);
    }
    set_prompt(in_memory);
}

/// Sets whether the browser asks before the tab is closed.
fn set_prompt(is_needed: bool) {
    let is_set = PROMPT.with_borrow(Option::is_some);
    if is_needed && !is_set {
        let listener = window_event_listener_untyped("beforeunload", |event| {
            event.prevent_default();
            // Some browsers need it in addition to `prevent_default`.
            let _ = Reflect::set(&event, &"returnValue".into(), &JsValue::TRUE);
        });
        PROMPT.replace(Some(listener));
    } else if !is_needed && let Some(listener) = PROMPT.take() {
        listener.remove();
    }
}

/// Removes the prompt before the tab leaves for a sign-in, if sessionStorage has every draft that localStorage does not
/// have.
pub fn allow_leaving() {
    let stored = load(WebStorage::Session);
    if IN_MEMORY.with_borrow(|drafts| drafts.iter().all(|draft| stored.contains(draft))) {
        set_prompt(false);
    }
}

/// Removes the drafts in memory.
pub fn clear_memory() {
    IN_MEMORY.take();
    set_prompt(false);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(form: usize, saved_at: f64) -> Draft {
        let (form, id) = (form.to_string(), String::new());
        Draft { person: Some("i s".into()), form, id, saved_at, content: "🦊".into() }
    }

    #[test]
    fn drafts_that_are_too_old_are_dropped() {
        let remaining = within_limits(vec![draft(1, 0.0), draft(2, 1.0)], MAX_AGE);
        assert_eq!(remaining, [draft(2, 1.0)]);
    }

    #[test]
    fn drafts_beyond_the_limit_drop_the_oldest() {
        let all: Vec<_> = (0..25_u8).rev().map(|at| draft(at.into(), at.into())).collect();
        let remaining = within_limits(all, 100.0);
        assert_eq!((remaining.len(), remaining[0].saved_at), (MAX_DRAFTS, 5.0));
    }

    #[test]
    fn drafts_of_each_person_have_their_own_limit() {
        let others =
            (0..20_u8).map(|at| Draft { person: Some("i t".into()), ..draft(at.into(), f64::from(at) + 50.0) });
        let all: Vec<_> = others.chain([draft(1, 0.0)]).collect();
        assert_eq!(within_limits(all, 100.0).len(), 21);
    }

    #[test]
    fn draft_is_of_one_person_and_form() {
        let draft = draft(1, 0.0);
        assert!(draft.is_of(Some("i s"), "1"));
        for (person, form) in [(Some("i t"), "1"), (None, "1"), (Some("i s"), "2")] {
            assert!(!draft.is_of(person, form), "{person:?} {form}");
        }
    }
}
