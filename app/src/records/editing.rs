//! Editing a record in its place: what is saved is shown at once, and what was typed outlives whatever goes wrong.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::{use_location, use_navigate};
use portcullis_client::records::{
    self, Base, Choice, Conflict, FormContent, FormState, SaveOutcome, StoredRecord, Values, labels,
};
use portcullis_client::{FormDraft, Session};

use super::Pages;
use crate::ui::{OnPage, Toasts, focus};

/// The parameter of the address that says that the form is open: a reload, or a sign-in in between, comes back to it.
pub const CHANGE: &str = "change";

/// Goes to a path of the application, also after the page that made it is gone.
type Go = Arc<dyn Fn(&str) + Send + Sync>;

/// A record that was deleted while its form was open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deleted {
    /// What was being saved, if anything was.
    pub unsaved: Option<Values>,
}

/// A record as it is shown, and what happens to it.
#[derive(Clone, Copy)]
pub struct Editing {
    pub pages: &'static Pages,
    pub here: OnPage,
    pub record: RwSignal<StoredRecord>,
    /// What the form holds. It outlives a form that is closed, since a change may be refused later.
    pub form: FormState,
    pub draft: FormDraft,
    /// Whether there is a draft that the person has not continued.
    pub has_draft: RwSignal<bool>,
    /// Whether the form is open.
    pub is_open: RwSignal<bool>,
    /// Whether what is shown is not saved yet.
    pub saving: RwSignal<bool>,
    pub conflict: RwSignal<Option<Conflict>>,
    pub deleted: RwSignal<Option<Deleted>>,
    /// Whether the record exists, as far as is known.
    pub exists: RwSignal<bool>,
    pub toasts: Toasts,
    pub go: StoredValue<Go>,
}

