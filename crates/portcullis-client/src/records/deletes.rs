//! Optimistic deletes: a record disappears at once, and reappears if the server refuses or the person undoes the
//! deletion.

use leptos::prelude::*;
use portcullis::record::RecordId;
use portcullis::{AppError, Code};

use super::{RecordType, StoredRecord};

/// Deleted records that lists hide, although their data may still contain them; a context of the application.
#[derive(Clone, Copy)]
pub struct OptimisticDeletes {
    /// Each with the revision from which lists no longer contain it, or `None` until the server has deleted it.
    records: RwSignal<Vec<(RecordId, Option<u32>)>>,
    /// Incremented when records change. A list that reads it is fetched again.
    revision: RwSignal<u32>,
}

/// How a deletion ended.
#[derive(Clone, PartialEq, Debug)]
pub enum DeleteOutcome {
    /// The record is deleted.
    Deleted,
    /// It is not deleted.
    Refused(AppError),
    /// It may be deleted: the response was lost, and the record can't be read.
    Unknown(AppError),
}

impl OptimisticDeletes {
    /// Provides the context.
    pub fn provide() {
        provide_context(Self { records: RwSignal::new(Vec::new()), revision: RwSignal::new(0) });
    }

    /// Returns the context that [`OptimisticDeletes::provide`] provided.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// Returns the current revision, and tracks it. A list reads it when it is fetched.
    #[must_use]
    pub fn revision(self) -> u32 {
        self.revision.get()
    }

    /// Returns whether a list that was fetched at `revision` hides the record `id`, and tracks changes.
    #[must_use]
    pub fn hides(self, id: RecordId, revision: u32) -> bool {
        let records = self.records.read();
        records.iter().any(|(hidden, since)| *hidden == id && since.is_none_or(|since| revision < since))
    }

    /// Fetches the lists again.
    pub fn refetch_lists(self) {
        self.revision.update(|revision| *revision += 1);
    }

    fn hide(self, id: RecordId) {
        self.records.update(|records| records.push((id, None)));
    }

    /// Hides the record `id` only in lists that were fetched before now: the server has deleted it.
    fn confirm(self, id: RecordId) {
        self.refetch_lists();
        let revision = self.revision.get_untracked();
        self.records.update(|records| {
            records.iter_mut().filter(|(hidden, _)| *hidden == id).for_each(|hidden| hidden.1 = Some(revision));
        });
    }

    fn show(self, id: RecordId) {
        self.records.update(|records| records.retain(|(hidden, _)| *hidden != id));
        self.refetch_lists();
    }

    /// Hides the record `id` at once. The returned future deletes it, and shows it again if it is not deleted.
    pub fn delete(
        self,
        record: &'static RecordType,
        id: RecordId,
        version: String,
    ) -> impl Future<Output = DeleteOutcome> {
        self.hide(id);
        async move {
            let outcome = match record.delete(id.to_string(), version).await {
                Ok(()) => DeleteOutcome::Deleted,
                Err(error) if !error.is_outcome_unknown() => DeleteOutcome::Refused(error),
                Err(error) => match record.get(id.to_string()).await {
                    Err(found) if found.code == Code::NotFound => DeleteOutcome::Deleted,
                    Ok(_) => DeleteOutcome::Refused(error),
                    Err(_) => DeleteOutcome::Unknown(error),
                },
            };
            match outcome {
                DeleteOutcome::Deleted => self.confirm(id),
                _ => self.show(id),
            }
            outcome
        }
    }

    /// Restores the record `id`, and shows it again.
    ///
    /// # Errors
    /// [`AppError`] if it is not restored, as far as is known.
    pub async fn restore(self, record: &RecordType, id: RecordId) -> Result<(), AppError> {
        if let Err(error) = record.restore(id.to_string()).await {
            // The record may be restored, although the response was lost.
            let exists = error.is_outcome_unknown() && record.get(id.to_string()).await.is_ok();
            if !exists {
                return Err(error);
            }
        }
        self.show(id);
        Ok(())
    }
}

impl RecordType {
    /// Restores the record `id`, or reads it if it exists again already: someone else has restored it, or a response
    /// was lost.
    ///
    /// # Errors
    /// [`AppError`] if it is not restored.
    pub async fn restore_or_get(&self, id: String) -> Result<StoredRecord, AppError> {
        match self.restore(id.clone()).await {
            Ok(record) => Ok(record),
            Err(error) => self.get(id).await.map_err(|_| error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_record::{Server, THING, Thing, now};
    use super::*;

    const ID: RecordId = RecordId([0x11; 12]);

    /// Runs `test` with the deletes of an application whose server stores one thing.
    fn with_deletes(test: impl FnOnce(OptimisticDeletes)) {
        Server::start_with(Thing::named("Lamp"), "1");
        Owner::new().with(|| {
            OptimisticDeletes::provide();
            test(OptimisticDeletes::get());
        });
    }

    fn delete(deletes: OptimisticDeletes, version: &str) -> DeleteOutcome {
        now(deletes.delete(THING, ID, version.into()))
    }

    #[test]
    fn delete_hides_the_record_at_once() {
        with_deletes(|deletes| {
            let before = untrack(|| deletes.revision());
            let deleting = deletes.delete(THING, ID, "1".into());
            assert!(deletes.hides(ID, before));
            assert_eq!(now(deleting), DeleteOutcome::Deleted);
            // A list that is fetched from now on does not contain it, unless it was restored elsewhere.
            assert!(deletes.hides(ID, before) && !deletes.hides(ID, untrack(|| deletes.revision())));
            assert_eq!(now(deletes.restore(THING, ID)), Ok(()));
            assert!(!deletes.hides(ID, before));
        });
    }

    #[test]
    fn delete_that_is_refused_shows_the_record_again() {
        with_deletes(|deletes| {
            let revision = untrack(|| deletes.revision());
            assert!(matches!(delete(deletes, "0"), DeleteOutcome::Refused(_)));
            assert!(!deletes.hides(ID, revision));
        });
    }

    #[test]
    fn delete_with_lost_response_reads_the_record() {
        with_deletes(|deletes| {
            Server::lose_next_response();
            assert_eq!(delete(deletes, "1"), DeleteOutcome::Deleted);
            Server::lose_next_response();
            assert_eq!(now(deletes.restore(THING, ID)), Ok(()));
            Server::lose_next_response();
            Server::fail_next_get();
            assert!(matches!(delete(deletes, "1"), DeleteOutcome::Unknown(_)));
            assert!(!deletes.hides(ID, untrack(|| deletes.revision())));
        });
    }

    #[test]
    fn restore_or_get_reads_a_restored_record() {
        with_deletes(|_| {
            let found = now(THING.restore_or_get(ID.to_string())).expect("it exists");
            assert_eq!(found.version, "1");
            Server::start_empty();
            assert_eq!(now(THING.restore_or_get(ID.to_string())).expect_err("it is gone").code, Code::NotFound);
        });
    }
}
