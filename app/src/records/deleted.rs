//! The dialog for a record that was deleted while its form was open: what was typed stays, and the record can be restored.

use leptos::prelude::*;
use leptos::task::spawn_local;
use portcullis::{AppError, Code, Scope};
use portcullis_client::Session;
use portcullis_client::records::creation_key;

use super::editing::{Deleted, Editing};
use super::{Noun, Pages};
use crate::ui::{Blocked, Button, Dialog, Kind};

/// Asks what to do about a deleted record, while there is one. To close the dialog is to continue with the form.
#[component]
pub fn DeletedDialog(
    /// The record with its form.
    editing: Editing,
) -> impl IntoView {
    let (session, pages) = (Session::get(), editing.pages);
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let is_open = editing.deleted.with(Option::is_some);
        if is_open {
            refused.set(None);
        }
        open.set(is_open);
    });
    Effect::new(move |was_open: Option<bool>| {
        let is_open = open.get();
        if was_open == Some(true) && !is_open {
            editing.deleted.set(None);
        }
        is_open
    });
    let blocked = Signal::derive(move || Blocked::by(session, pages.record.delete_access));
    let restore = move |()| {
        let unsaved = editing.deleted.get_untracked().and_then(|Deleted { unsaved }| unsaved);
        let id = editing.record.read_untracked().id.to_string();
        busy.set(true);
        spawn_local(async move {
            let answer = pages.record.restore_or_get(id).await;
            if !editing.here.is_there() {
                return;
            }
            busy.set(false);
            match answer {
                Ok(record) => {
                    editing.toasts.say(format!("“{}” restored.", pages.title(&record)));
                    editing.exists.set(true);
                    editing.record.set(record);
                    open.set(false);
                    if let Some(unsaved) = unsaved {
                        editing.save(unsaved);
                    }
                }
                Err(error) => refused.set(Some(why(pages, &error))),
            }
        });
    };
    let create = move |()| {
        let Ok(values) = untrack(|| editing.form.read()) else {
            // What is wrong is said beside its field.
            editing.form.was_submitted.set(true);
            return open.set(false);
        };
        let mut slot = editing.draft.slot();
        let key = creation_key(&format!("again-{}", editing.record.read_untracked().id), &values);
        busy.set(true);
        spawn_local(async move {
            let answer = pages.record.create(values, Some(key)).await;
            if answer.is_ok() {
                slot.remove();
            }
            if !editing.here.is_there() {
                return;
            }
            busy.set(false);
            match answer {
                Ok(record) => {
                    editing.toasts.say(format!("“{}” was created.", pages.title(&record)));
                    open.set(false);
                    editing.go.get_value()(&pages.path_of(record.id));
                }
                Err(error) => {
                    editing.form.server_errors.set(error.inner.fields.clone());
                    editing.toasts.failed(format!("Couldn't create the {}", pages.noun.one), &error);
                }
            }
        });
    };
    let discard = move |()| {
        open.set(false);
        editing.discard();
    };
    let another = move || {
        // With the end of a session the page goes, and these may be gone before what asks them.
        let is_some = |why: Option<bool>| why.unwrap_or_default();
        let is_needed = is_some(refused.try_with(Option::is_some)) || is_some(blocked.try_with(Option::is_some));
        is_needed.then(|| view! { <Button id="deleted-create" press=create busy label=format!("Create as a new {}", pages.noun.one)/> })
    };
    let Noun { one, .. } = pages.noun;
    view! {
        <Dialog id="deleted" title=format!("This {one} was deleted while you were editing.") open>
            <p>{format!("Your text is still in the form. Restore the {one} to save your changes, or discard them.")}</p>
            <p role="alert" class="refused">{refused}</p>
            <div class="actions">
                <Button id="deleted-discard" press=discard busy label="Discard my changes"/>
                {another}
                <Button id="deleted-restore" kind=Kind::Primary press=restore busy blocked label="Restore"/>
            </div>
        </Dialog>
    }
    .into_any()
}

/// Why it cannot be restored, in words for the person.
fn why(pages: &Pages, error: &AppError) -> String {
    let is_missing = |scope: &Scope| error.inner.missing_scopes.iter().any(|missing| *missing == scope.0);
    match error.code {
        Code::InsufficientScope if pages.record.delete_access.scopes().iter().any(is_missing) => {
            format!("You don't have permission to restore {}.", pages.noun.many)
        }
        Code::NotFound => "It can't be restored any more: that is possible for 10 minutes after it was deleted.".into(),
        _ if error.status == 403 => "Only the person who deleted it can restore it.".into(),
        _ => format!("Couldn't restore it: {error}."),
    }
}