impl Editing {
    /// Shows `record`, with the form closed.
    pub fn of(pages: &'static Pages, record: StoredRecord, exists: bool) -> Self {
        let (path, navigate) = (use_location().pathname.get_untracked(), use_navigate());
        let go: Go = Arc::new(move |path| navigate(path, Default::default()));
        Self {
            pages,
            here: OnPage::new(),
            record: RwSignal::new(record),
            form: FormState::new(&pages.record),
            draft: FormDraft::new(Session::get(), &path, pages.noun.one),
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
            let content = slot.find().await.and_then(|stored| FormContent::parse(&self.pages.record, &stored));
            let has_draft = content.is_some_and(|content| !self.is_stored(&content));
            self.has_draft.try_set(has_draft && !self.is_open.try_get_untracked().unwrap_or(true));
        });
    }

    /// Whether what was typed is stored by now.
    fn is_stored(self, content: &FormContent) -> bool {
        let stored = self.record.try_get_untracked().map(|record| record.fields);
        self.exists.try_get_untracked() == Some(true) && content.read(&self.pages.record).ok() == stored
    }

    /// Opens the form, with what was typed into it before.
    pub fn open_form(self) {
        self.has_draft.set(false);
        self.start_over();
        self.is_open.set(true);
        spawn_local(async move {
            let Some(stored) = self.draft.restore().await else { return };
            let content = FormContent::parse(&self.pages.record, &stored);
            match content.filter(|content| !self.is_stored(content)) {
                Some(content) => self.form.restore(content),
                None => self.draft.remove(),
            }
        });
    }

    /// Puts what is stored into the form.
    pub fn start_over(self) {
        self.form.start(Base::from_record(&self.record.read_untracked()));
    }

    /// Removes what was typed, and shows the record.
    pub fn discard(self) {
        self.draft.remove();
        self.has_draft.set(false);
        if self.exists.get_untracked() {
            self.close_form();
        } else {
            self.go.get_value()(self.pages.list.path);
        }
    }

    /// Removes a draft that the person has not continued.
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
    pub fn save(self, yours: Values) {
        if self.saving.get_untracked() {
            return;
        }
        let base = self.form.base.get_untracked();
        if yours == base.values && base.attempted.is_none() {
            self.discard();
            return self.toasts.say("There was nothing to save.");
        }
        let before = self.record.get_untracked();
        self.record.set(StoredRecord { fields: yours.clone(), ..before.clone() });
        self.saving.set(true);
        self.close_form();
        // What is sent is stored until it is saved.
        self.draft.save(untrack(|| self.form.unsaved()));
        // Nor does another tab take it over while the answer is on its way.
        self.draft.hold_while(move || self.saving.try_get_untracked().unwrap_or_default());
        let (mut slot, go) = (self.draft.slot(), self.go.get_value());
        spawn_local(async move {
            let outcome = records::save(&self.pages.record, before.id.to_string(), base, yours.clone()).await;
            if matches!(outcome, SaveOutcome::Saved { .. }) {
                slot.remove();
            }
            // The person may have left the page. Their text is in the draft.
            if !self.here.is_there() {
                return self.pages.report_outcome(self.toasts, go, &before, outcome, slot.is_stored());
            }
            self.saving.set(false);
            match outcome {
                SaveOutcome::Saved { record, from_theirs } => {
                    self.draft.remove();
                    self.record.set(record);
                    self.toasts.say(match labels(&self.pages.record, &from_theirs).as_str() {
                        "" => "Your change was saved.".to_owned(),
                        labels => format!("Your change was saved. Changed elsewhere, and kept: {labels}."),
                    });
                }
                SaveOutcome::Conflict { theirs, base } => {
                    self.back_to_form(before);
                    self.conflict.set(Some(Conflict { base, yours, theirs }));
                }
                SaveOutcome::Deleted => {
                    self.back_to_form(before);
                    self.exists.set(false);
                    self.deleted.set(Some(Deleted { unsaved: Some(yours) }));
                }
                SaveOutcome::Failed { error, attempted } => {
                    self.back_to_form(before);
                    self.form.base.update(|base| base.attempted = attempted);
                    self.form.server_errors.set(error.inner.fields.clone());
                    self.toasts.failed("Couldn't save your changes", &error);
                }
            }
        });
    }

    fn back_to_form(self, before: StoredRecord) {
        self.record.set(before);
        self.is_open.set(true);
    }

    /// Continues from what is stored now, as the person chose.
    pub fn settle(self, conflict: Conflict, choice: Choice) {
        match choice {
            Choice::Discard => {
                self.record.set(conflict.theirs);
                self.discard();
            }
            Choice::Save(chosen) => {
                let base = Base::from_record(&conflict.theirs);
                self.record.set(conflict.theirs);
                self.form.choose(base, &chosen);
                self.save(chosen);
            }
            Choice::Edit => {
                self.form.keep_editing(&conflict);
                self.record.set(conflict.theirs);
                request_animation_frame(move || _ = focus(&self.pages.first_input()));
            }
        }
    }
}

impl Pages {
    /// Tells a person who has left the page of `record` how saving it ended.
    fn report_outcome(&self, toasts: Toasts, go: Go, record: &StoredRecord, outcome: SaveOutcome, has_draft: bool) {
        let could_not = format!("Couldn't save “{}”", self.title(record));
        let why = match outcome {
            SaveOutcome::Saved { .. } => return,
            SaveOutcome::Conflict { .. } => format!("{could_not}: it changed while you were editing."),
            SaveOutcome::Deleted => format!("{could_not}: it was deleted while you were editing."),
            SaveOutcome::Failed { error, .. } if has_draft => format!("{could_not}: {error}."),
            SaveOutcome::Failed { error, .. } => return toasts.failed(could_not, &error),
        };
        if !has_draft {
            return toasts.fail(why);
        }
        let address = format!("{}?{CHANGE}=yes", self.path_of(record.id));
        let back = Arc::new(move || go(&address));
        toasts.offer(format!("{why} Your text is kept as a draft."), "Continue editing", back);
    }
}
