//! Optimistic deletes: a record disappears at once, and comes back if the server refuses or the person undoes it.

use leptos::prelude::*;
use portcullis::record::RecordId;
use portcullis::{AppError, Code};

use super::{RecordType, StoredRecord};

/// Records that lists hide although a list that was fetched may still hold them; a context of the application.
#[derive(Clone, Copy)]
pub struct OptimisticDeletes {
    /// Each with the turn from which on lists do not hold it; `None` while the server has not deleted it yet.
    records: RwSignal<Vec<(RecordId, Option<u32>)>>,
    /// Counts what happened to records. A list that reads it is fetched again when it changes.
    turn: RwSignal<u32>,
}

/// How a deletion ended.
#[derive(Clone, PartialEq, Debug)]
pub enum DeleteOutcome {
    /// The record is deleted.
    Deleted,
    /// It is not deleted.
    Refused(AppError),
    /// It may be deleted: the answer was lost, and the record cannot be read.
    Unknown(AppError),
}

impl OptimisticDeletes {
    /// Provides the context.
    pub fn provide() {
        provide_context(Self { records: RwSignal::new(Vec::new()), turn: RwSignal::new(0) });
    }

    /// Returns the context that [`OptimisticDeletes::provide`] provided.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// Returns the current turn and tracks it, for a list that is being fetched.
    #[must_use]
    pub fn turn(self) -> u32 {
        self.turn.get()
    }

    /// Returns whether the record `id` is hidden in a list that was fetched in `turn`. Tracks changes.
    #[must_use]
    pub fn hides(self, id: RecordId, turn: u32) -> bool {
        let records = self.records.read();
        records.iter().any(|(hidden, since)| *hidden == id && since.is_none_or(|since| turn < since))
    }

    /// Fetches the lists again: something was created.
    pub fn refetch_lists(self) {
        self.turn.update(|turn| *turn += 1);
    }

    fn hide(self, id: RecordId) {
        self.records.update(|records| records.push((id, None)));
    }

    /// Hides the record `id` in lists that were fetched before now.
    fn settle(self, id: RecordId) {
        self.refetch_lists();
        let turn = self.turn.get_untracked();
        self.records.update(|records| {
            records.iter_mut().filter(|(hidden, _)| *hidden == id).for_each(|hidden| hidden.1 = Some(turn));
        });
    }

    fn show(self, id: RecordId) {
        self.records.update(|records| records.retain(|(hidden, _)| *hidden != id));
        self.refetch_lists();
    }

    /// Hides the record `id` at once. The future deletes it, and shows it again unless it is deleted.
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
                DeleteOutcome::Deleted => self.settle(id),
                _ => self.show(id),
            }
            outcome
        }
    }

    /// Restores the record `id`, and shows it again.
    ///
    /// # Errors
    /// Why it is not restored, as far as is known.
    pub async fn restore(self, record: &RecordType, id: RecordId) -> Result<(), AppError> {
        if let Err(error) = record.restore(id.to_string()).await {
            // It may be that only the answer was lost.
            let is_there = error.is_outcome_unknown() && record.get(id.to_string()).await.is_ok();
            if !is_there {
                return Err(error);
            }
        }
        self.show(id);
        Ok(())
    }
}

impl RecordType {
    /// Restores the record `id`. It may exist again already: someone else has restored it, or an answer was lost.
    ///
    /// # Errors
    /// Why it is not restored.
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
        Server::stores(Thing::named("Lamp"), "1");
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
            let before = untrack(|| deletes.turn());
            let deleting = deletes.delete(THING, ID, "1".into());
            assert!(deletes.hides(ID, before));
            assert_eq!(now(deleting), DeleteOutcome::Deleted);
            // A list that is fetched from now on does not hold it, unless it was restored elsewhere.
            assert!(deletes.hides(ID, before) && !deletes.hides(ID, untrack(|| deletes.turn())));
            assert_eq!(now(deletes.restore(THING, ID)), Ok(()));
            assert!(!deletes.hides(ID, before));
        });
    }

    #[test]
    fn delete_that_is_refused_shows_the_record_again() {
        with_deletes(|deletes| {
            let turn = untrack(|| deletes.turn());
            assert!(matches!(delete(deletes, "0"), DeleteOutcome::Refused(_)));
            assert!(!deletes.hides(ID, turn));
        });
    }

    #[test]
    fn delete_with_a_lost_response_is_found_out() {
        with_deletes(|deletes| {
            Server::loses_next_answer();
            assert_eq!(delete(deletes, "1"), DeleteOutcome::Deleted);
            Server::loses_next_answer();
            assert_eq!(now(deletes.restore(THING, ID)), Ok(()));
            Server::loses_next_answer();
            Server::is_unreachable_for_next_get();
            assert!(matches!(delete(deletes, "1"), DeleteOutcome::Unknown(_)));
            assert!(!deletes.hides(ID, untrack(|| deletes.turn())));
        });
    }

    #[test]
    fn restore_or_get_finds_what_is_restored_already() {
        with_deletes(|_| {
            let found = now(THING.restore_or_get(ID.to_string())).expect("it exists");
            assert_eq!(found.version, "1");
            Server::deletes();
            assert_eq!(now(THING.restore_or_get(ID.to_string())).expect_err("it is gone").code, Code::NotFound);
        });
    }
}
