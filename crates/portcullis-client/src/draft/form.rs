//! The draft of one form, as its page sees it.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::kept::{self, Draft};
use super::open::{self, Opening};
use crate::Session;
use crate::random::random;

/// How often a form that keeps a draft looks whether it is still on the page.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The draft of a form: kept as the person types, for the same person and form, until it is saved or discarded.
#[derive(Clone, Copy)]
pub struct FormDraft {
    session: Session,
    slot: StoredValue<Slot>,
    is_restored: RwSignal<bool>,
    /// Counts how often the form was opened.
    opened: StoredValue<u32>,
    /// Counts what ends a restoring that is under way: a newer one, or the end of the form that asked for it.
    restoring: StoredValue<u32>,
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
        let slot = StoredValue::new(Slot::new(session, path, name));
        let (opened, restoring) = (StoredValue::new(0), StoredValue::new(0));
        // The values are still there.
        on_cleanup(move || _ = slot.try_with_value(|slot| open::close(&slot.id)));
        Self { session, slot, is_restored: RwSignal::new(false), opened, restoring }
    }

    /// What was typed and not saved, to be put into the form: from now on that draft is this form's. None if there is
    /// nothing, if another tab has it open, if something was typed here already, or if the form is gone by now.
    pub async fn restore(self) -> Option<String> {
        let turn = self.stop_restoring()?;
        let (Draft { id, content, .. }, opening) = self.slot.get_value().open().await?;
        let is_wanted = self.restoring.try_get_value() == Some(turn)
            && self.slot.try_with_value(|slot| slot.content.is_none()) == Some(true);
        if !is_wanted {
            close_if_new(&id, opening);
            return None;
        }
        // Kept again: where there is no room for all tabs, this page must ask before it is closed.
        self.slot.update_value(|slot| {
            slot.id = id;
            slot.put(content.clone());
        });
        self.is_restored.set(true);
        Some(content)
    }

    /// Keeps what is in the form now; none if it is what the form began with.
    pub fn keep(self, content: Option<String>) {
        let Some(content) = content else { return self.clear() };
        let before = self.slot.with_value(|slot| slot.content.clone());
        if before.as_ref() == Some(&content) {
            return self.keep_again();
        }
        self.slot.update_value(|slot| slot.put(content));
        if before.is_none() {
            self.hold();
        }
    }

    /// Removes the draft: what was typed is saved, or not wanted. What is typed from now on is another. A draft that is
    /// being restored is left where it is.
    pub fn remove(self) {
        self.stop_restoring();
        self.clear();
    }

    /// Ends a restoring that is under way, and returns the number of the next; none if the page is gone.
    fn stop_restoring(self) -> Option<u32> {
        self.restoring.try_update_value(|restoring| {
            *restoring += 1;
            *restoring
        })
    }

    fn clear(self) {
        self.slot.update_value(|slot| {
            slot.remove();
            open::close(&slot.id);
            slot.id = random();
        });
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

    /// Keeps the draft from other tabs while the form is open, of which `is_open` tells. To be called when it opens.
    pub fn hold_while(self, is_open: impl Fn() -> bool + Copy + 'static) {
        // After a save that failed, the form is there again with what was kept.
        if self.slot.with_value(|slot| slot.content.is_some()) {
            self.hold();
        }
        self.opened.update_value(|opened| *opened += 1);
        self.release_after(self.opened.get_value(), is_open);
    }

    /// Keeps what is gone from the storage although nobody has signed out: another page may have cleared it.
    fn keep_again(self) {
        let lost = self.slot.try_with_value(|slot| slot.content.clone().filter(|_| !slot.is_kept())).flatten();
        if let Some(content) = lost.filter(|_| self.session.has_tokens()) {
            self.slot.update_value(|slot| slot.put(content));
        }
    }

    fn hold(self) {
        let id = self.slot.with_value(|slot| slot.id.clone());
        spawn_local(async move {
            let opening = open::open(&id, true).await;
            let is_kept = self.slot.try_with_value(|slot| slot.id == id && slot.content.is_some()) == Some(true);
            if !is_kept {
                close_if_new(&id, opening);
            }
        });
    }

    /// Releases the draft when the form that was opened as number `turn` is gone from a page that stays, unless it was
    /// opened again since.
    fn release_after(self, turn: u32, is_open: impl Fn() -> bool + Copy + 'static) {
        let look = move || {
            if is_open() {
                self.keep_again();
                self.release_after(turn, is_open);
            } else if self.opened.try_get_value() == Some(turn) {
                self.slot.try_with_value(|slot| open::close(&slot.id));
            }
        };
        set_timeout(look, LOOK_EVERY);
    }
}

impl Slot {
    /// Of the form `name` on the page `path`, of the person who is signed in now.
    #[must_use]
    pub fn new(session: Session, path: &str, name: &str) -> Self {
        let person =
            untrack(|| session.tokens().filter(|tokens| tokens.principal.is_named()).map(|tokens| tokens.whose()));
        let id = random();
        Self { person, form: format!("{path} {name}"), id, content: None }
    }

    /// The newest draft of this person and form that is not open in another tab; it is open here now.
    async fn open(&self) -> Option<(Draft, Opening)> {
        // The newest is what this person has left last. It is looked up again: it may be saved by the time it is closed.
        let all = || kept::all(self.person.as_deref(), &self.form);
        for (place, Draft { id, .. }) in all().into_iter().enumerate() {
            let opening = open::open(&id, place == 0).await;
            match all().into_iter().find(|draft| draft.id == id) {
                _ if opening == Opening::Refused => {}
                None => close_if_new(&id, opening),
                Some(found) => return Some((found, opening)),
            }
        }
        None
    }

    /// What the newest draft of this person and form holds that is not open in another tab.
    pub async fn find(&self) -> Option<String> {
        // What a form of this page has open stays so.
        let held = kept::all(self.person.as_deref(), &self.form).into_iter().find(|draft| open::is_held(&draft.id));
        if let Some(Draft { content, .. }) = held {
            return Some(content);
        }
        let (Draft { id, content, .. }, opening) = self.open().await?;
        close_if_new(&id, opening);
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

/// Closes the draft `id`, unless another form of this page had it open before.
fn close_if_new(id: &str, opening: Opening) {
    if opening == Opening::New {
        open::close(id);
    }
}
