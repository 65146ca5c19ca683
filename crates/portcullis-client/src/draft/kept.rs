//! Where drafts of forms are: in localStorage, few and not for long; where the browser keeps nothing there, in this tab,
//! with a prompt before the tab is closed.

use std::cell::RefCell;

use js_sys::Reflect;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;
use serde::{Deserialize, Serialize};

use crate::storage::Kept;

/// The key in localStorage, and in the sessionStorage of a tab that has no room there.
pub const DRAFTS: &str = "portcullis_drafts";
/// How many drafts of one person are kept: beyond that the oldest go.
const MAX_DRAFTS: usize = 20;
/// How long a draft is kept, in milliseconds.
const MAX_AGE: f64 = 7.0 * 24.0 * 60.0 * 60.0 * 1000.0;

/// What was typed into a form.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Draft {
    /// Who typed it; none where that is not known. Such a draft stays in memory.
    pub person: Option<String>,
    /// The form: the path of its page and its name.
    pub form: String,
    /// Tells the draft from others of the same form.
    pub id: String,
    /// When it was kept, in milliseconds since 1970.
    pub saved_at: f64,
    /// What the form makes of it.
    pub content: String,
}

impl Draft {
    fn is_of(&self, person: Option<&str>, form: &str) -> bool {
        self.person.as_deref() == person && self.form == form
    }
}

thread_local! {
    /// Drafts that could not be kept in localStorage.
    static IN_MEMORY: RefCell<Vec<Draft>> = const { RefCell::new(Vec::new()) };
    /// Asks before the tab is closed, while there are such drafts.
    static PROMPT: RefCell<Option<WindowListenerHandle>> = const { RefCell::new(None) };
}

/// Those of `drafts` that are kept at the time `now`, the oldest first.
fn bounded(mut drafts: Vec<Draft>, now: f64) -> Vec<Draft> {
    drafts.retain(|draft| now - draft.saved_at < MAX_AGE);
    drafts.sort_by(|one, other| one.saved_at.total_cmp(&other.saved_at));
    // Nobody's drafts make room for those of somebody else.
    let is_newest = |draft: &Draft| {
        let newer = drafts.iter().filter(|other| other.person == draft.person && other.saved_at > draft.saved_at);
        newer.count() < MAX_DRAFTS
    };
    drafts.iter().filter(|draft| is_newest(draft)).cloned().collect()
}

fn load(kept: Kept) -> Vec<Draft> {
    bounded(kept.get(DRAFTS).unwrap_or_default(), js_sys::Date::now())
}

/// Keeps `drafts` and nothing else. Whether the browser does.
fn save(kept: Kept, drafts: &[Draft]) -> bool {
    if drafts.is_empty() {
        kept.delete(DRAFTS);
        return true;
    }
    kept.set(DRAFTS, drafts).is_ok()
}

/// The drafts that `person` left in `form`, the newest first and each once.
pub fn all(person: Option<&str>, form: &str) -> Vec<Draft> {
    let everywhere = load(Kept::Everywhere).into_iter().chain(load(Kept::InThisTab));
    let all = everywhere.chain(IN_MEMORY.with_borrow(Clone::clone));
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

/// Keeps `draft` in place of what it was before.
pub fn put(draft: Draft) {
    let is_other = |other: &Draft| other.id != draft.id;
    let mut drafts = load(Kept::Everywhere);
    drafts.retain(is_other);
    drafts.push(draft.clone());
    let is_kept = draft.person.is_some() && save(Kept::Everywhere, &bounded(drafts, js_sys::Date::now()));
    retain_in_tab(is_other, (!is_kept).then_some(draft.clone()));
}

/// Removes the draft `id`, as long as it holds `content`.
pub fn remove(id: &str, content: &str) {
    let is_other = |draft: &Draft| draft.id != id || draft.content != content;
    let before = load(Kept::Everywhere);
    let mut drafts = before.clone();
    drafts.retain(is_other);
    if drafts != before {
        save(Kept::Everywhere, &drafts);
    }
    retain_in_tab(is_other, None);
}

/// Changes what this tab alone keeps: in memory, and in sessionStorage for a reload or a sign-in.
fn retain_in_tab(is_kept: impl Fn(&Draft) -> bool, added: Option<Draft>) {
    let before = load(Kept::InThisTab);
    let in_memory = IN_MEMORY.with_borrow_mut(|drafts| {
        drafts.retain(&is_kept);
        drafts.extend(added.clone());
        !drafts.is_empty()
    });
    let mut drafts = before.clone();
    drafts.retain(&is_kept);
    drafts.extend(added.filter(|draft| draft.person.is_some()));
    if drafts != before {
        save(Kept::InThisTab, &drafts);
    }
    prompt(in_memory);
}

/// Has the browser ask before the tab is closed, or no longer.
fn prompt(is_needed: bool) {
    let is_armed = PROMPT.with_borrow(Option::is_some);
    if is_needed && !is_armed {
        let armed = window_event_listener_untyped("beforeunload", |event| {
            event.prevent_default();
            // What browsers go by that do not go by the call alone.
            let _ = Reflect::set(&event, &"returnValue".into(), &JsValue::TRUE);
        });
        PROMPT.replace(Some(armed));
    } else if !is_needed && let Some(armed) = PROMPT.take() {
        armed.remove();
    }
}

/// Lets the tab leave for a sign-in without a prompt, if sessionStorage has what localStorage has not.
pub fn allow_leaving() {
    let kept = load(Kept::InThisTab);
    if IN_MEMORY.with_borrow(|drafts| drafts.iter().all(|draft| kept.contains(draft))) {
        prompt(false);
    }
}

/// Forgets what is in memory.
pub fn clear_memory() {
    IN_MEMORY.take();
    prompt(false);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(form: usize, saved_at: f64) -> Draft {
        let (form, id) = (form.to_string(), String::new());
        Draft { person: Some("i s".into()), form, id, saved_at, content: "🦊".into() }
    }

    #[test]
    fn bounded_drops_what_is_too_old() {
        let kept = bounded(vec![draft(1, 0.0), draft(2, 1.0)], MAX_AGE);
        assert_eq!(kept, [draft(2, 1.0)]);
    }

    #[test]
    fn bounded_drops_the_oldest_of_too_many() {
        let all: Vec<_> = (0..25_u8).rev().map(|at| draft(at.into(), at.into())).collect();
        let kept = bounded(all, 100.0);
        assert_eq!((kept.len(), kept[0].saved_at), (MAX_DRAFTS, 5.0));
    }

    #[test]
    fn bounded_counts_each_person() {
        let others =
            (0..20_u8).map(|at| Draft { person: Some("i t".into()), ..draft(at.into(), f64::from(at) + 50.0) });
        let all: Vec<_> = others.chain([draft(1, 0.0)]).collect();
        assert_eq!(bounded(all, 100.0).len(), 21);
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
