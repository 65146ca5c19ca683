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

/// Returns the handler that deletes the record. The record disappears at once, reappears if the server refuses, and can
/// be restored for a while.
pub fn delete_handler(pages: &'static Pages, record: RwSignal<StoredRecord>) -> impl Fn(()) + Send + Sync + 'static {
    let (deletes, toasts) = (OptimisticDeletes::get(), Toasts::get());
    let navigate = use_navigate();
    move |()| {
        let name = record.with_untracked(|record| pages.title(record));
        let StoredRecord { id, version, .. } = record.get_untracked();
        let deleting = deletes.delete(&pages.record, id, version);
        navigate(pages.list.path, Default::default());
        spawn_local(async move {
            let outcome = deleting.await;
            let deleted = DeletedRecord { pages, id, name, deletes, toasts };
            match outcome {
                DeleteOutcome::Deleted => {
                    let message = format!("“{}” was deleted.", deleted.name);
                    deleted.offer_restore(message, "Undo");
                }
                DeleteOutcome::Refused(error) => {
                    toasts.app_error(format!("Couldn't delete “{}”", deleted.name), &error)
                }
                DeleteOutcome::Unknown(error) => {
                    let message = format!("“{}” may not have been deleted: {error}.", deleted.name);
                    deleted.offer_restore(message, "Undo");
                }
            }
        });
    }
}

/// A record that was deleted, with what it takes to restore it.
#[derive(Clone)]
struct DeletedRecord {
    pages: &'static Pages,
    id: RecordId,
    name: String,
    deletes: OptimisticDeletes,
    toasts: Toasts,
}

impl DeletedRecord {
    /// Shows `message` with a button that restores the record.
    fn offer_restore(self, message: String, label: &'static str) {
        let toasts = self.toasts;
        let restore = move || {
            let deleted = self.clone();
            spawn_local(async move { deleted.restore().await });
        };
        toasts.info_with_action(message, label, Arc::new(restore));
    }

    async fn restore(self) {
        match self.deletes.restore(&self.pages.record, self.id).await {
            Ok(()) => self.toasts.info(format!("“{}” restored.", self.name)),
            Err(error) => self.on_restore_failed(&error),
        }
    }

    fn on_restore_failed(self, error: &AppError) {
        let message = format!("Couldn't restore “{}”", self.name);
        match error.status {
            0 | 500.. => self.offer_restore(format!("{message}: {error}."), "Try again"),
            _ => self.toasts.app_error(message, error),
        }
    }
}
