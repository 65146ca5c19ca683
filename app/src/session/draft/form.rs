//! The draft of one form, as its page sees it.

use std::time::Duration;

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::StorageEvent;

use super::super::{Session, Tokens};
use super::kept::{self, Draft};

/// How long after another tab has changed the storage this one looks what is left of its own draft: until then a
/// sign-out, which clears the drafts too, has been heard of.
const AFTER_OTHERS: Duration = Duration::from_millis(500);

/// The draft of a form: kept as the person types, for the same person and form, until it is saved or discarded.
#[derive(Clone, Copy)]
pub struct FormDraft {
    session: Session,
    slot: StoredValue<Slot>,
    /// Whether what was typed here was kept since it was last restored or removed.
    was_typed: StoredValue<bool>,
    is_restored: RwSignal<bool>,
}

/// A draft outside of its page: a task that saves the form may outlive it.
#[derive(Clone)]
pub struct Slot {
    person: Option<String>,
    form: String,
    /// The state that this form has written or restored last, and what is in it.
    last: Option<(String, String)>,
}

impl FormDraft {
    /// The draft of the form `name` on the page `path`, of the person who is signed in now.
    #[must_use]
    pub fn new(session: Session, path: &str, name: &str) -> Self {
        let person = untrack(|| session.tokens().as_ref().map(Tokens::whose));
        let slot = Slot { person, form: format!("{path} {name}"), last: None };
        Self {
            session,
            slot: StoredValue::new(slot),
            was_typed: StoredValue::new(false),
            is_restored: RwSignal::new(false),
        }
    }

    /// What was typed and not saved, if anything.
    #[must_use]
    pub fn find(self) -> Option<String> {
        self.slot.with_value(Slot::find).map(|draft| draft.content)
    }

    /// The same, to be put into the form: from now on the draft is this form's.
    #[must_use]
    pub fn restore(self) -> Option<String> {
        let Draft { stamp, content, .. } = self.slot.with_value(Slot::find)?;
        self.slot.update_value(|slot| slot.last = Some((stamp, content.clone())));
        self.was_typed.set_value(false);
        self.is_restored.set(true);
        Some(content)
    }

    /// Keeps what is in the form now; none if it is what the form began with.
    pub fn keep(self, content: Option<String>) {
        match content {
            None => self.remove(),
            Some(content) => {
                let is_new = self.slot.with_value(|slot| slot.last.as_ref().is_none_or(|last| last.1 != content));
                if is_new {
                    self.slot.update_value(|slot| slot.put(content));
                    self.was_typed.set_value(true);
                }
            }
        }
    }

    /// Removes the draft: what was typed is saved, or not wanted. What another tab has typed since stays.
    pub fn remove(self) {
        self.slot.update_value(Slot::remove);
        self.was_typed.set_value(false);
        self.is_restored.set(false);
    }

    /// Whether the form shows what was typed before; tracks changes.
    #[must_use]
    pub fn is_restored(self) -> bool {
        self.is_restored.get()
    }

    /// The draft as it is now, for a task that may outlive the page.
    #[must_use]
    pub fn slot(self) -> Slot {
        self.slot.get_value()
    }

    /// Keeps what was typed here when another tab, which has the same form open, has kept its own in the same place and
    /// removes it. To be called once by a component; `is_open` says whether the form is there.
    pub fn outlive_other_tabs(self, is_open: impl Fn() -> bool + Copy + 'static) {
        let again = move || {
            let is_mine = is_open() && self.was_typed.get_value() && self.session.has_tokens();
            if is_mine && self.slot.with_value(Slot::find).is_none() {
                self.slot.update_value(Slot::put_again);
            }
        };
        let listener = window_event_listener_untyped("storage", move |event| {
            if !is_open() {
                return;
            }
            let event: StorageEvent = event.unchecked_into();
            // What was removed as it was typed here is saved or discarded.
            let was_other =
                event.old_value().is_some_and(|before| self.slot.with_value(|slot| slot.is_other_in(&before)));
            if was_other {
                set_timeout(again, AFTER_OTHERS);
            }
        });
        on_cleanup(move || listener.remove());
    }
}

impl Slot {
    fn find(&self) -> Option<Draft> {
        kept::find(self.person.as_deref(), &self.form)
    }

    /// Whether there is a draft.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.find().is_some()
    }

    /// Whether the drafts `before` have one in this place that was typed elsewhere.
    fn is_other_in(&self, before: &str) -> bool {
        let stamp = self.last.as_ref().map(|(stamp, _)| stamp);
        kept::find_in(before, self.person.as_deref(), &self.form).is_some_and(|draft| Some(&draft.stamp) != stamp)
    }

    fn put_again(&mut self) {
        if let Some((_, content)) = self.last.take() {
            self.put(content);
        }
    }

    fn put(&mut self, content: String) {
        let stamp = js_sys::Math::random().to_string();
        self.last = Some((stamp.clone(), content.clone()));
        let (person, form) = (self.person.clone(), self.form.clone());
        kept::put(Draft { person, form, stamp, saved_at: js_sys::Date::now(), content });
    }

    /// Removes the draft, unless something was typed since.
    pub fn remove(&mut self) {
        if let Some((stamp, _)) = self.last.take() {
            kept::remove(self.person.as_deref(), &self.form, &stamp);
        }
    }
}
