//! The dialog for a record that was deleted while its form was open: what was typed stays, and the record can be
//! restored.

use leptos::prelude::*;
use leptos::task::spawn_local;
use portcullis::{AppError, Code, Scope};
use portcullis_client::Session;
use portcullis_client::records::creation_key;

use super::editing::{Deleted, Editing};
use super::{Noun, Pages};
use crate::ui::{Blocked, Button, ButtonKind, Dialog};

/// Asks what to do about a deleted record, while there is one. Closing the dialog continues with the form.
#[component]
pub fn DeletedDialog(
    /// The record and its form.
    editing: Editing,
) -> impl IntoView {
    let (session, pages) = (Session::get(), editing.pages);
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let restore_error = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let is_open = editing.deleted.with(Option::is_some);
        if is_open {
            restore_error.set(None);
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
    let blocked = Signal::derive(move || Blocked::for_access(session, pages.record.delete_access));
    let restore = move |()| {
        let unsaved = editing.deleted.get_untracked().and_then(|Deleted { unsaved }| unsaved);
        let id = editing.record.read_untracked().id.to_string();
        busy.set(true);
        spawn_local(async move {
            let result = pages.record.restore_or_get(id).await;
            if !editing.here.is_connected() {
                return;
            }
            busy.set(false);
            match result {
                Ok(record) => {
                    editing.toasts.info(format!("“{}” restored.", pages.title(&record)));
                    editing.exists.set(true);
                    editing.record.set(record);
                    open.set(false);
                    if let Some(unsaved) = unsaved {
                        editing.save(unsaved);
                    }
                }
                Err(error) => restore_error.set(Some(restore_message(pages, &error))),
            }
        });
    };
    let create = move |()| {
        let Ok(values) = untrack(|| editing.form.read()) else {
            // Each error is shown beside its field.
            editing.form.was_submitted.set(true);
            return open.set(false);
        };
        let mut slot = editing.draft.slot();
        let key = creation_key(&format!("again-{}", editing.record.read_untracked().id), &values);
        busy.set(true);
        spawn_local(async move {
            let result = pages.record.create(values, Some(key)).await;
            if result.is_ok() {
                slot.remove();
            }
            if !editing.here.is_connected() {
                return;
            }
            busy.set(false);
            match result {
                Ok(record) => {
                    editing.toasts.info(format!("“{}” was created.", pages.title(&record)));
                    open.set(false);
                    editing.navigate.get_value()(&pages.path_of(record.id));
                }
                Err(error) => {
                    editing.form.server_errors.set(error.inner.fields.clone());
                    editing.toasts.app_error(format!("Couldn't create the {}", pages.noun.one), &error);
                }
            }
        });
    };
    let discard = move |()| {
        open.set(false);
        editing.discard();
    };
    let create_button = move || {
        // When a session ends, these signals may be disposed before the button that reads them.
        let is_needed = restore_error.try_with(Option::is_some).unwrap_or_default()
            || blocked.try_with(Option::is_some).unwrap_or_default();
        is_needed.then(|| view! { <Button id="deleted-create" on_press=create busy label=format!("Create as a new {}", pages.noun.one)/> })
    };
    let Noun { one, .. } = pages.noun;
    view! {
        <Dialog id="deleted" title=format!("This {one} was deleted while you were editing.") open>
            <p>{format!("Your text is still in the form. Restore the {one} to save your changes, or discard them.")}</p>
            <p role="alert" class="refused">{restore_error}</p>
            <div class="actions">
                <Button id="deleted-discard" on_press=discard busy label="Discard my changes"/>
                {create_button}
                <Button id="deleted-restore" kind=ButtonKind::Primary on_press=restore busy blocked label="Restore"/>
            </div>
        </Dialog>
    }
    .into_any()
}

/// Returns why the record can't be restored, in words for the person.
fn restore_message(pages: &Pages, error: &AppError) -> String {
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
