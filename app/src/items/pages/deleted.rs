//! The dialog for an item that was deleted while its form was open: what was typed stays, and the item can come back.

use leptos::prelude::*;
use leptos::task::spawn_local;
use portcullis::{AppError, Code, Right, Scope};
use portcullis_client::Session;

use super::editing::{Deleted, Editing};
use super::new::creation_key;
use crate::items::api::{create_item, get_item, restore_item};
use crate::items::{DeleteItems, Item};
use crate::ui::{Blocked, Button, Dialog, Kind};

/// Asks what to do about a deleted item, while there is one. Closing the dialog is going on with the form.
#[component]
pub fn DeletedDialog(
    /// The item with its form.
    editing: Editing,
) -> impl IntoView {
    let session = Session::get();
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
    let blocked = Signal::derive(move || Blocked::by(session, DeleteItems::ACCESS));
    let restore = move |()| {
        let unsaved = editing.deleted.get_untracked().and_then(|Deleted { unsaved }| unsaved);
        let id = editing.item.read_untracked().id.to_string();
        busy.set(true);
        spawn_local(async move {
            let answer = restored(id).await;
            if !editing.here.is_there() {
                return;
            }
            busy.set(false);
            match answer {
                Ok(item) => {
                    editing.toasts.say(format!("“{}” restored.", item.title()));
                    editing.exists.set(true);
                    editing.item.set(item);
                    open.set(false);
                    if let Some(unsaved) = unsaved {
                        editing.save(unsaved);
                    }
                }
                Err(error) => refused.set(Some(why(&error))),
            }
        });
    };
    let create = move |()| {
        let Ok(draft) = untrack(|| editing.entries.draft()) else {
            // What is wrong is said beside its field.
            editing.entries.tried.set(true);
            return open.set(false);
        };
        let mut slot = editing.draft.slot();
        let key = creation_key(&format!("again-{}", editing.item.read_untracked().id), &draft);
        busy.set(true);
        spawn_local(async move {
            let answer = create_item(draft, Some(key)).await;
            if answer.is_ok() {
                slot.remove();
            }
            if !editing.here.is_there() {
                return;
            }
            busy.set(false);
            match answer {
                Ok(item) => {
                    editing.toasts.say(format!("“{}” was created.", item.title()));
                    open.set(false);
                    editing.go.get_value()(&format!("/item/{}", item.id));
                }
                Err(error) => {
                    editing.entries.refused.set(error.inner.fields.clone());
                    editing.toasts.failed("Couldn't create the item", &error);
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
        is_needed.then(|| view! { <Button id="deleted-create" press=create busy label="Create as a new item"/> })
    };
    view! {
        <Dialog id="deleted" title="This item was deleted while you were editing." open>
            <p>"Your text is still in the form. Restore the item to save your changes, or discard them."</p>
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

/// Restores the item `id`. It may be there again already: somebody else has restored it, or an answer was lost.
async fn restored(id: String) -> Result<Item, AppError> {
    match restore_item(id.clone()).await {
        Ok(item) => Ok(item),
        Err(error) => get_item(id).await.map_err(|_| error),
    }
}

/// Why it cannot be restored, in words for the person.
fn why(error: &AppError) -> String {
    let is_missing = |scope: &Scope| error.inner.missing_scopes.iter().any(|missing| *missing == scope.0);
    match error.code {
        Code::InsufficientScope if DeleteItems::ACCESS.scopes().iter().any(is_missing) => {
            "You don't have permission to restore items.".into()
        }
        Code::NotFound => "It can't be restored any more: that is possible for 10 minutes after it was deleted.".into(),
        _ if error.status == 403 => "Only the person who deleted it can restore it.".into(),
        _ => format!("Couldn't restore it: {error}."),
    }
}
