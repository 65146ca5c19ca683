//! Three-way merge: what two changes that started from the same item become together.

use serde::{Deserialize, Serialize};

use super::draft::ItemDraft;

/// A field that is merged as a whole. A price means nothing without its currency, so the two are one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Field {
    /// The name.
    Name,
    /// The description.
    Description,
    /// The price with its currency.
    Price,
}

impl Field {
    /// Every field, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Name, Self::Description, Self::Price];

    /// The label of the field in the form.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Description => "Description",
            Self::Price => "Price",
        }
    }

    /// Whether the field is the same in both drafts.
    #[must_use]
    pub fn is_same(self, one: &ItemDraft, other: &ItemDraft) -> bool {
        match self {
            Self::Name => one.name == other.name,
            Self::Description => one.description == other.description,
            Self::Price => (one.price, &one.currency) == (other.price, &other.currency),
        }
    }

    /// Copies the field from one draft into another.
    pub fn copy(self, from: &ItemDraft, to: &mut ItemDraft) {
        match self {
            Self::Name => to.name.clone_from(&from.name),
            Self::Description => to.description.clone_from(&from.description),
            Self::Price => {
                to.price = from.price;
                to.currency.clone_from(&from.currency);
            }
        }
    }
}

/// What two changes become together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merge {
    /// Every field that only one side changed, as that side has it. A field in conflict is as yours.
    pub merged: ItemDraft,
    /// The fields that only the other side changed.
    pub from_theirs: Vec<Field>,
    /// The fields that both sides changed, to different values.
    pub conflicts: Vec<Field>,
}

/// Merges `yours` and `theirs`, which both started from `base`.
#[must_use]
pub fn merge(base: &ItemDraft, yours: &ItemDraft, theirs: &ItemDraft) -> Merge {
    let mut merge = Merge { merged: yours.clone(), from_theirs: Vec::new(), conflicts: Vec::new() };
    for field in Field::ALL {
        if field.is_same(yours, theirs) || field.is_same(theirs, base) {
            continue;
        }
        if field.is_same(yours, base) {
            field.copy(theirs, &mut merge.merged);
            merge.from_theirs.push(field);
        } else {
            merge.conflicts.push(field);
        }
    }
    merge
}

/// The labels of `fields` as they stand in a sentence: "Name", "Name and Price", "Name, Description and Price".
#[must_use]
pub fn labels(fields: &[Field]) -> String {
    let labels: Vec<_> = fields.iter().map(|field| field.label()).collect();
    match labels.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, description: &str, price: i64, currency: &str) -> ItemDraft {
        ItemDraft {
            name: name.into(),
            description: Some(description.into()),
            price: Some(price),
            currency: Some(currency.into()),
        }
    }

    fn base() -> ItemDraft {
        draft("Lamp", "Bright", 4900, "EUR")
    }

    #[test]
    fn merge_of_disjoint_changes_keeps_both() {
        let merge = merge(&base(), &draft("Lamp", "Brighter", 4900, "EUR"), &draft("Torch", "Bright", 5200, "EUR"));
        assert_eq!(merge.merged, draft("Torch", "Brighter", 5200, "EUR"));
        assert_eq!(merge.from_theirs, [Field::Name, Field::Price]);
        assert_eq!(merge.conflicts, []);
    }

    #[test]
    fn merge_of_one_field_changed_twice_conflicts() {
        let merge = merge(&base(), &draft("Mine", "Bright", 4900, "EUR"), &draft("Theirs", "Dim", 4900, "EUR"));
        assert_eq!(merge.conflicts, [Field::Name]);
        assert_eq!(merge.from_theirs, [Field::Description]);
        assert_eq!(merge.merged, draft("Mine", "Dim", 4900, "EUR"));
    }

    #[test]
    fn merge_of_equal_changes_is_no_conflict() {
        let both = draft("Torch", "Bright", 4900, "EUR");
        assert_eq!(merge(&base(), &both, &both), Merge { merged: both, from_theirs: vec![], conflicts: vec![] });
    }

    #[test]
    fn merge_without_own_change_takes_theirs() {
        let theirs = draft("Torch", "Dim", 1, "USD");
        let merge = merge(&base(), &base(), &theirs);
        assert_eq!(merge.merged, theirs);
        assert_eq!(merge.from_theirs, Field::ALL);
    }

    #[test]
    fn merge_without_their_change_keeps_yours() {
        let yours = draft("Torch", "Dim", 1, "USD");
        assert_eq!(merge(&base(), &yours, &base()), Merge { merged: yours, from_theirs: vec![], conflicts: vec![] });
    }

    #[test]
    fn merge_treats_price_and_currency_as_one() {
        let merge = merge(&base(), &draft("Lamp", "Bright", 4900, "USD"), &draft("Lamp", "Bright", 5200, "EUR"));
        assert_eq!(merge.conflicts, [Field::Price]);
        assert_eq!(merge.merged, draft("Lamp", "Bright", 4900, "USD"));
    }

    #[test]
    fn merge_takes_a_currency_that_only_they_changed() {
        let merge = merge(&base(), &draft("Mine", "Bright", 4900, "EUR"), &draft("Lamp", "Bright", 4900, "USD"));
        assert_eq!((merge.conflicts, merge.from_theirs), (vec![], vec![Field::Price]));
        assert_eq!(merge.merged, draft("Mine", "Bright", 4900, "USD"));
    }

    #[test]
    fn merge_takes_a_field_that_they_emptied() {
        let theirs = ItemDraft { description: None, price: None, currency: None, ..base() };
        let merge = merge(&base(), &draft("Mine", "Bright", 4900, "EUR"), &theirs);
        assert_eq!(merge.merged, ItemDraft { name: "Mine".into(), ..theirs });
    }

    #[test]
    fn merge_compares_texts_as_they_are() {
        // The same letters, once composed and once not: two texts, and nobody's is rewritten.
        let merge = merge(&base(), &draft("Caf\u{e9}", "🦊", 4900, "EUR"), &draft("Cafe\u{301}", "مصباح", 4900, "EUR"));
        assert_eq!(merge.conflicts, [Field::Name, Field::Description]);
    }

    #[test]
    fn labels_read_as_a_sentence() {
        assert_eq!(labels(&[]), "");
        assert_eq!(labels(&[Field::Name]), "Name");
        assert_eq!(labels(&[Field::Name, Field::Price]), "Name and Price");
        assert_eq!(labels(&Field::ALL), "Name, Description and Price");
    }
}
