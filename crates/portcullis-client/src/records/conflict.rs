//! Conflicts: two changes of the same field, what a person can choose, and what is saved then.

use super::{Merge, RecordType, StoredRecord, Values, merge};

/// A change that was not saved, because another change of the same field was saved first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// What both changes started from.
    pub base: Values,
    /// The values that were not saved.
    pub yours: Values,
    /// What is stored now.
    pub theirs: StoredRecord,
}

/// What the person chooses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    /// Continue with the form.
    Edit,
    /// Save these values over what is stored.
    Save(Values),
    /// Leave what is stored as it is.
    Discard,
}

/// One of the two versions of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The value that is stored now.
    Stored,
    /// The value that was not saved.
    Yours,
}

impl Conflict {
    /// Merges the two changes.
    #[must_use]
    pub fn merge(&self, record: &RecordType) -> Merge {
        merge(record, &self.base, &self.yours, &self.theirs.fields)
    }

    /// Returns the values to save if `chosen` names a side for each field in conflict, and `None` if one is missing.
    #[must_use]
    pub fn resolve(&self, record: &RecordType, chosen: &[(&'static str, Side)]) -> Option<Values> {
        let Merge { mut merged, conflicts, .. } = self.merge(record);
        for name in conflicts {
            match chosen.iter().find(|(field, _)| *field == name)?.1 {
                Side::Stored => record.field(name)?.copy(&self.theirs.fields, &mut merged),
                Side::Yours => {}
            }
        }
        Some(merged)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_record::{THING, Thing, stored, values};
    use super::*;

    #[test]
    fn conflict_saves_nothing_until_each_field_is_chosen() {
        let base = Thing { price: Some(4900), currency: Some("EUR".into()), ..Thing::named("Lamp") };
        let yours = Thing { name: "Mine".into(), currency: Some("USD".into()), ..base.clone() };
        let theirs =
            Thing { name: "Theirs".into(), description: Some("Bright".into()), price: Some(5200), ..base.clone() };
        let conflict = Conflict { base: values(&base), yours: values(&yours), theirs: stored(&theirs, "2") };
        assert_eq!(conflict.resolve(THING, &[]), None);
        assert_eq!(conflict.resolve(THING, &[("name", Side::Yours)]), None);
        let chosen = conflict.resolve(THING, &[("price", Side::Stored), ("name", Side::Yours)]);
        assert_eq!(chosen, Some(values(&Thing { name: "Mine".into(), ..theirs })));
    }
}
