//! Editing a record on its page: a change is shown at once, and what was typed survives every failure.

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

/// The query parameter that says that the form is open, so that it is open again after a reload or a sign-in.
pub const EDIT_PARAMETER: &str = "change";

/// Navigates to a path of the application, also after the page that created it is gone.
type Navigate = Arc<dyn Fn(&str) + Send + Sync>;

/// A record that was deleted while its form was open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deleted {
    /// The values that were being saved, if any.
    pub unsaved: Option<Values>,
}

/// The state of a record on its page, and of its form.
#[derive(Clone, Copy)]
pub struct Editing {
    pub pages: &'static Pages,
    pub here: OnPage,
    pub record: RwSignal<StoredRecord>,
    /// The content of the form. It outlives a form that is closed, since the server may refuse the change later.
    pub form: FormState,
    pub draft: FormDraft,
    /// Whether there is a draft that the person has not continued.
    pub has_draft: RwSignal<bool>,
    /// Whether the form is open.
    pub is_open: RwSignal<bool>,
    /// Whether the values that are shown are still being saved.
    pub saving: RwSignal<bool>,
    pub conflict: RwSignal<Option<Conflict>>,
    pub deleted: RwSignal<Option<Deleted>>,
    /// Whether the record exists, as far as is known.
    pub exists: RwSignal<bool>,
    pub toasts: Toasts,
    pub navigate: StoredValue<Navigate>,
}

impl Editing {
    /// Shows `record`, with the form closed.
    pub fn new(pages: &'static Pages, record: StoredRecord, exists: bool) -> Self {
        let (path, navigate) = (use_location().pathname.get_untracked(), use_navigate());
        let navigate: Navigate = Arc::new(move |path| navigate(path, Default::default()));
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
            navigate: StoredValue::new(navigate),
        }
    }

    /// Looks for a draft that is not saved.
    pub fn find_draft(self) {
        let slot = self.draft.slot();
        spawn_local(async move {
            let content = slot.find().await.and_then(|stored| FormContent::parse(&self.pages.record, &stored));
            let has_draft = content.is_some_and(|content| !self.is_stored(&content));
            self.has_draft.try_set(has_draft && !self.is_open.try_get_untracked().unwrap_or(true));
        });
    }

    /// Returns whether the record already has the values in `content`.
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

    /// Resets the form to the stored record.
    pub fn start_over(self) {
        self.form.start(Base::from_record(&self.record.read_untracked()));
    }

    /// Removes the draft, and shows the record, or the list if the record does not exist.
    pub fn discard(self) {
        self.draft.remove();
        self.has_draft.set(false);
        if self.exists.get_untracked() {
            self.close_form();
        } else {
            self.navigate.get_value()(self.pages.list.path);
        }
    }

    /// Removes a draft that the person has not continued.
    pub fn discard_draft(self) {
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

    /// Saves `yours`. Shows the change at once, and reverts it if it can't be saved.
    pub fn save(self, yours: Values) {
        if self.saving.get_untracked() {
            return;
        }
        let base = self.form.base.get_untracked();
        if yours == base.values && base.attempted.is_none() {
            self.discard();
            return self.toasts.info("There was nothing to save.");
        }
        let before = self.record.get_untracked();
        self.record.set(StoredRecord { fields: yours.clone(), ..before.clone() });
        self.saving.set(true);
        self.close_form();
        // The draft stays until the change is saved.
        self.draft.save(untrack(|| self.form.unsaved()));
        // No other tab must take the draft over before the response arrives.
        self.draft.hold_while(move || self.saving.try_get_untracked().unwrap_or_default());
        let (mut slot, navigate) = (self.draft.slot(), self.navigate.get_value());
        spawn_local(async move {
            let outcome = records::save(&self.pages.record, before.id.to_string(), base, yours.clone()).await;
            if matches!(outcome, SaveOutcome::Saved { .. }) {
                slot.remove();
            }
            // The person may have left the page. Their text is in the draft.
            if !self.here.is_connected() {
                return self.pages.report_outcome(self.toasts, navigate, &before, outcome, slot.is_stored());
            }
            self.saving.set(false);
            match outcome {
                SaveOutcome::Saved { record, from_theirs } => {
                    self.draft.remove();
                    self.record.set(record);
                    self.toasts.info(match labels(&self.pages.record, &from_theirs).as_str() {
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
                    self.toasts.app_error("Couldn't save your changes", &error);
                }
            }
        });
    }

    fn back_to_form(self, before: StoredRecord) {
        self.record.set(before);
        self.is_open.set(true);
    }

    /// Continues from the stored record, as the person chose.
    pub fn resolve_conflict(self, conflict: Conflict, choice: Choice) {
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
    /// Tells a person who has left the page of `record` that saving it failed.
    fn report_outcome(
        &self,
        toasts: Toasts,
        navigate: Navigate,
        record: &StoredRecord,
        outcome: SaveOutcome,
        has_draft: bool,
    ) {
        let message = format!("Couldn't save “{}”", self.title(record));
        let reason = match outcome {
            SaveOutcome::Saved { .. } => return,
            SaveOutcome::Conflict { .. } => format!("{message}: it changed while you were editing."),
            SaveOutcome::Deleted => format!("{message}: it was deleted while you were editing."),
            SaveOutcome::Failed { error, .. } if has_draft => format!("{message}: {error}."),
            SaveOutcome::Failed { error, .. } => return toasts.app_error(message, &error),
        };
        if !has_draft {
            return toasts.error(reason);
        }
        let url = format!("{}?{EDIT_PARAMETER}=yes", self.path_of(record.id));
        let on_continue = Arc::new(move || navigate(&url));
        toasts.info_with_action(format!("{reason} Your text is kept as a draft."), "Continue editing", on_continue);
    }
}
