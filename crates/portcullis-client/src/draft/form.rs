//! The draft of one form, as its page sees it.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::lock::{self, Opening};
use super::store::{self, Draft};
use crate::random::random;
use crate::session::Session;

/// How often a form with a draft checks that it is still on the page.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The draft of a form. It is stored as the person types, for the same person and form, until it is saved or discarded.
#[derive(Clone, Copy)]
pub struct FormDraft {
    session: Session,
    slot: StoredValue<DraftSlot>,
    is_restored: RwSignal<bool>,
    /// How many times the form was opened.
    opened: StoredValue<u32>,
    /// The number of the last restore. An earlier one that is still running must not change the form.
    restoring: StoredValue<u32>,
}

/// A draft outside of its page. A task that saves the form may outlive the page.
#[derive(Clone)]
pub struct DraftSlot {
    person: Option<String>,
    form: String,
    /// Distinguishes this draft from others of the same form, of another tab or older ones.
    id: String,
    /// What is stored.
    content: Option<String>,
}

impl FormDraft {
    /// Returns the draft of the form `name` on the page `path`, of the person who is signed in now.
    #[must_use]
    pub fn new(session: Session, path: &str, name: &str) -> Self {
        let slot = StoredValue::new(DraftSlot::new(session, path, name));
        let (opened, restoring) = (StoredValue::new(0), StoredValue::new(0));
        // The stored values still exist during the cleanup.
        on_cleanup(move || _ = slot.try_with_value(|slot| lock::close(&slot.id)));
        Self { session, slot, is_restored: RwSignal::new(false), opened, restoring }
    }

    /// Takes over the stored draft and returns its content for the form. Returns `None` if there is none, another tab
    /// has it open, something was typed here already, or the form is gone.
    pub async fn restore(self) -> Option<String> {
        let generation = self.stop_restoring()?;
        let (Draft { id, content, .. }, opening) = self.slot.get_value().open().await?;
        let is_wanted = self.restoring.try_get_value() == Some(generation)
            && self.slot.try_with_value(|slot| slot.content.is_none()) == Some(true);
        if !is_wanted {
            close_if_new(&id, opening);
            return None;
        }
        // Stored again: if there is no space for all tabs, this page must ask before it is closed.
        self.slot.update_value(|slot| {
            slot.id = id;
            slot.put(content.clone());
        });
        self.is_restored.set(true);
        Some(content)
    }

    /// Stores the content of the form, or removes the draft if `content` is `None`: the form is as it was.
    pub fn save(self, content: Option<String>) {
        let Some(content) = content else { return self.clear() };
        let before = self.slot.with_value(|slot| slot.content.clone());
        if before.as_ref() == Some(&content) {
            return self.store_again();
        }
        self.slot.update_value(|slot| slot.put(content));
        if before.is_none() {
            self.hold();
        }
    }

    /// Removes the draft: its content is saved or discarded. Later input is another draft. A draft that is being
    /// restored stays.
    pub fn remove(self) {
        self.stop_restoring();
        self.clear();
    }

    /// Cancels a restore that is running. Returns the number of the next one, or `None` if the page is gone.
    fn stop_restoring(self) -> Option<u32> {
        self.restoring.try_update_value(|restoring| {
            *restoring += 1;
            *restoring
        })
    }

    fn clear(self) {
        self.slot.update_value(|slot| {
            slot.remove();
            lock::close(&slot.id);
            slot.id = random();
        });
        self.is_restored.set(false);
    }

    /// Returns whether the form shows a restored draft, and tracks it.
    #[must_use]
    pub fn is_restored(self) -> bool {
        self.is_restored.get()
    }

    /// Returns the draft as it is now, for a task that may outlive the page.
    #[must_use]
    pub fn slot(self) -> DraftSlot {
        self.slot.get_value()
    }

