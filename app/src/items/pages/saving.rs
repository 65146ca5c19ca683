//! Saving an edit on top of whatever is stored: other changes are merged in, and a lost answer is looked into.

use portcullis::{AppError, Code};

use super::entries::{Attempt, Base, values};
use crate::items::ItemDraft;
use crate::items::api::{get_item, update_item};
use crate::items::item::Item;
use crate::items::merge::{Field, merge};

/// How often an edit is merged and sent again, when the item keeps changing.
const MAX_ATTEMPTS: usize = 5;

/// How saving ended.
pub enum Outcome {
    /// It is stored. `from_theirs` are the fields that another change brought.
    Saved { item: Item, from_theirs: Vec<Field> },
    /// Both sides changed a field: nothing was saved. `base` is what both started from.
    Conflict { theirs: Item, base: ItemDraft },
    /// The item is not there: nothing was saved.
    Deleted,
    /// It was not saved, as far as is known. `attempted` is what may have been saved all the same.
    Failed { error: AppError, attempted: Option<Attempt> },
}

/// Saves `yours`, which started from `base`, as the item `id`.
pub async fn save(id: String, base: Base, yours: ItemDraft) -> Outcome {
    let Base { origin: mut version, values: mut base, attempted, .. } = base;
    let mut merged = merge(&base, &yours, &base);
    let mut last = None;
    for _ in 0..MAX_ATTEMPTS {
        let error = match update_item(id.clone(), version, merged.merged.clone()).await {
            Ok(item) => return Outcome::Saved { item, from_theirs: merged.from_theirs },
            Err(error) => error,
        };
        let was_lost = error.is_outcome_unknown();
        let attempted_now = was_lost.then(|| Attempt { sent: merged.merged.clone(), own: changed(&base, &yours) });
        match error.code {
            Code::NotFound => return Outcome::Deleted,
            Code::PreconditionFailed => {}
            _ if was_lost => {}
            _ => return Outcome::Failed { error, attempted },
        }
        let theirs = match get_item(id.clone()).await {
            Ok(theirs) => theirs,
            Err(found) if found.code == Code::NotFound => return Outcome::Deleted,
            Err(_) if was_lost => return Outcome::Failed { error, attempted: attempted_now },
            Err(found) => return Outcome::Failed { error: found, attempted },
        };
        let stored = values(&theirs);
        // What is stored is what this form sent before, and its answer was lost: that is no change of somebody else.
        // What it had merged in is somebody else's all the same.
        if let Some(Attempt { own, .. }) = attempted.as_ref().filter(|attempt| attempt.sent == stored) {
            base = rebased(&base, own, &stored);
        }
        merged = merge(&base, &yours, &stored);
        if merged.conflicts.is_empty() && merged.merged == stored {
            return Outcome::Saved { item: theirs, from_theirs: merged.from_theirs };
        }
        if was_lost {
            return Outcome::Failed { error, attempted: attempted_now };
        }
        if !merged.conflicts.is_empty() {
            return Outcome::Conflict { theirs, base };
        }
        version = theirs.version;
        last = Some(error);
    }
    Outcome::Failed { error: last.unwrap_or_else(AppError::internal), attempted }
}

/// Returns the fields that `yours` has changed.
fn changed(base: &ItemDraft, yours: &ItemDraft) -> Vec<Field> {
    Field::ALL.into_iter().filter(|field| !field.is_same(yours, base)).collect()
}

/// Returns `base` with the fields `own`, which are saved, as they are `stored`.
fn rebased(base: &ItemDraft, own: &[Field], stored: &ItemDraft) -> ItemDraft {
    let mut rebased = base.clone();
    own.iter().for_each(|field| field.copy(stored, &mut rebased));
    rebased
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, description: &str) -> ItemDraft {
        ItemDraft { name: name.into(), description: Some(description.into()), ..ItemDraft::default() }
    }

    /// What is saved when `again` is saved after a save of `yours` whose answer was lost.
    fn saved(yours: &ItemDraft, stored: &ItemDraft, again: &ItemDraft) -> (ItemDraft, Vec<Field>) {
        let base = draft("Lamp", "Dim");
        let merge = merge(&rebased(&base, &changed(&base, yours), stored), again, stored);
        (merge.merged, merge.conflicts)
    }

    #[test]
    fn second_save_after_lost_answer_keeps_what_was_merged_in() {
        // "Torch" was somebody else's, and the form still shows "Lamp".
        let (yours, stored) = (draft("Lamp", "Bright"), draft("Torch", "Bright"));
        assert_eq!(saved(&yours, &stored, &yours), (stored.clone(), vec![]));
        assert_eq!(saved(&yours, &stored, &draft("Lamp", "Brighter")), (draft("Torch", "Brighter"), vec![]));
    }

    #[test]
    fn second_save_after_lost_answer_can_take_the_first_back() {
        let (yours, stored) = (draft("Lamp", "Bright"), draft("Torch", "Bright"));
        assert_eq!(saved(&yours, &stored, &draft("Lamp", "Dim")), (draft("Torch", "Dim"), vec![]));
    }
}
