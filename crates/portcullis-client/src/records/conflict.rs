//! Two changes of the same field: what there is to choose from, and what is saved in the end.

use super::{Merge, RecordType, StoredRecord, Values, merge};

/// A change that came too late, and touched what another change touched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// What both changes started from.
    pub base: Values,
    /// What was to be saved.
    pub yours: Values,
    /// What is stored now.
    pub theirs: StoredRecord,
}

/// What the person wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    /// To continue with the form.
    Edit,
    /// To save these values, on top of what is stored.
    Save(Values),
    /// To leave what is stored as it is.
    Discard,
}

/// One of the two versions of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// What is stored now.
    Stored,
    /// What was to be saved.
    Yours,
}

impl Conflict {
    /// Returns the two changes together.
    #[must_use]
    pub fn merge(&self, record: &RecordType) -> Merge {
        merge(record, &self.base, &self.yours, &self.theirs.fields)
    }

    /// Returns what to save when `chosen` names the side of each field in conflict; `None` while one is missing.
    #[must_use]
    pub fn resolve(&self, record: &RecordType, chosen: &[(&'static str, Side)]) -> Option<Values> {
        let Merge { mut merged, conflicts, .. } = self.merge(record);
        for name in conflicts {
            match chosen.iter().find(|(of, _)| *of == name)?.1 {
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
