//! Editing an item in its place: what is saved is shown at once, and what was typed outlives whatever goes wrong.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::{use_location, use_navigate};
use portcullis_client::{FormDraft, Session};

use super::conflict::{Choice, Conflict};
use super::entries::{Base, Entries, Typed, values};
use super::form::FORM;
use super::saving::{self, Outcome};
use crate::items::item::Item;
use crate::items::merge::{Field, labels};
use crate::items::{ItemDraft, LIST_PAGE};
use crate::ui::{OnPage, Toasts, focus};

/// The parameter of the address that says that the form is open: a reload, or a sign-in in between, comes back to it.
pub const CHANGE: &str = "change";

/// Goes to a path of the application, also after the page that made it is gone.
type Go = Arc<dyn Fn(&str) + Send + Sync>;

/// An item that was deleted while its form was open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deleted {
    /// What was being saved, if anything was.
    pub unsaved: Option<ItemDraft>,
}

/// What is shown of an item, and what is going on with it.
#[derive(Clone, Copy)]
pub struct Editing {
    pub here: OnPage,
    pub item: RwSignal<Item>,
    /// What stands in the form. It outlives a form that is closed, since a change may come back refused.
    pub entries: Entries,
    pub draft: FormDraft,
    /// Whether there is a draft that the person has not gone on with.
    pub has_draft: RwSignal<bool>,
    /// Whether the form is open.
    pub is_open: RwSignal<bool>,
    /// Whether what is shown is not saved yet.
    pub saving: RwSignal<bool>,
    pub conflict: RwSignal<Option<Conflict>>,
    pub deleted: RwSignal<Option<Deleted>>,
    /// Whether the item is there, as far as is known.
    pub exists: RwSignal<bool>,
    pub toasts: Toasts,
    pub go: StoredValue<Go>,
}

impl Editing {
    /// Of `item`, with the form closed.
    pub fn of(item: Item, exists: bool) -> Self {
        let (path, navigate) = (use_location().pathname.get_untracked(), use_navigate());
        let go: Go = Arc::new(move |path| navigate(path, Default::default()));
        Self {
            here: OnPage::new(),
            item: RwSignal::new(item),
            entries: Entries::blank(),
            draft: FormDraft::new(Session::get(), &path, FORM),
            has_draft: RwSignal::new(false),
            is_open: RwSignal::new(false),
            saving: RwSignal::new(false),
            conflict: RwSignal::new(None),
            deleted: RwSignal::new(None),
            exists: RwSignal::new(exists),
            toasts: Toasts::get(),
            go: StoredValue::new(go),
        }
    }

    /// Looks for what was typed before and is not saved.
    pub fn look_for_draft(self) {
        let slot = self.draft.slot();
        spawn_local(async move {
            let typed = slot.find().await.as_deref().and_then(Typed::parse);
            let has_draft = typed.is_some_and(|typed| !self.is_stored(&typed));
            self.has_draft.try_set(has_draft && !self.is_open.try_get_untracked().unwrap_or(true));
        });
    }

    /// Whether what was typed is stored by now.
    fn is_stored(self, typed: &Typed) -> bool {
        let stored = self.item.try_get_untracked().map(|item| values(&item));
        self.exists.try_get_untracked() == Some(true) && typed.values() == stored
    }

    /// Opens the form, with what was typed into it before.
    pub fn open_form(self) {
        self.has_draft.set(false);
        self.start_over();
        self.is_open.set(true);
        spawn_local(async move {
            let Some(kept) = self.draft.restore().await else { return };
            match Typed::parse(&kept).filter(|typed| !self.is_stored(typed)) {
                Some(typed) => self.entries.restore(typed),
                None => self.draft.remove(),
            }
        });
    }

    /// Puts what is stored into the form.
    pub fn start_over(self) {
        self.entries.start(Base::of(&self.item.read_untracked()));
    }

    /// Removes what was typed, and shows the item.
    pub fn discard(self) {
        self.draft.remove();
        self.has_draft.set(false);
        if self.exists.get_untracked() {
            self.close_form();
        } else {
            self.go.get_value()(LIST_PAGE.path);
        }
    }

    /// Removes a draft that the person has not gone on with.
    pub fn discard_waiting(self) {
        self.has_draft.set(false);
        spawn_local(async move {
            if self.draft.restore().await.is_some() {
                self.draft.remove();
            }
        });
        request_animation_frame(|| _ = focus("main h1"));
    }