    /// Locks the draft against other tabs while `is_open` says that the form is open. Callers call it when the form
    /// opens.
    pub fn hold_while(self, is_open: impl Fn() -> bool + Copy + 'static) {
        // After a save that failed, the form is open again with its draft.
        if self.slot.with_value(|slot| slot.content.is_some()) {
            self.hold();
        }
        self.opened.update_value(|opened| *opened += 1);
        self.release_after(self.opened.get_value(), is_open);
    }

    /// Stores the draft again if another page has cleared the storage and nobody has signed out.
    fn store_again(self) {
        let lost = self.slot.try_with_value(|slot| slot.content.clone().filter(|_| !slot.is_stored())).flatten();
        if let Some(content) = lost.filter(|_| self.session.has_tokens()) {
            self.slot.update_value(|slot| slot.put(content));
        }
    }

    fn hold(self) {
        let id = self.slot.with_value(|slot| slot.id.clone());
        spawn_local(async move {
            let opening = lock::open(&id, true).await;
            let is_stored = self.slot.try_with_value(|slot| slot.id == id && slot.content.is_some()) == Some(true);
            if !is_stored {
                close_if_new(&id, opening);
            }
        });
    }

    /// Releases the draft when the form that was opened as number `generation` is gone from a page that stays, unless
    /// it was opened again.
    fn release_after(self, generation: u32, is_open: impl Fn() -> bool + Copy + 'static) {
        let poll = move || {
            if is_open() {
                self.store_again();
                self.release_after(generation, is_open);
            } else if self.opened.try_get_value() == Some(generation) {
                self.slot.try_with_value(|slot| lock::close(&slot.id));
            }
        };
        set_timeout(poll, POLL_INTERVAL);
    }
}

impl DraftSlot {
    /// Returns the draft of the form `name` on the page `path`, of the person who is signed in now.
    #[must_use]
    pub fn new(session: Session, path: &str, name: &str) -> Self {
        let person =
            untrack(|| session.tokens().filter(|tokens| tokens.principal.is_named()).map(|tokens| tokens.person_key()));
        let id = random();
        Self { person, form: format!("{path} {name}"), id, content: None }
    }

    /// Opens the newest draft of this person and form that is not open in another tab, and returns it.
    async fn open(&self) -> Option<(Draft, Opening)> {
        // Each is looked up again after the wait for its lock: another tab may have saved it. Only the newest is waited
        // for.
        let all = || store::all(self.person.as_deref(), &self.form);
        for (index, Draft { id, .. }) in all().into_iter().enumerate() {
            let opening = lock::open(&id, index == 0).await;
            match all().into_iter().find(|draft| draft.id == id) {
                _ if opening == Opening::Refused => {}
                None => close_if_new(&id, opening),
                Some(found) => return Some((found, opening)),
            }
        }
        None
    }

    /// Returns the content of the newest draft of this person and form that is not open in another tab.
    pub async fn find(&self) -> Option<String> {
        // A draft that a form of this page has open stays open.
        let held = store::all(self.person.as_deref(), &self.form).into_iter().find(|draft| lock::is_held(&draft.id));
        if let Some(Draft { content, .. }) = held {
            return Some(content);
        }
        let (Draft { id, content, .. }, opening) = self.open().await?;
        close_if_new(&id, opening);
        Some(content)
    }

    /// Returns whether the draft is stored.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        store::all(self.person.as_deref(), &self.form).iter().any(|draft| draft.id == self.id)
    }

    fn put(&mut self, content: String) {
        self.content = Some(content.clone());
        let Self { person, form, id, .. } = self.clone();
        store::put(Draft { person, form, id, saved_at: js_sys::Date::now(), content });
    }

    /// Removes the draft, unless something else was typed since then.
    pub fn remove(&mut self) {
        if let Some(content) = self.content.take() {
            store::remove(&self.id, &content);
        }
    }
}

/// Closes the draft `id`, unless another form of this page already had it open.
fn close_if_new(id: &str, opening: Opening) {
    if opening == Opening::New {
        lock::close(id);
    }
}
