//! Saving an edit on top of whatever is stored: other changes are merged in, and after a lost answer it is found out what
//! is stored.

use portcullis::{AppError, Code};

use super::{Attempt, Base, RecordType, StoredRecord, Values, merge};

/// How often an edit is merged and sent again while the record keeps changing.
const MAX_ATTEMPTS: usize = 5;

/// How saving ended.
#[derive(Clone, PartialEq, Debug)]
pub enum SaveOutcome {
    /// It is stored. `from_theirs` names the fields that another change brought.
    Saved {
        /// What is stored.
        record: StoredRecord,
        /// The fields that another change brought.
        from_theirs: Vec<&'static str>,
    },
    /// Both sides changed a field: nothing was saved.
    Conflict {
        /// What is stored.
        theirs: StoredRecord,
        /// What both started from.
        base: Values,
    },
    /// The record does not exist: nothing was saved.
    Deleted,
    /// It was not saved, as far as is known.
    Failed {
        /// Why not.
        error: AppError,
        /// What may have been saved all the same.
        attempted: Option<Attempt>,
    },
}

/// Saves `yours`, which started from `base`, as the record `id`.
pub async fn save(record: &RecordType, id: String, base: Base, yours: Values) -> SaveOutcome {
    let Base { origin: mut version, values: mut base, attempted, .. } = base;
    let mut merged = merge(record, &base, &yours, &base);
    let mut last = None;
    for _ in 0..MAX_ATTEMPTS {
        let error = match record.update(id.clone(), version, merged.merged.clone()).await {
            Ok(saved) => return SaveOutcome::Saved { record: saved, from_theirs: merged.from_theirs },
            Err(error) => error,
        };
        let was_lost = error.is_outcome_unknown();
        let attempted_now =
            was_lost.then(|| Attempt { sent: merged.merged.clone(), own: changed(record, &base, &yours) });
        match error.code {
            Code::NotFound => return SaveOutcome::Deleted,
            Code::PreconditionFailed => {}
            _ if was_lost => {}
            _ => return SaveOutcome::Failed { error, attempted },
        }
        let theirs = match record.get(id.clone()).await {
            Ok(theirs) => theirs,
            Err(found) if found.code == Code::NotFound => return SaveOutcome::Deleted,
            Err(_) if was_lost => return SaveOutcome::Failed { error, attempted: attempted_now },
            Err(found) => return SaveOutcome::Failed { error: found, attempted },
        };
        let stored = &theirs.fields;
        // This form sent before what is stored, and the answer was lost: that is not a change of someone else. What it had
        // merged in is someone else's all the same.
        if let Some(Attempt { own, .. }) = attempted.as_ref().filter(|attempt| attempt.sent == *stored) {
            base = rebased(record, &base, own, stored);
        }
        merged = merge(record, &base, &yours, stored);
        if merged.conflicts.is_empty() && merged.merged == *stored {
            return SaveOutcome::Saved { record: theirs, from_theirs: merged.from_theirs };
        }
        if was_lost {
            return SaveOutcome::Failed { error, attempted: attempted_now };
        }
        if !merged.conflicts.is_empty() {
            return SaveOutcome::Conflict { theirs, base };
        }
        version = theirs.version;
        last = Some(error);
    }
    SaveOutcome::Failed { error: last.unwrap_or_else(AppError::internal), attempted }
}

/// Returns the names of the fields that `yours` has changed.
fn changed(record: &RecordType, base: &Values, yours: &Values) -> Vec<String> {
    let changed = record.fields.iter().filter(|field| !field.is_same(yours, base));
    changed.map(|field| field.name().to_owned()).collect()
}

/// Returns `base` with the fields `own`, which are saved, as they are `stored`.
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
        Base::of(&stored(&thing("Lamp", "Dim"), "1"))
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

    /// What the form knows after a save of `yours` whose answer was lost, and could not be found out.
    fn base_after_lost_save(yours: &Thing) -> Base {
        Server::loses_next_answer();
        Server::is_unreachable_for_next_get();
        match save(base(), yours) {
            SaveOutcome::Failed { attempted: Some(attempted), .. } => Base { attempted: Some(attempted), ..base() },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn save_on_top_of_another_change_keeps_both() {
        Server::stores(thing("Torch", "Dim"), "2");
        assert_eq!(saved(save(base(), &thing("Lamp", "Bright"))), (thing("Torch", "Bright"), vec!["name"]));
        assert_eq!(Server::stored(), thing("Torch", "Bright"));
    }

    #[test]
    fn save_of_a_field_that_both_changed_writes_nothing() {
        Server::stores(thing("Torch", "Dim"), "2");
        let outcome = save(base(), &thing("Candle", "Dim"));
        let theirs = stored(&thing("Torch", "Dim"), "2");
        assert_eq!(outcome, SaveOutcome::Conflict { theirs, base: values(&thing("Lamp", "Dim")) });
        assert_eq!(Server::stored(), thing("Torch", "Dim"));
    }

    #[test]
    fn save_whose_answer_was_lost_is_found_to_be_stored() {
        Server::stores(thing("Lamp", "Dim"), "1");
        Server::loses_next_answer();
        assert_eq!(saved(save(base(), &thing("Lamp", "Bright"))), (thing("Lamp", "Bright"), vec![]));
    }

    #[test]
    fn second_save_after_lost_response_keeps_the_merge() {
        // "Torch" was someone else's, and the form still shows "Lamp".
        for (again, expected) in [("Bright", "Bright"), ("Brighter", "Brighter")] {
            Server::stores(thing("Lamp", "Dim"), "1");
            let base = base_after_lost_save(&thing("Lamp", "Bright"));
            let sent = values(&thing("Torch", "Bright"));
            let base = Base { attempted: base.attempted.map(|attempt| Attempt { sent, ..attempt }), ..base };
            Server::stores(thing("Torch", "Bright"), "3");
            let (stored, _) = saved(save(base, &thing("Lamp", again)));
            assert_eq!(stored, thing("Torch", expected));
        }
    }

    #[test]
    fn second_save_after_lost_answer_can_take_the_first_back() {
        Server::stores(thing("Lamp", "Dim"), "1");
        let base = base_after_lost_save(&thing("Lamp", "Bright"));
        assert_eq!(Server::stored(), thing("Lamp", "Bright"));
        assert_eq!(saved(save(base, &thing("Lamp", "Dim"))).0, thing("Lamp", "Dim"));
        assert_eq!(Server::stored(), thing("Lamp", "Dim"));
    }

    #[test]
    fn save_of_a_deleted_record_says_so() {
        Server::deletes();
        assert_eq!(save(base(), &thing("Lamp", "Bright")), SaveOutcome::Deleted);
    }
}