    fn close_form(self) {
        self.is_open.set(false);
        request_animation_frame(|| _ = focus("main h1"));
    }

    /// Shows the change at once, and takes it back if it cannot be saved.
    pub fn save(self, yours: ItemDraft) {
        if self.saving.get_untracked() {
            return;
        }
        let base = self.entries.base.get_untracked();
        if yours == base.values && base.attempted.is_none() {
            self.discard();
            return self.toasts.say("There was nothing to save.");
        }
        let before = self.item.get_untracked();
        self.item.set(with(&before, &yours));
        self.saving.set(true);
        self.close_form();
        // What is sent is what is kept until it is saved.
        self.draft.save(untrack(|| self.entries.unsaved()));
        // Nor does another tab take it over while the answer is on its way.
        self.draft.hold_while(move || self.saving.try_get_untracked().unwrap_or_default());
        let (mut slot, go) = (self.draft.slot(), self.go.get_value());
        spawn_local(async move {
            let outcome = saving::save(before.id.to_string(), base, yours.clone()).await;
            if matches!(outcome, Outcome::Saved { .. }) {
                slot.remove();
            }
            // The person may have left the page. Their text is in the draft.
            if !self.here.is_there() {
                return left(self.toasts, go, &before, outcome, slot.is_stored());
            }
            self.saving.set(false);
            match outcome {
                Outcome::Saved { item, from_theirs } => {
                    self.draft.remove();
                    self.item.set(item);
                    self.toasts.say(saved(&from_theirs));
                }
                Outcome::Conflict { theirs, base } => {
                    self.back_to_form(before);
                    self.conflict.set(Some(Conflict { base, yours, theirs }));
                }
                Outcome::Deleted => {
                    self.back_to_form(before);
                    self.exists.set(false);
                    self.deleted.set(Some(Deleted { unsaved: Some(yours) }));
                }
                Outcome::Failed { error, attempted } => {
                    self.back_to_form(before);
                    self.entries.base.update(|base| base.attempted = attempted);
                    self.entries.refused.set(error.inner.fields.clone());
                    self.toasts.failed("Couldn't save your changes", &error);
                }
            }
        });
    }

    fn back_to_form(self, before: Item) {
        self.item.set(before);
        self.is_open.set(true);
    }

    /// Goes on from what is stored now, as the person chose.
    pub fn settle(self, conflict: Conflict, choice: Choice) {
        match choice {
            Choice::Discard => {
                self.item.set(conflict.theirs);
                self.discard();
            }
            Choice::Save(chosen) => {
                let base = Base::of(&conflict.theirs);
                self.item.set(conflict.theirs);
                self.entries.choose(base, &chosen);
                self.save(chosen);
            }
            Choice::Edit => {
                self.entries.keep_editing(&conflict);
                self.item.set(conflict.theirs);
                request_animation_frame(|| _ = focus("#item-name"));
            }
        }
    }
}

/// `item` as it will be with `draft`.
fn with(item: &Item, draft: &ItemDraft) -> Item {
    Item { fields: draft.clone(), ..item.clone() }
}

fn saved(from_theirs: &[Field]) -> String {
    match from_theirs {
        [] => "Your change was saved.".into(),
        fields => format!("Your change was saved. Changed elsewhere, and kept: {}.", labels(fields)),
    }
}

/// Says how saving ended to somebody who has left the page of the item.
fn left(toasts: Toasts, go: Go, item: &Item, outcome: Outcome, is_kept: bool) {
    let name = item.title();
    let why = match outcome {
        Outcome::Saved { .. } => return,
        Outcome::Conflict { .. } => format!("Couldn't save “{name}”: it changed while you were editing."),
        Outcome::Deleted => format!("Couldn't save “{name}”: it was deleted while you were editing."),
        Outcome::Failed { error, .. } if is_kept => format!("Couldn't save “{name}”: {error}."),
        Outcome::Failed { error, .. } => return toasts.failed(format!("Couldn't save “{name}”"), &error),
    };
    if !is_kept {
        return toasts.fail(why);
    }
    let address = format!("/item/{}?{CHANGE}=yes", item.id);
    toasts.offer(format!("{why} Your text is kept as a draft."), "Continue editing", Arc::new(move || go(&address)));
}
