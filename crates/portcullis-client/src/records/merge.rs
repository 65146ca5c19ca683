//! Three-way merge of two changes that started from the same record.

use super::{RecordType, Values};

/// The result of merging two changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merge {
    /// The merged values. A field in conflict has your value.
    pub merged: Values,
    /// The names of the fields that only the other side changed.
    pub from_theirs: Vec<&'static str>,
    /// The names of the fields that both sides changed, to different values.
    pub conflicts: Vec<&'static str>,
}

/// Merges `yours` and `theirs`, which both started from `base`.
#[must_use]
pub fn merge(record: &RecordType, base: &Values, yours: &Values, theirs: &Values) -> Merge {
    let mut merge = Merge { merged: yours.clone(), from_theirs: Vec::new(), conflicts: Vec::new() };
    for field in record.fields {
        if field.is_same(yours, theirs) || field.is_same(theirs, base) {
            continue;
        }
        if field.is_same(yours, base) {
            field.copy(theirs, &mut merge.merged);
            merge.from_theirs.push(field.name());
        } else {
            merge.conflicts.push(field.name());
        }
    }
    merge
}

/// Returns the labels of the fields `names`, for a sentence: "Name", "Name and Price", "Name, Description and Price".
#[must_use]
pub fn labels(record: &RecordType, names: &[&str]) -> String {
    let labels: Vec<_> = names.iter().filter_map(|name| record.field(name)).map(|field| field.label).collect();
    match labels.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_record::{THING, Thing, values};
    use super::*;

    fn thing(name: &str, description: &str, price: i64, currency: &str) -> Values {
        values(&Thing {
            name: name.into(),
            description: Some(description.into()),
            price: Some(price),
            currency: Some(currency.into()),
            ..Thing::default()
        })
    }

    fn base() -> Values {
        thing("Lamp", "Bright", 4900, "EUR")
    }

    fn merge(base: &Values, yours: &Values, theirs: &Values) -> Merge {
        super::merge(THING, base, yours, theirs)
    }

    #[test]
    fn merge_of_disjoint_changes_keeps_both() {
        let merge = merge(&base(), &thing("Lamp", "Brighter", 4900, "EUR"), &thing("Torch", "Bright", 5200, "EUR"));
        assert_eq!(merge.merged, thing("Torch", "Brighter", 5200, "EUR"));
        assert_eq!(merge.from_theirs, ["name", "price"]);
        assert!(merge.conflicts.is_empty());
    }

    #[test]
    fn merge_of_one_field_changed_twice_conflicts() {
        let merge = merge(&base(), &thing("Mine", "Bright", 4900, "EUR"), &thing("Theirs", "Dim", 4900, "EUR"));
        assert_eq!(merge.conflicts, ["name"]);
        assert_eq!(merge.from_theirs, ["description"]);
        assert_eq!(merge.merged, thing("Mine", "Dim", 4900, "EUR"));
    }

    #[test]
    fn merge_of_equal_changes_is_no_conflict() {
        let change = thing("Torch", "Bright", 4900, "EUR");
        assert_eq!(merge(&base(), &change, &change), Merge { merged: change, from_theirs: vec![], conflicts: vec![] });
    }

    #[test]
    fn merge_without_own_change_takes_theirs() {
        let mut theirs = thing("Torch", "Dim", 1, "USD");
        theirs.insert("is_done".into(), true.into());
        let merge = merge(&base(), &base(), &theirs);
        assert_eq!(merge.merged, theirs);
        assert_eq!(merge.from_theirs, ["name", "description", "price", "is_done"]);
    }

    #[test]
    fn merge_without_their_change_keeps_yours() {
        let yours = thing("Torch", "Dim", 1, "USD");
        assert_eq!(merge(&base(), &yours, &base()), Merge { merged: yours, from_theirs: vec![], conflicts: vec![] });
    }

    #[test]
    fn merge_treats_price_and_currency_as_one() {
        let merge = merge(&base(), &thing("Lamp", "Bright", 4900, "USD"), &thing("Lamp", "Bright", 5200, "EUR"));
        assert_eq!(merge.conflicts, ["price"]);
        assert_eq!(merge.merged, thing("Lamp", "Bright", 4900, "USD"));
    }

    #[test]
    fn merge_takes_a_currency_that_only_they_changed() {
        let merge = merge(&base(), &thing("Mine", "Bright", 4900, "EUR"), &thing("Lamp", "Bright", 4900, "USD"));
        assert_eq!((merge.conflicts, merge.from_theirs), (vec![], vec!["price"]));
        assert_eq!(merge.merged, thing("Mine", "Bright", 4900, "USD"));
    }

    #[test]
    fn merge_takes_a_field_that_they_emptied() {
        let named = |name: &str| values(&Thing { name: name.into(), ..Thing::default() });
        let merge = merge(&base(), &thing("Mine", "Bright", 4900, "EUR"), &named("Lamp"));
        assert_eq!(merge.merged, named("Mine"));
    }

    #[test]
    fn merge_compares_texts_as_they_are() {
        // The same letters, composed and decomposed, are different texts.
        let merge = merge(&base(), &thing("Caf\u{e9}", "🦊", 4900, "EUR"), &thing("Cafe\u{301}", "مصباح", 4900, "EUR"));
        assert_eq!(merge.conflicts, ["name", "description"]);
    }

    #[test]
    fn labels_read_as_a_sentence() {
        assert_eq!(labels(THING, &[]), "");
        assert_eq!(labels(THING, &["name"]), "Name");
        assert_eq!(labels(THING, &["name", "price"]), "Name and Price");
        assert_eq!(labels(THING, &["name", "description", "price"]), "Name, Description and Price");
    }
}
