//! Deleting a record, and undoing it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use portcullis::AppError;
use portcullis::record::RecordId;
use portcullis_client::records::{DeleteOutcome, OptimisticDeletes, StoredRecord};

use super::Pages;
use crate::ui::Toasts;

/// Returns what deletes the record: it disappears at once, comes back if the server refuses, and can be restored for a
/// while.
pub fn deletion(pages: &'static Pages, record: RwSignal<StoredRecord>) -> impl Fn(()) + Send + Sync + 'static {
    let (deletes, toasts) = (OptimisticDeletes::get(), Toasts::get());
    let navigate = use_navigate();
    move |()| {
        let name = record.with_untracked(|record| pages.title(record));
        let StoredRecord { id, version, .. } = record.get_untracked();
        let deleting = deletes.delete(&pages.record, id, version);
        navigate(pages.list.path, Default::default());
        spawn_local(async move {
            let outcome = deleting.await;
            let deleted = Deleted { pages, id, name, deletes, toasts };
            match outcome {
                DeleteOutcome::Deleted => {
                    let said = format!("“{}” was deleted.", deleted.name);
                    deleted.offer(said, "Undo");
                }
                DeleteOutcome::Refused(error) => toasts.failed(format!("Couldn't delete “{}”", deleted.name), &error),
                DeleteOutcome::Unknown(error) => {
                    let said = format!("“{}” may not have been deleted: {error}.", deleted.name);
                    deleted.offer(said, "Undo");
                }
            }
        });
    }
}

/// A record that was deleted, with what it takes to restore it.
#[derive(Clone)]
struct Deleted {
    pages: &'static Pages,
    id: RecordId,
    name: String,
    deletes: OptimisticDeletes,
    toasts: Toasts,
}

impl Deleted {
    /// Says `said` and offers to restore the record.
    fn offer(self, said: String, label: &'static str) {
        let toasts = self.toasts;
        let restore = move || {
            let deleted = self.clone();
            spawn_local(async move { deleted.restore().await });
        };
        toasts.offer(said, label, Arc::new(restore));
    }

    async fn restore(self) {
        match self.deletes.restore(&self.pages.record, self.id).await {
            Ok(()) => self.toasts.say(format!("“{}” restored.", self.name)),
            Err(error) => self.not_restored(&error),
        }
    }

    fn not_restored(self, error: &AppError) {
        let said = format!("Couldn't restore “{}”", self.name);
        match error.status {
            0 | 500.. => self.offer(format!("{said}: {error}."), "Try again"),
            _ => self.toasts.failed(said, error),
        }
    }
}
