//! Saves an edit: merges the changes of others, and reads what is stored after a lost response.

use portcullis::{AppError, Code};

use super::{Attempt, Base, RecordType, StoredRecord, Values, merge};

/// How many times an edit is merged and sent while the record keeps changing.
const MAX_ATTEMPTS: usize = 5;

/// The result of a save.
#[derive(Clone, PartialEq, Debug)]
pub enum SaveOutcome {
    /// The edit is stored.
    Saved {
        /// What is stored.
        record: StoredRecord,
        /// The names of the fields that the changes of others were merged into.
        from_theirs: Vec<&'static str>,
    },
    /// Both sides changed the same field, so nothing was saved.
    Conflict {
        /// What is stored.
        theirs: StoredRecord,
        /// What both sides started from.
        base: Values,
    },
    /// The record does not exist, so nothing was saved.
    Deleted,
    /// The edit was not saved, as far as is known.
    Failed {
        /// Why not.
        error: AppError,
        /// What may have been saved despite the error.
        attempted: Option<Attempt>,
    },
}

/// Saves `yours`, which started from `base`, as the record `id`.
pub async fn save(record: &RecordType, id: String, base: Base, yours: Values) -> SaveOutcome {
    let Base { origin: mut version, values: mut base, attempted, .. } = base;
    let mut merge_result = merge(record, &base, &yours, &base);
    let mut last_error = None;
    for _ in 0..MAX_ATTEMPTS {
        let error = match record.update(id.clone(), version, merge_result.merged.clone()).await {
            Ok(saved) => return SaveOutcome::Saved { record: saved, from_theirs: merge_result.from_theirs },
            Err(error) => error,
        };
        let is_outcome_unknown = error.is_outcome_unknown();
        let attempted_now = is_outcome_unknown
            .then(|| Attempt { sent: merge_result.merged.clone(), own: changed(record, &base, &yours) });
        match error.code {
            Code::NotFound => return SaveOutcome::Deleted,
            Code::PreconditionFailed => {}
            _ if is_outcome_unknown => {}
            _ => return SaveOutcome::Failed { error, attempted },
        }
        let theirs = match record.get(id.clone()).await {
            Ok(theirs) => theirs,
            Err(found) if found.code == Code::NotFound => return SaveOutcome::Deleted,
            Err(_) if is_outcome_unknown => return SaveOutcome::Failed { error, attempted: attempted_now },
            Err(found) => return SaveOutcome::Failed { error: found, attempted },
        };
        let stored = &theirs.fields;
        // What is stored was sent by this form in an attempt whose response was lost. The fields that the person had
        // changed are not a change of someone else; those that were merged in are.
        if let Some(Attempt { own, .. }) = attempted.as_ref().filter(|attempt| attempt.sent == *stored) {
            base = rebased(record, &base, own, stored);
        }
        merge_result = merge(record, &base, &yours, stored);
        if merge_result.conflicts.is_empty() && merge_result.merged == *stored {
            return SaveOutcome::Saved { record: theirs, from_theirs: merge_result.from_theirs };
        }
        if is_outcome_unknown {
            return SaveOutcome::Failed { error, attempted: attempted_now };
        }
        if !merge_result.conflicts.is_empty() {
            return SaveOutcome::Conflict { theirs, base };
        }
        version = theirs.version;
        last_error = Some(error);
    }
    SaveOutcome::Failed { error: last_error.unwrap_or_else(AppError::internal), attempted }
}

/// Returns the names of the fields that `yours` has changed.
fn changed(record: &RecordType, base: &Values, yours: &Values) -> Vec<String> {
    let changed = record.fields.iter().filter(|field| !field.is_same(yours, base));
    changed.map(|field| field.name().to_owned()).collect()
}

/// Returns `base` with the `stored` values of the fields `own`, which are saved.
fn rebased(record: &RecordType, base: &Values, own: &[String], stored: &Values) -> Values {
    let mut rebased = base.clone();
    own.iter().filter_map(|name| record.field(name)).for_each(|field| field.copy(stored, &mut rebased));
    rebased
}

#[cfg(test)]
mod tests {
    use super::super::test_record::{Server, THING, Thing, now, stored, thing, values};
    use super::*;

    fn base() -> Base {
        Base::from_record(&stored(&thing("Lamp", "Dim"), "1"))
    }

    fn save(base: Base, yours: &Thing) -> SaveOutcome {
        now(super::save(THING, "1".repeat(24), base, values(yours)))
    }

    fn saved(outcome: SaveOutcome) -> (Thing, Vec<&'static str>) {
        match outcome {
            SaveOutcome::Saved { record, from_theirs } => {
                (RecordType::typed(record).expect("a thing").fields, from_theirs)
            }
            other => panic!("{other:?}"),
        }
    }

    /// Returns what the form knows after a save of `yours` whose response was lost, and whose result could not be read.
    fn base_after_lost_save(yours: &Thing) -> Base {
        Server::lose_next_response();
        Server::fail_next_get();
        match save(base(), yours) {
            SaveOutcome::Failed { attempted: Some(attempted), .. } => Base { attempted: Some(attempted), ..base() },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn save_on_top_of_another_change_keeps_both() {
        Server::start_with(thing("Torch", "Dim"), "2");
        assert_eq!(saved(save(base(), &thing("Lamp", "Bright"))), (thing("Torch", "Bright"), vec!["name"]));
        assert_eq!(Server::stored(), thing("Torch", "Bright"));
    }

    #[test]
    fn save_of_a_field_that_both_changed_writes_nothing() {
        Server::start_with(thing("Torch", "Dim"), "2");
        let outcome = save(base(), &thing("Candle", "Dim"));
        let theirs = stored(&thing("Torch", "Dim"), "2");
        assert_eq!(outcome, SaveOutcome::Conflict { theirs, base: values(&thing("Lamp", "Dim")) });
        assert_eq!(Server::stored(), thing("Torch", "Dim"));
    }

    #[test]
    fn save_with_lost_response_finds_the_stored_record() {
        Server::start_with(thing("Lamp", "Dim"), "1");
        Server::lose_next_response();
        assert_eq!(saved(save(base(), &thing("Lamp", "Bright"))), (thing("Lamp", "Bright"), vec![]));
    }

    #[test]
    fn second_save_after_lost_response_keeps_the_merge() {
        // Someone else wrote "Torch", and the form still shows "Lamp".
        for (again, expected) in [("Bright", "Bright"), ("Brighter", "Brighter")] {
            Server::start_with(thing("Lamp", "Dim"), "1");
            let base = base_after_lost_save(&thing("Lamp", "Bright"));
            let sent = values(&thing("Torch", "Bright"));
            let base = Base { attempted: base.attempted.map(|attempt| Attempt { sent, ..attempt }), ..base };
            Server::start_with(thing("Torch", "Bright"), "3");
            let (stored, _) = saved(save(base, &thing("Lamp", again)));
            assert_eq!(stored, thing("Torch", expected));
        }
    }

    #[test]
    fn second_save_after_lost_response_can_revert_the_first() {
        Server::start_with(thing("Lamp", "Dim"), "1");
        let base = base_after_lost_save(&thing("Lamp", "Bright"));
        assert_eq!(Server::stored(), thing("Lamp", "Bright"));
        assert_eq!(saved(save(base, &thing("Lamp", "Dim"))).0, thing("Lamp", "Dim"));
        assert_eq!(Server::stored(), thing("Lamp", "Dim"));
    }

    #[test]
    fn save_of_deleted_record_returns_deleted() {
        Server::start_empty();
        assert_eq!(save(base(), &thing("Lamp", "Bright")), SaveOutcome::Deleted);
    }
}
