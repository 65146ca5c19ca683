//! Saving an edit on top of whatever is stored: other changes are merged in, and a lost answer is looked into.

use super::entries::{Base, values};
use crate::error::{AppError, Code};
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
    Failed { error: AppError, attempted: Option<ItemDraft> },
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
        let was_lost = error.code == Code::Unreachable;
        let attempted_now = was_lost.then(|| merged.merged.clone());
        match error.code {
            Code::NotFound => return Outcome::Deleted,
            Code::PreconditionFailed | Code::Unreachable => {}
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
        if attempted.as_ref() == Some(&stored) {
            base = rebased(&base, &yours, &stored);
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

/// Returns `base` with the fields that `yours` had changed as they are `stored`: those are saved.
fn rebased(base: &ItemDraft, yours: &ItemDraft, stored: &ItemDraft) -> ItemDraft {
    let mut rebased = base.clone();
    for field in Field::ALL {
        if !field.is_same(yours, base) {
            field.copy(stored, &mut rebased);
        }
    }
    rebased
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, description: &str) -> ItemDraft {
        ItemDraft { name: name.into(), description: Some(description.into()), ..ItemDraft::default() }
    }

    #[test]
    fn second_save_after_lost_answer_keeps_what_was_merged_in() {
        let (base, stored) = (draft("Lamp", "Dim"), draft("Torch", "Bright"));
        // The first save sent "Bright" and merged "Torch" in; its answer was lost, and the form still shows "Lamp".
        let yours = draft("Lamp", "Bright");
        let again = merge(&rebased(&base, &yours, &stored), &yours, &stored);
        assert_eq!((again.merged, again.conflicts), (stored.clone(), vec![]));
        // What is typed after that is saved on top.
        let more = draft("Lamp", "Brighter");
        let again = merge(&rebased(&base, &more, &stored), &more, &stored);
        assert_eq!((again.merged, again.conflicts), (draft("Torch", "Brighter"), vec![]));
    }
}
