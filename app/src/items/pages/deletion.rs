//! The end of an item, and its way back.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use portcullis::record::RecordId;
use portcullis::{AppError, Code};

use super::Gone;
use crate::items::LIST_PAGE;
use crate::items::api::{delete_item, get_item, restore_item};
use crate::items::item::Item;
use crate::ui::Toasts;

/// Deletes the item: it is gone at once, comes back if the server refuses, and can be brought back for a while.
pub fn deletion(item: RwSignal<Item>) -> impl Fn(()) + Send + Sync + 'static {
    let (gone, toasts) = (Gone::get(), Toasts::get());
    let navigate = use_navigate();
    move |()| {
        let name = item.with_untracked(|item| item.title().to_owned());
        let Item { id, version, .. } = item.get_untracked();
        gone.hide(id);
        navigate(LIST_PAGE.path, Default::default());
        spawn_local(async move {
            let answer = delete_item(id.to_string(), version).await;
            let deleted = Deleted { id, name, gone, toasts };
            match answer {
                Ok(()) => deleted.settle(),
                Err(error) if error.is_outcome_unknown() => deleted.find_out(error).await,
                Err(error) => deleted.refused(&error),
            }
        });
    }
}

/// An item that was deleted, with what it takes to bring it back.
#[derive(Clone)]
struct Deleted {
    id: RecordId,
    name: String,
    gone: Gone,
    toasts: Toasts,
}

impl Deleted {
    fn settle(self) {
        self.gone.settle(self.id);
        let said = format!("“{}” was deleted.", self.name);
        self.offer(said, "Undo");
    }

    fn refused(self, error: &AppError) {
        self.gone.show(self.id);
        self.toasts.failed(format!("Couldn't delete “{}”", self.name), error);
    }

    /// The answer to the deletion was lost: `error`.
    async fn find_out(self, error: AppError) {
        match get_item(self.id.to_string()).await {
            Err(found) if found.code == Code::NotFound => self.settle(),
            Ok(_) => self.refused(&error),
            Err(_) => {
                self.gone.show(self.id);
                let said = format!("“{}” may not have been deleted: {error}.", self.name);
                self.offer(said, "Undo");
            }
        }
    }

    /// Says `said` and offers to bring the item back; should that fail, again.
    fn offer(self, said: String, label: &'static str) {
        let toasts = self.toasts;
        let restore = move || {
            let deleted = self.clone();
            spawn_local(async move { deleted.restore().await });
        };
        toasts.offer(said, label, Arc::new(restore));
    }

    async fn restore(self) {
        let Err(error) = restore_item(self.id.to_string()).await else { return self.came_back() };
        // Only the answer may have been lost.
        if error.is_outcome_unknown() && get_item(self.id.to_string()).await.is_ok() {
            return self.came_back();
        }
        let said = format!("Couldn't restore “{}”", self.name);
        match error.status {
            0 | 500.. => self.offer(format!("{said}: {error}."), "Try again"),
            _ => self.toasts.failed(said, &error),
        }
    }

    fn came_back(self) {
        self.gone.show(self.id);
        self.toasts.say(format!("“{}” restored.", self.name));
    }
}
