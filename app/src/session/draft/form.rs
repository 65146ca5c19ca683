//! The draft of one form, as its page sees it.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::super::{Session, Tokens};
use super::kept::{self, Draft};
use super::open;

/// How often a form that keeps a draft looks whether it is still on the page.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The draft of a form: kept as the person types, for the same person and form, until it is saved or discarded.
#[derive(Clone, Copy)]
pub struct FormDraft {
    slot: StoredValue<Slot>,
    is_restored: RwSignal<bool>,
}

/// A draft outside of its page: a task that saves the form may outlive it.
#[derive(Clone)]
pub struct Slot {
    person: Option<String>,
    form: String,
    /// Tells this draft from others of the same form: of another tab, or left behind before.
    id: String,
    /// What is kept.
    content: Option<String>,
}

impl FormDraft {
    /// The draft of the form `name` on the page `path`, of the person who is signed in now.
    #[must_use]
    pub fn new(session: Session, path: &str, name: &str) -> Self {
        Self { slot: StoredValue::new(Slot::new(session, path, name)), is_restored: RwSignal::new(false) }
    }

    /// What was typed and not saved, to be put into the form: from now on that draft is this form's. None if there is
    /// nothing, if another tab has it open, or if something was typed here already.
    pub async fn restore(self) -> Option<String> {
        let Draft { id, content, .. } = self.slot.get_value().open().await?;
        let is_untouched = self.slot.with_value(|slot| slot.content.is_none());
        if !is_untouched {
            open::close(&id);
            return None;
        }
        self.slot.update_value(|slot| {
            slot.id = id;
            slot.content = Some(content.clone());
        });
        self.is_restored.set(true);
        Some(content)
    }

    /// Keeps what is in the form now; none if it is what the form began with.
    pub fn keep(self, content: Option<String>) {
        let Some(content) = content else { return self.remove() };
        let before = self.slot.with_value(|slot| slot.content.clone());
        if before.as_ref() == Some(&content) {
            return;
        }
        self.slot.update_value(|slot| slot.put(content));
        if before.is_none() {
            let id = self.slot.with_value(|slot| slot.id.clone());
            spawn_local(async move { _ = open::open(&id).await });
        }
    }

    /// Removes the draft: what was typed is saved, or not wanted.
    pub fn remove(self) {
        self.slot.update_value(Slot::remove);
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

    /// Lets other tabs have the draft once the form is gone, of which `is_there` tells.
    pub fn close_after(self, is_there: impl Fn() -> bool + Copy + 'static) {
        let slot = self.slot;
        let look = move || match (is_there(), slot.try_with_value(|slot| slot.id.clone())) {
            (true, Some(_)) => self.close_after(is_there),
            (_, id) => id.iter().for_each(|id| open::close(id)),
        };
        set_timeout(look, LOOK_EVERY);
    }
}

impl Slot {
    /// Of the form `name` on the page `path`, of the person who is signed in now.
    #[must_use]
    pub fn new(session: Session, path: &str, name: &str) -> Self {
        let person = untrack(|| session.tokens().as_ref().map(Tokens::whose));
        let id = js_sys::Math::random().to_string();
        Self { person, form: format!("{path} {name}"), id, content: None }
    }

    /// The newest draft of this person and form that is not open in another tab; it is open here now.
    async fn open(&self) -> Option<Draft> {
        for draft in kept::all(self.person.as_deref(), &self.form) {
            if open::open(&draft.id).await {
                return Some(draft);
            }
        }
        None
    }

    /// What that draft holds.
    pub async fn find(&self) -> Option<String> {
        let Draft { id, content, .. } = self.open().await?;
        open::close(&id);
        Some(content)
    }

    /// Whether the draft is kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        kept::all(self.person.as_deref(), &self.form).iter().any(|draft| draft.id == self.id)
    }

    fn put(&mut self, content: String) {
        self.content = Some(content.clone());
        let Self { person, form, id, .. } = self.clone();
        kept::put(Draft { person, form, id, saved_at: js_sys::Date::now(), content });
    }

    /// Removes the draft, unless something else was typed since.
    pub fn remove(&mut self) {
        if let Some(content) = self.content.take() {
            kept::remove(&self.id, &content);
        }
    }
}
